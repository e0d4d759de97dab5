import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, DARK_SURFACE, DEFAULT_COLOUR, LIGHT_SURFACE, palette, parseColour } from '../src/colour.ts';

const ratio = (one: string, other: string) => contrast(parseColour(one), parseColour(other));

test('the contrast of black on white is 21', () => {
  assert.equal(Math.round(ratio('#000', '#ffffff')), 21);
});

for (const colour of ['#1657c4', '#ffd400', '#fff', '#000', '#777777', '#e91e63', '#00ff88', '#0f766e']) {
  test(`every shade of ${colour} can be read on its ground`, () => {
    const { accent, onAccent, accentOnLight, accentOnDark } = palette(colour);
    for (const [text, ground] of [[onAccent, accent], [accentOnLight, LIGHT_SURFACE], [accentOnDark, DARK_SURFACE]] as const) {
      assert.ok(ratio(text, ground) >= 4.5, `${text} on ${ground}: ${ratio(text, ground)}`);
    }
  });
}

for (const wrong of [null, '', 'red', '#12', 'url(x)', '#1657c4;}*{display:none']) {
  test(`what is no colour gives the default, never CSS: ${wrong}`, () => {
    assert.equal(palette(wrong).accent, DEFAULT_COLOUR);
  });
}

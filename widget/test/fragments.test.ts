import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Fragments, SILENCE } from '../src/fragments.ts';

let posted: [string, boolean][];
let fragments: Fragments<string>;
const say = (text: string) => fragments.put(text, text);

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  posted = [];
  fragments = new Fragments((message, more) => posted.push([message, more]));
});

test('a message waits for the silence and then closes the turn', () => {
  say('o chat travou');
  mock.timers.tick(SILENCE - 1);
  assert.deepEqual(posted, []);
  mock.timers.tick(1);
  assert.deepEqual(posted, [['o chat travou', false]]);
});

test('typing on within the silence posts the message at once as a fragment', () => {
  say('o chat travou');
  mock.timers.tick(SILENCE - 1);
  fragments.typed();
  assert.deepEqual(posted, [['o chat travou', true]]);
  mock.timers.tick(SILENCE * 2);
  assert.equal(posted.length, 1);
});

test('typing after the silence changes nothing', () => {
  say('o chat travou');
  mock.timers.tick(SILENCE);
  fragments.typed();
  assert.deepEqual(posted, [['o chat travou', false]]);
});

for (const text of ['travou.', 'travou!', 'travou?', 'travou? ']) {
  test(`a finished sentence does not wait: ${JSON.stringify(text)}`, () => {
    say(text);
    assert.deepEqual(posted, [[text, false]]);
  });
}

test('a second message makes the first a fragment, even if no key was seen', () => {
  say('o chat');
  say('travou.');
  assert.deepEqual(posted, [['o chat', true], ['travou.', false]]);
});

test('a page that closes in the wait loses nothing and posts nothing twice', () => {
  say('o chat travou');
  fragments.flush();
  mock.timers.tick(SILENCE * 2);
  fragments.flush();
  assert.deepEqual(posted, [['o chat travou', false]]);
});

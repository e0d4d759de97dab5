import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderToString } from 'preact-render-to-string';
import { safeHref } from '../src/rich_text.ts';
import { RichText } from '../src/view/RichText.tsx';

const ORIGIN = 'https://suporte.exemplo.com';
const html = (text: string) => renderToString(<RichText text={text} origin={ORIGIN} />).replace('<div class="rich">', '').replace(/<\/div>$/, '');
const link = (href: string, text: string) => `<a href="${href}" target="_blank" rel="noopener">${text}<span class="sr-only"> (abre em nova aba)</span></a>`;

test('a blank line parts paragraphs and a single break stays a break', () => {
  assert.equal(html('Olá!\nTudo bem?\n\nConte mais.'), '<p>Olá!<br/>Tudo bem?</p><p>Conte mais.</p>');
});

test('bold is bold, and lone asterisks stay as they are', () => {
  assert.equal(html('um **passo** de 2 * 3 ** 4'), '<p>um <strong>passo</strong> de 2 * 3 ** 4</p>');
});

test('lists of both kinds keep their order and their first number', () => {
  assert.equal(html('Confira:\n- **Quem:** Ana\n- Onde: chat\nCerto?'), '<p>Confira:</p><ul><li><strong>Quem:</strong> Ana</li><li>Onde: chat</li></ul><p>Certo?</p>');
  assert.equal(html('3. abrir\n4) salvar'), '<ol start="3"><li>abrir</li><li>salvar</li></ol>');
});

test('an article link to a path leads to the gateway, not to the host page', () => {
  assert.equal(html('[guia](/artigos/a1)'), `<p>${link(`${ORIGIN}/artigos/a1`, 'guia')}</p>`);
});

test('a bare address becomes a link without the full stop that ends the sentence', () => {
  assert.equal(html('Veja https://exemplo.com/a?b=1.'), `<p>Veja ${link('https://exemplo.com/a?b=1', 'https://exemplo.com/a?b=1')}.</p>`);
});

test('an address may hold one pair of brackets', () => {
  assert.equal(html('[a](https://exemplo.com/x_(y))'), `<p>${link('https://exemplo.com/x_(y)', 'a')}</p>`);
});

for (const text of ['<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '**<b onclick=alert(1)>oi</b>**', '- <svg/onload=alert(1)>']) {
  test(`markup in a text is shown, never obeyed: ${text}`, () => {
    assert.doesNotMatch(html(text), /<(img|script|b |svg)/);
    assert.match(html(text), /&lt;/);
  });
}

for (const address of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', '\u0001javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', 'vbscript:x', 'file:///etc/passwd', 'blob:https://exemplo.com/1', 'http://[']) {
  test(`an address of another kind is no link: ${JSON.stringify(address)}`, () => {
    assert.equal(safeHref(address, ORIGIN), null);
    assert.doesNotMatch(html(`[clique](${address})`), /<a /);
  });
}

test('a quote in an address cannot leave its attribute', () => {
  assert.match(html('[a](https://exemplo.com/"onmouseover="alert(1))'), /href="https:\/\/exemplo\.com\/%22onmouseover=%22alert\(1\)"/);
});

test('mail addresses and web addresses are allowed', () => {
  assert.equal(safeHref('mailto:suporte@exemplo.com', ORIGIN), 'mailto:suporte@exemplo.com');
  assert.equal(safeHref('chamados/PC-1', ORIGIN), `${ORIGIN}/chamados/PC-1`);
});

test('a very long line of marks is read in a moment', { timeout: 2_000 }, () => {
  html('**'.repeat(4_000));
  html('['.repeat(8_000));
  html('[a]('.repeat(2_000));
});

import assert from 'node:assert/strict';
import { afterEach, mock, test } from 'node:test';
import { Problem, sentence, Unreachable } from '../src/errors.ts';
import { Gateway } from '../src/gateway.ts';

const ORIGIN = 'https://suporte.exemplo.com';
const message = { id: 'm1', text: 'oi', choice: null, attachments: [], more: false };

function answering(response: () => Response | Promise<Response>) {
  return mock.method(globalThis, 'fetch', async (..._call: Parameters<typeof fetch>) => response());
}

afterEach(() => mock.restoreAll());

test('a message is posted with the identity and outlives the page', async () => {
  const fetched = answering(() => Response.json({ messages: [] }));
  await new Gateway(ORIGIN, 'jwt', () => {}).post('a/b', message);
  const [address, init] = fetched.mock.calls[0]!.arguments as [string, RequestInit];
  assert.equal(address, `${ORIGIN}/api/conversations/a%2Fb/messages`);
  assert.equal((init.headers as Headers).get('authorization'), 'Bearer jwt');
  assert.equal(init.keepalive, true);
  assert.deepEqual(JSON.parse(init.body as string), message);
});

test('a problem is told in its own words, with the wait it asks for', async () => {
  const body = JSON.stringify({ title: 'Erro', detail: 'Aguarde um minuto.' });
  answering(() => new Response(body, { status: 429, headers: { 'Retry-After': '60' } }));
  await assert.rejects(new Gateway(ORIGIN, null, () => {}).history('c'), (error) => {
    assert.ok(error instanceof Problem);
    assert.deepEqual([error.status, sentence(error), error.retryAfter], [429, 'Aguarde um minuto.', 60_000]);
    return true;
  });
});

test('an error page without a problem still gets a sentence', async () => {
  answering(() => new Response('<html>502</html>', { status: 502 }));
  await assert.rejects(new Gateway(ORIGIN, null, () => {}).history('c'), (error) => sentence(error).startsWith('O suporte não conseguiu'));
});

test('a broken network and an answer that is no JSON are both unreachable', async () => {
  answering(() => Promise.reject(new TypeError('failed')));
  await assert.rejects(new Gateway(ORIGIN, null, () => {}).history('c'), Unreachable);
  mock.restoreAll();
  answering(() => new Response('<html>Wi-Fi do hotel</html>'));
  await assert.rejects(new Gateway(ORIGIN, null, () => {}).history('c'), Unreachable);
});

test('a refused identity is told to the host page', async () => {
  answering(() => new Response('{}', { status: 401 }));
  let told = 0;
  await assert.rejects(new Gateway(ORIGIN, 'old', () => (told += 1)).post('c', message));
  assert.equal(told, 1);
});

test('the event stream gives its messages and skips comments and other events', async () => {
  const text = ': oi\n\nevent: message\ndata: {"messages":[{"from":"agent","text":"Olá, é o Davi.","at":"x"}]}\n\nevent: ping\ndata: 1\n\n';
  answering(() => new Response(text));
  const heard: (string | null)[] = [];
  const events = await new Gateway(ORIGIN, null, () => {}).events('c', new AbortController().signal);
  for await (const items of events) heard.push(...items.map((item) => item.text));
  assert.deepEqual(heard, ['Olá, é o Davi.']);
});

test('a file of another host is fetched without the token', async () => {
  const fetched = answering(() => new Response('x'));
  await new Gateway(ORIGIN, 'jwt', () => {}).file('https://outro.exemplo.com/a.png');
  assert.equal(fetched.mock.calls[0]!.arguments[1], undefined);
});

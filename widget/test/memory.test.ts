import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Memory, newId, subjectOf, type Unsent } from '../src/memory.ts';
import { store } from './store.ts';

const unsent = (id: string): Unsent => ({ outgoing: { id, text: id, choice: null, attachments: [], more: false }, shown: id, attachments: [], at: 'x' });
const token = (claims: object) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('each person has their own conversation, and finds it again', () => {
  const shared = store();
  const [ana, bruno] = ['ana@exemplo.com', 'bruno@exemplo.com'].map((subject) => new Memory(shared).conversation(subject));
  assert.notEqual(ana, bruno);
  assert.equal(new Memory(shared).conversation('ana@exemplo.com'), ana);
});

test('a new conversation takes the place of the old one', () => {
  const memory = new Memory(store());
  const old = memory.conversation('');
  const fresh = memory.newConversation('');
  assert.notEqual(fresh, old);
  assert.equal(memory.conversation(''), fresh);
});

test('unsent messages are kept in order, each once, until they are forgotten', () => {
  const memory = new Memory(store());
  for (const id of ['a', 'b', 'a']) memory.keepUnsent('c', unsent(id));
  assert.deepEqual(memory.unsent('c').map(({ outgoing }) => outgoing.id), ['b', 'a']);
  memory.forgetUnsent('c', 'b');
  memory.forgetUnsent('c', 'a');
  assert.deepEqual(memory.unsent('c'), []);
});

test('a full store does not stop a message', () => {
  const full = { ...store(), setItem: () => { throw new DOMException('full', 'QuotaExceededError'); } };
  new Memory(full).keepUnsent('c', unsent('a'));
});

test('the subject is read from the token, whatever letters it holds, and a broken token has none', () => {
  assert.equal(subjectOf(token({ sub: 'ana@exemplo.com' })), 'ana@exemplo.com');
  assert.equal(subjectOf(token({ sub: 'a', name: 'João Ávila >>>???' })), 'a');
  for (const broken of [null, '', 'x', 'a.b.c', token({})]) assert.equal(subjectOf(broken), '');
});

test('an id is a version 4 UUID, with or without the browser making it', () => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.match(newId(), shape);
  const own = crypto.randomUUID;
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  try {
    for (let count = 0; count < 50; count += 1) assert.match(newId(), shape);
  } finally {
    Object.defineProperty(crypto, 'randomUUID', { value: own, configurable: true });
  }
});

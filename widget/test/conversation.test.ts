import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conversation } from '../src/conversation.ts';
import { Problem } from '../src/errors.ts';
import type { Gateway } from '../src/gateway.ts';
import { Memory } from '../src/memory.ts';
import type { HistoryItem, Outgoing } from '../src/wire.ts';
import { store } from './store.ts';

// No page looks on, so nobody listens to the event stream.
const document = { hidden: true };
Object.assign(globalThis, { document });

const AT = '2026-11-24T09:00:00-03:00';

/** A desk that answers every message with its echo and keeps the history; `refuse` is thrown instead while set. */
class Desk {
  readonly posts: Outgoing[] = [];
  readonly said: HistoryItem[] = [];
  refuse: Error | null = null;
  unreadable: Error | null = null;
  streams = 0;

  history = async () => {
    if (this.unreadable) throw this.unreadable;
    return { messages: [...this.said] };
  };

  events = async () => {
    this.streams += 1;
    throw new Problem(404, 'Nada se ouve aqui.');
  };

  post = async (_conversation: string, message: Outgoing) => {
    this.posts.push(message);
    if (this.refuse) throw this.refuse;
    const text = `Você disse: ${message.text ?? message.choice}`;
    this.said.push({ id: message.id, from: 'customer', text: message.text, at: AT }, { id: `re-${message.id}`, from: 'bot', text, at: AT });
    return { messages: [{ id: `re-${message.id}`, text }], asking: 'when' };
  };
}

function talk(desk: Desk, memory = new Memory(store())) {
  let unread = 0;
  const conversation = new Conversation('c', desk as unknown as Gateway, memory, (count) => (unread += count));
  const texts = () => conversation.log.value.map(({ text }) => text);
  return { conversation, memory, texts, unread: () => unread };
}

/** Lets everything under way come to its end. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a conversation that has not begun is an empty one, and is listened to once something was said', async () => {
  const desk = new Desk();
  const { conversation, texts } = talk(desk);
  document.hidden = false;
  await conversation.start();
  assert.deepEqual([texts(), conversation.problem.value, conversation.loading.value], [[], null, false]);
  assert.equal(desk.streams, 0);
  conversation.say('oi.');
  await settle();
  assert.equal(desk.streams, 1);
  document.hidden = true;
});

test('a history that cannot be read says why, until it can', async () => {
  const desk = new Desk();
  desk.unreadable = new Problem(401, 'Sua sessão terminou.');
  const { conversation } = talk(desk);
  await conversation.start();
  assert.equal(conversation.problem.value, 'Sua sessão terminou.');
  desk.unreadable = null;
  await conversation.load();
  assert.equal(conversation.problem.value, null);
});

test('what is sent shows at once, is answered, and is forgotten once delivered', async () => {
  const { conversation, memory, texts, unread } = talk(new Desk());
  conversation.write('o chat travou.');
  conversation.sendDraft();
  assert.deepEqual([texts(), conversation.draft.value, memory.draft('c')], [['o chat travou.'], '', '']);
  assert.equal(memory.unsent('c').length, 1);
  await settle();
  assert.deepEqual(texts(), ['o chat travou.', 'Você disse: o chat travou.']);
  assert.deepEqual([conversation.log.value[0]!.delivery, conversation.asking.value, memory.unsent('c').length, unread()], ['sent', 'when', 0, 1]);
});

test('a choice shows its title and sends its value', async () => {
  const desk = new Desk();
  const { conversation, texts } = talk(desk);
  conversation.choose({ title: 'Sim, abrir', value: '/affirm' });
  await settle();
  assert.equal(texts()[0], 'Sim, abrir');
  assert.deepEqual([desk.posts[0]!.choice, desk.posts[0]!.text, desk.posts[0]!.more], ['/affirm', null, false]);
});

test('a message still waiting for more is closed when something else is sent, and keeps its place', async () => {
  const desk = new Desk();
  const { conversation } = talk(desk);
  conversation.write('o chat travou');
  conversation.sendDraft();
  conversation.say('quero falar com uma pessoa');
  await settle();
  assert.deepEqual(desk.posts.map(({ text, more }) => [text, more]), [['o chat travou', false], ['quero falar com uma pessoa', false]]);
});

test('a refused message says why, and is tried again under the same id', async () => {
  const desk = new Desk();
  const { conversation } = talk(desk);
  desk.refuse = new Problem(401, 'Sua sessão expirou. Entre de novo.');
  conversation.say('oi');
  await settle();
  const [entry] = conversation.log.value;
  assert.deepEqual([entry!.delivery, entry!.problem], ['failed', 'Sua sessão expirou. Entre de novo.']);
  desk.refuse = null;
  conversation.retry(entry!.id!);
  await settle();
  assert.equal(conversation.log.value[0]!.delivery, 'sent');
  assert.equal(new Set(desk.posts.map(({ id }) => id)).size, 1);
});

test('the next page sends what this one could not, once, under the same id', async () => {
  const desk = new Desk();
  const shared = new Memory(store());
  desk.refuse = new Problem(400, 'x');
  talk(desk, shared).conversation.say('não se perca');
  await settle();
  desk.refuse = null;
  const { conversation, texts } = talk(desk, shared);
  await conversation.start();
  assert.deepEqual(texts(), ['não se perca', 'Você disse: não se perca']);
  assert.equal(desk.posts[0]!.id, desk.posts[1]!.id);
  assert.deepEqual(shared.unsent('c'), []);
});

test('a history read while an answer came in is read again', async () => {
  const desk = new Desk();
  desk.said.push({ id: 'b0', from: 'bot', text: 'Bem-vindo de volta.', at: AT });
  const { conversation, texts } = talk(desk);
  const fresh = desk.history;
  desk.history = async () => {
    const stale = await fresh();
    await settle();
    return stale;
  };
  const loading = conversation.load();
  await new Promise((resolve) => setTimeout(resolve, 5));
  conversation.say('oi.');
  await loading;
  assert.deepEqual(texts(), ['Bem-vindo de volta.', 'oi.', 'Você disse: oi.']);
});

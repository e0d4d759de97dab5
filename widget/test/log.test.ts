import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit, answered, chosenAt, type Entry, fromAnswer, fromCustomer, fromServer, openChoices, reconcile } from '../src/log.ts';
import type { HistoryItem, Sender } from '../src/wire.ts';

const AT = '2026-11-24T09:00:00-03:00';
const item = (from: Sender, text: string, more: Partial<HistoryItem> = {}): HistoryItem => ({ from, text, at: AT, ...more });
const mine = (id: string, text: string): Entry =>
  fromCustomer({ outgoing: { id, text, choice: null, attachments: [], more: false }, shown: text, attachments: [], at: AT });
const texts = (log: Entry[]) => log.map(({ text }) => text);
const yesNo = { choices: [{ title: 'Sim', value: '/affirm' }, { title: 'Não', value: '/deny' }] };

test('a message that comes by the answer and by the stream shows once', () => {
  const log = admit([mine('c1', 'oi')], [item('bot', 'Olá!', { id: 'b1' })]);
  assert.deepEqual(texts(answered(log, 'c1', [item('bot', 'Olá!', { id: 'b1' })])), ['oi', 'Olá!']);
});

test('a reply that the stream brought behind a later message is not repeated by its answer', () => {
  const log = admit([mine('c1', 'oi'), mine('c2', 'alô')], [item('bot', 'Olá!', { id: 'b1' })]);
  assert.deepEqual(texts(answered(log, 'c1', [item('bot', 'Olá!', { id: 'b1' })])), ['oi', 'alô', 'Olá!']);
});

test('a reply without an id is known again by its text, whichever way comes first', () => {
  const byAnswer = answered([mine('c1', 'oi')], 'c1', [item('bot', 'Olá!')]);
  const thenStream = admit(byAnswer, [item('bot', 'Olá!', { id: 'b1' })]);
  const thenAnswer = answered(thenStream, 'c1', [item('bot', 'Olá!')]);
  assert.deepEqual(texts(thenAnswer), ['oi', 'Olá!']);
  assert.equal(thenAnswer[1]!.id, 'b1');
  assert.equal(thenAnswer[1]!.key, byAnswer[1]!.key);
});

test('the same words said again in a later turn are shown again, each behind the message it answers', () => {
  const hurried = [mine('c1', 'oi'), mine('c2', 'alô')];
  const first = answered(hurried, 'c1', [item('bot', 'Não entendi.')]);
  const second = answered(first, 'c2', [item('bot', 'Não entendi.')]);
  assert.deepEqual(texts(second), ['oi', 'Não entendi.', 'alô', 'Não entendi.']);
});

test('reading the history keeps the keys, takes its order, and leaves the unsent at the end', () => {
  const log = [mine('c1', 'oi'), fromServer(item('bot', 'Olá!')), mine('c2', 'ainda não saiu')];
  const history = [item('customer', 'oi', { id: 'c1' }), item('bot', 'Olá!', { id: 'b1' }), item('agent', 'Sou o Davi.', { id: 'a1' })];
  const fresh = reconcile(log, history);
  assert.deepEqual(texts(fresh), ['oi', 'Olá!', 'Sou o Davi.', 'ainda não saiu']);
  assert.deepEqual(fresh.slice(0, 2).map(({ key }) => key), log.slice(0, 2).map(({ key }) => key));
});

test('a message is known again by the id it was posted under, and a choice by its title', () => {
  const log = [fromServer(item('bot', 'Posso abrir?', { id: 'b1', ...yesNo })), mine('uuid-1', 'Sim')];
  const said = { ...item('customer', '', { id: 'c7', client_id: 'uuid-1', choice: '/affirm' }), text: null };
  const fresh = reconcile(log, [item('bot', 'Posso abrir?', { id: 'b1', ...yesNo }), said]);
  assert.deepEqual(texts(fresh), ['Posso abrir?', 'Sim']);
  assert.equal(fresh[1]!.key, log[1]!.key);
  assert.equal(chosenAt(fresh, 0), '/affirm');
});

test('a delivered message that the history does not hold is dropped, an undelivered one is not', () => {
  const delivered: Entry = { ...mine('c1', 'oi'), delivery: 'sent' };
  const failed: Entry = { ...mine('c2', 'falhou'), delivery: 'failed' };
  assert.deepEqual(texts(reconcile([delivered, failed], [])), ['falhou']);
});

test('a ticket stays on its message when the history does not repeat it', () => {
  const [reply] = fromAnswer({ messages: [{ text: 'Pronto!' }], ticket: { number: 'PC-1042' } }, AT);
  const log = reconcile(admit([], [reply!]), [item('bot', 'Pronto!', { id: 'b1' })]);
  assert.equal(log[0]!.ticket?.number, 'PC-1042');
});

test('the ticket belongs to the last reply of its answer', () => {
  const replies = fromAnswer({ messages: [{ text: 'Certo.' }, { text: 'Pronto!' }], ticket: { number: 'PC-1042' } }, AT);
  assert.deepEqual(replies.map(({ ticket }) => ticket?.number), [undefined, 'PC-1042']);
});

test('choices are open until the customer speaks, and only the last group is', () => {
  const log = [fromServer(item('bot', 'A?', { id: 'b1', ...yesNo })), fromServer(item('bot', 'B?', { id: 'b2', ...yesNo }))];
  assert.equal(openChoices(log), 'b2');
  assert.equal(openChoices([...log, fromServer(item('agent', 'Oi.', { id: 'a1' }))]), 'b2');
  assert.equal(openChoices([...log, mine('c1', 'talvez')]), null);
});

test('the choice taken is known by what the customer said next', () => {
  const question = fromServer(item('bot', 'Posso abrir?', { id: 'b1', ...yesNo }));
  assert.equal(chosenAt([question, mine('c1', 'Sim')], 0), '/affirm');
  assert.equal(chosenAt([question, mine('c1', 'espera'), mine('c2', 'Sim')], 0), null);
  assert.equal(chosenAt([question], 0), null);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Unreachable } from '../src/errors.ts';
import { Outbox } from '../src/outbox.ts';
import type { Answer, Outgoing } from '../src/wire.ts';

const message = (id: string): Outgoing => ({ id, text: id, choice: null, attachments: [], more: false });

/** An outbox whose door answers as the script says, one step a post; past its end it accepts everything. */
function desk(script: (Error | Answer)[] = []) {
  const posted: string[] = [];
  const waits: number[] = [];
  const state = new Map<string, string>();
  const outbox = new Outbox(
    {
      async post({ id }) {
        posted.push(id);
        const step = script.shift() ?? {};
        if (step instanceof Error) throw step;
        return step;
      },
      onSending: (id) => state.set(id, 'sending'),
      onAnswer: (id) => state.set(id, 'sent'),
      onFailure: (id, error) => state.set(id, (error as Error).message),
    },
    async (milliseconds) => void waits.push(milliseconds),
  );
  return { outbox, posted, waits, state, script };
}

test('messages go out one after the other in the order they were written', async () => {
  let inside = 0;
  const order: string[] = [];
  const post = async ({ id }: Outgoing) => {
    assert.equal(++inside, 1);
    await new Promise((resolve) => setTimeout(resolve, id === 'a' ? 10 : 0));
    order.push(id);
    inside -= 1;
    return {};
  };
  const outbox = new Outbox({ post, onSending() {}, onAnswer() {}, onFailure() {} });
  for (const id of ['a', 'b', 'c']) outbox.add(message(id));
  await outbox.idle();
  assert.deepEqual(order, ['a', 'b', 'c']);
});

test('a lost connection is tried again with the same id and growing waits', async () => {
  const { outbox, posted, waits, state } = desk([new Unreachable(), new Unreachable()]);
  outbox.add(message('a'));
  await outbox.idle();
  assert.deepEqual(posted, ['a', 'a', 'a']);
  assert.equal(state.get('a'), 'sent');
  assert.ok(waits[0]! >= 750 && waits[0]! <= 1_250 && waits[1]! >= 1_500, String(waits));
});

test('the wait that the server names is kept', async () => {
  const { outbox, waits } = desk([new Problem(429, 'Devagar.', 7_000)]);
  outbox.add(message('a'));
  await outbox.idle();
  assert.deepEqual(waits, [7_000]);
});

test('a refusal is not repeated, and those behind it still go out', async () => {
  const { outbox, posted, state } = desk([new Problem(422, 'Texto longo demais.')]);
  outbox.add(message('a'));
  outbox.add(message('b'));
  await outbox.idle();
  assert.deepEqual(posted, ['a', 'b']);
  assert.equal(state.get('a'), 'Texto longo demais.');
  assert.equal(state.get('b'), 'sent');
});

test('after five tries the message and those behind it are given back, and retry sends all in order', async () => {
  const { outbox, posted, state } = desk(Array.from({ length: 5 }, () => new Unreachable()));
  outbox.add(message('a'));
  outbox.add(message('b'));
  await outbox.idle();
  assert.deepEqual(posted, ['a', 'a', 'a', 'a', 'a']);
  assert.equal(state.get('b'), state.get('a'));
  posted.length = 0;
  outbox.retry();
  assert.equal(state.get('a'), 'sending');
  await outbox.idle();
  assert.deepEqual(posted, ['a', 'b']);
  assert.deepEqual([...state.values()], ['sent', 'sent']);
});

test('retrying one message leaves the other failed ones alone', async () => {
  const { outbox, posted } = desk([new Problem(400, 'x'), new Problem(400, 'x')]);
  outbox.add(message('a'));
  outbox.add(message('b'));
  await outbox.idle();
  outbox.retry('b');
  await outbox.idle();
  assert.deepEqual(posted, ['a', 'b', 'b']);
});

test('a message added while an answer is being taken in is sent too', async () => {
  const posted: string[] = [];
  const outbox: Outbox = new Outbox({
    post: async ({ id }) => (posted.push(id), {}),
    onSending() {},
    onAnswer: (id) => void (id === 'a' && outbox.add(message('b'))),
    onFailure() {},
  });
  outbox.add(message('a'));
  await outbox.idle();
  await outbox.idle();
  assert.deepEqual(posted, ['a', 'b']);
});

test('a closing page posts what waits in line without waiting for the answer ahead', async () => {
  const posted: string[] = [];
  const never = new Promise<Answer>(() => {});
  const outbox = new Outbox({ post: ({ id }) => (posted.push(id), never), onSending() {}, onAnswer() {}, onFailure() {} });
  for (const id of ['a', 'b', 'c']) outbox.add(message(id));
  assert.deepEqual(posted, ['a']);
  outbox.hurry();
  assert.deepEqual(posted, ['a', 'b', 'c']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem, Unreachable } from '../src/errors.ts';
import { listen } from '../src/listen.ts';
import type { HistoryItem } from '../src/wire.ts';

const said = (text: string): HistoryItem[] => [{ from: 'agent', text, at: '2026-11-24T09:00:00-03:00' }];

async function* batches(...all: HistoryItem[][]) {
  yield* all;
}

test('a stream that breaks is opened again, and each time the listener is told to catch up', async () => {
  const ear = new AbortController();
  const heard: (string | null)[] = [];
  const waits: number[] = [];
  let opened = 0;
  const stream = {
    async open() {
      opened += 1;
      if (opened === 2) throw new Unreachable();
      return batches(said(`oi ${opened}`));
    },
    onOpen: () => void heard.push('open'),
    onMessages: (items: HistoryItem[]) => void heard.push(items[0]!.text),
  };
  await listen(stream, ear.signal, async (milliseconds) => {
    waits.push(milliseconds);
    if (waits.length === 3) ear.abort();
  });
  assert.deepEqual(heard, ['open', 'oi 1', 'open', 'oi 3']);
  assert.ok(waits[1]! > waits[0]! * 1.1, String(waits));
});

test('a refusal ends the listening', async () => {
  let opened = 0;
  const refused = async () => {
    opened += 1;
    throw new Problem(401, 'Entre de novo.');
  };
  await listen({ open: refused, onOpen() {}, onMessages() {} }, new AbortController().signal, async () => assert.fail('must not wait'));
  assert.equal(opened, 1);
});

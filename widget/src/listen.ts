import { backoff, pause } from './backoff.ts';
import { isTransient, Problem } from './errors.ts';
import type { HistoryItem } from './wire.ts';

interface Stream {
  open(signal: AbortSignal): Promise<AsyncIterable<HistoryItem[]>>;
  /** The stream is up: from now on nothing is missed, so what was said before can be read without a gap. */
  onOpen(): void;
  onMessages(items: HistoryItem[]): void;
}

/** Keeps an event stream open until `signal` aborts or the gateway refuses it for good. */
export async function listen(stream: Stream, signal: AbortSignal, wait = pause): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      const batches = await stream.open(signal);
      stream.onOpen();
      for await (const items of batches) {
        attempt = 0;
        stream.onMessages(items);
      }
    } catch (error) {
      if (error instanceof Problem && !isTransient(error)) return;
    }
    if (!signal.aborted) await wait(backoff(attempt), signal);
  }
}

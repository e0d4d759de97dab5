/** Milliseconds before try number `attempt` (from 0): doubling from one second to half a minute, spread by a quarter. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  return Math.min(30_000, 1_000 * 2 ** attempt) * (0.75 + random() * 0.5);
}

/** Waits, or returns early when the signal ends it. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

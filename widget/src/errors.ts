import { strings } from './strings.ts';

/** No answer came: the network, or a time-out. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super(strings.unreachable, { cause });
  }
}

/** The gateway answered with application/problem+json (RFC 9457); the message is its `detail`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    /** Milliseconds the server asked to wait, if it did. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

/** Worth trying again unchanged: nothing arrived, or the server says that it will pass. */
export function isTransient(error: unknown): boolean {
  if (error instanceof Unreachable) return true;
  return error instanceof Problem && (error.status >= 500 || [408, 425, 429].includes(error.status));
}

/** The sentence to show for an error of any kind. */
export const sentence = (error: unknown): string =>
  error instanceof Problem || error instanceof Unreachable ? error.message : strings.unreachable;

export function problemOf(status: number, body: string, retryAfter: string | null = null): Problem {
  const seconds = Number(retryAfter);
  return new Problem(status, detailOf(body) ?? strings.refused, retryAfter && seconds > 0 ? seconds * 1_000 : null);
}

function detailOf(body: string): string | null {
  try {
    const { detail, title } = JSON.parse(body);
    return [detail, title].find((text) => typeof text === 'string' && text) ?? null;
  } catch {
    return null;
  }
}

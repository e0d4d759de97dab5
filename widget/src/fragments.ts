/** How long a message waits for the person to go on typing, in milliseconds. */
export const SILENCE = 1_200;

const looksFinished = (text: string) => /[.!?]\s*$/.test(text);

/**
 * Decides whether a message just sent is the whole thought or a fragment of it.
 * It is released with `more` false once it looks finished or the silence is over, and with `more` true when typing goes on before.
 */
export class Fragments<T> {
  private held: T | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly release: (message: T, more: boolean) => void) {}

  /** `text` is what the person wrote, by which the message is judged. */
  put(message: T, text: string): void {
    this.typed();
    if (looksFinished(text)) return this.release(message, false);
    this.held = message;
    this.timer = setTimeout(() => this.flush(), SILENCE);
  }

  /** The person typed again. */
  typed(): void {
    this.let(true);
  }

  /** Nothing more is coming: the silence is over, the page closes, or something other than typing was sent. */
  flush(): void {
    this.let(false);
  }

  private let(more: boolean): void {
    clearTimeout(this.timer);
    const message = this.held;
    this.held = null;
    if (message) this.release(message, more);
  }
}

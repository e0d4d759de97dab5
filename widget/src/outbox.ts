import { backoff, pause } from './backoff.ts';
import { isTransient, Problem } from './errors.ts';
import type { Answer, Outgoing } from './wire.ts';

const TRIES = 5;

interface Door {
  post(message: Outgoing): Promise<Answer>;
  onSending(id: string): void;
  onAnswer(id: string, answer: Answer): void;
  onFailure(id: string, error: unknown): void;
}

/**
 * Sends messages one after the other, in the order they were written. A message keeps its id however often it is tried.
 * Passing trouble is tried five times with growing waits; then it and those behind it are given back as failed until `retry`.
 */
export class Outbox {
  private readonly queue: Outgoing[] = [];
  private readonly failed = new Map<string, Outgoing>();
  private running: Promise<void> | null = null;

  constructor(
    private readonly door: Door,
    private readonly wait: (milliseconds: number) => Promise<void> = pause,
  ) {}

  add(message: Outgoing): void {
    this.queue.push(message);
    this.door.onSending(message.id);
    this.start();
  }

  /** Sends a failed message again, or all of them in their order. */
  retry(id?: string): void {
    const again = [...this.failed.values()].filter((message) => !id || message.id === id);
    for (const message of again) {
      this.failed.delete(message.id);
      this.add(message);
    }
  }

  /** Posts all that waits in line at once, for a page about to close: nobody will read the answers. */
  hurry(): void {
    for (const message of this.queue.slice(1)) void this.door.post(message).catch(() => undefined);
  }

  /** Resolves once nothing is on its way. */
  async idle(): Promise<void> {
    await this.running;
  }

  private start(): void {
    this.running ??= this.drain().finally(() => {
      this.running = null;
      if (this.queue.length) this.start();
    });
  }

  private async drain(): Promise<void> {
    for (let message = this.queue[0]; message; message = this.queue[0]) {
      const { id } = message;
      await this.tried(message).then(
        (answer) => (this.queue.shift(), this.door.onAnswer(id, answer)),
        (error: unknown) => this.giveBack(isTransient(error) ? this.queue.splice(0) : this.queue.splice(0, 1), error),
      );
    }
  }

  private async tried(message: Outgoing): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.door.post(message);
      } catch (error) {
        if (attempt + 1 >= TRIES || !isTransient(error)) throw error;
        await this.wait((error instanceof Problem && error.retryAfter) || backoff(attempt));
      }
    }
  }

  private giveBack(messages: Outgoing[], error: unknown): void {
    for (const message of messages) {
      this.failed.set(message.id, message);
      this.door.onFailure(message.id, error);
    }
  }
}

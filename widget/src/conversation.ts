import { signal } from '@preact/signals';
import { sentence } from './errors.ts';
import { Fragments } from './fragments.ts';
import type { Gateway } from './gateway.ts';
import { listen } from './listen.ts';
import { admit, answered, type Entry, fromAnswer, fromCustomer, reconcile, type Shown } from './log.ts';
import { type Memory, newId } from './memory.ts';
import { Outbox } from './outbox.ts';
import { strings } from './strings.ts';
import { attachmentOf, Uploads } from './uploads.ts';
import type { Answer, Choice, HistoryItem, Outgoing } from './wire.ts';

/** One conversation with the desk: what was said, what is being written, and what is on its way. */
export class Conversation {
  readonly log = signal<Entry[]>([]);
  readonly draft = signal('');
  readonly asking = signal<string | null>(null);
  readonly loading = signal(true);
  /** Why the history could not be read. */
  readonly problem = signal<string | null>(null);
  /** An answer is being waited for. */
  readonly waiting = signal(false);
  readonly uploads: Uploads;

  private readonly fragments = new Fragments<Outgoing>((message, more) => this.outbox.add({ ...message, more }));
  private readonly outbox = new Outbox({
    post: (message) => this.post(message),
    onSending: (id) => this.mark(id, { delivery: 'sending', problem: null }),
    onAnswer: (id, answer) => this.takeIn(id, answer),
    onFailure: (id, error) => this.mark(id, { delivery: 'failed', problem: sentence(error) }),
  });
  /** Counts what came in, so that a history read meanwhile is known to be stale. */
  private arrivals = 0;
  /** Something was said, so that more may come: an event stream is worth its connection. */
  private begun = false;
  private left = false;
  private ear: AbortController | null = null;

  constructor(
    readonly id: string,
    private readonly gateway: Gateway,
    private readonly memory: Memory,
    private readonly onArrival: (count: number) => void,
  ) {
    this.uploads = new Uploads(gateway, id);
    this.draft.value = memory.draft(id);
  }

  /** Reads the history, then sends again what an earlier page could not. */
  async start(): Promise<void> {
    const unsent = this.memory.unsent(this.id);
    this.log.value = unsent.map(fromCustomer);
    await this.load();
    if (!unsent.length) return;
    for (const { outgoing } of unsent) this.outbox.add(outgoing);
    await this.load();
  }

  /** Stops listening; what is on its way still goes out. */
  stop(): void {
    this.left = true;
    this.fragments.flush();
    this.hush();
  }

  /** Reads the history again, once nothing is on its way, until it is as fresh as the log. */
  async load(): Promise<void> {
    let seen: number;
    do {
      await this.outbox.idle();
      seen = this.arrivals;
      await this.read();
    } while (seen !== this.arrivals);
    this.loading.value = false;
  }

  write(text: string): void {
    this.draft.value = text;
    this.memory.keepDraft(this.id, text);
    if (text) this.fragments.typed();
  }

  /** Sends the draft with the files in the tray. False where there is nothing to send yet. */
  sendDraft(): boolean {
    const text = this.draft.value.trim();
    if (this.uploads.busy) this.uploads.notice.value = strings.waitForUploads;
    if (this.uploads.busy) return false;
    const files = this.uploads.take();
    if (!text && !files.length) return false;
    this.write('');
    const attachments = files.map(attachmentOf);
    const message = this.keep({ text: text || null, attachments: files.map(({ id }) => id!) }, text, attachments);
    if (files.length) this.release(message);
    else this.fragments.put(message, text);
    return true;
  }

  choose({ title, value }: Choice): void {
    this.release(this.keep({ choice: value }, title));
  }

  say(text: string): void {
    this.release(this.keep({ text }, text));
  }

  retry(id?: string): void {
    this.outbox.retry(id);
  }

  /** Tries again whatever failed, after the connection or the identity came back. */
  recover(): void {
    this.outbox.retry();
    if (this.problem.value) void this.load();
    this.hush();
    this.hear();
  }

  /** The page is going away: nothing may wait any longer. */
  leave(): void {
    this.fragments.flush();
    this.outbox.hurry();
  }

  /** Listens only while somebody looks: a browser allows few open streams to one host over HTTP/1.1. */
  attend(visible: boolean): void {
    if (!visible) {
      this.fragments.flush();
      this.hush();
    } else this.hear();
  }

  private release(message: Outgoing): void {
    this.fragments.flush();
    this.outbox.add(message);
  }

  private keep(said: Partial<Outgoing>, shown: string, attachments: Shown[] = []): Outgoing {
    const outgoing = { id: newId(), text: null, choice: null, attachments: [], more: false, ...said };
    const message = { outgoing, shown, attachments, at: new Date().toISOString() };
    this.memory.keepUnsent(this.id, { ...message, attachments: attachments.map(({ local: _, ...file }) => file) });
    this.log.value = [...this.log.value, fromCustomer(message)];
    return outgoing;
  }

  private async post(message: Outgoing): Promise<Answer> {
    this.waiting.value = !message.more;
    try {
      return await this.gateway.post(this.id, message);
    } finally {
      this.waiting.value = false;
    }
  }

  private takeIn(id: string, answer: Answer): void {
    this.memory.forgetUnsent(this.id, id);
    this.mark(id, { delivery: 'sent' });
    this.begin();
    if (answer.pending) return;
    this.asking.value = answer.asking ?? null;
    this.show(answered(this.log.value, id, fromAnswer(answer, new Date().toISOString())));
  }

  private show(log: Entry[]): void {
    const count = log.length - this.log.value.length;
    this.log.value = log;
    this.arrivals += 1;
    this.onArrival(count);
  }

  private mark(id: string, news: Partial<Entry>): void {
    this.log.value = this.log.value.map((entry) => (entry.id === id ? { ...entry, ...news } : entry));
  }

  private async read(): Promise<void> {
    try {
      const { messages, asking } = await this.gateway.history(this.id);
      this.log.value = reconcile(this.log.value, messages);
      this.asking.value = asking ?? null;
      this.problem.value = null;
      if (messages.length) this.begin();
    } catch (error) {
      this.problem.value = sentence(error);
    }
  }

  private begin(): void {
    this.begun = true;
    this.hear();
  }

  private hear(): void {
    if (!this.begun || this.left || this.ear || document.hidden) return;
    this.ear = new AbortController();
    const { signal } = this.ear;
    const stream = {
      open: () => this.gateway.events(this.id, signal),
      onOpen: () => void this.load(),
      onMessages: (items: HistoryItem[]) => this.show(admit(this.log.value, items)),
    };
    void listen(stream, signal);
  }

  private hush(): void {
    this.ear?.abort();
    this.ear = null;
  }
}

import { effect, signal, type Signal } from '@preact/signals';
import { Conversation } from './conversation.ts';
import { Gateway } from './gateway.ts';
import { Memory, subjectOf } from './memory.ts';

/** The person at this page: who they are, which conversation they are in, and how they like the window. */
export class Session {
  readonly conversation: Signal<Conversation>;
  /** The conversation left by "Nova conversa", until something is said in the new one. */
  readonly previous = signal<string | null>(null);
  readonly open = signal(false);
  readonly large = signal(false);
  readonly unread = signal(0);
  readonly online = signal(navigator.onLine);

  private readonly gateway: Gateway;

  constructor(
    readonly origin: string,
    token: string | null,
    onUnauthorized: () => void,
    private readonly memory = new Memory(),
  ) {
    this.gateway = new Gateway(origin, token, onUnauthorized);
    this.large.value = memory.large;
    this.conversation = signal(this.enter(memory.conversation(this.subject)));
    effect(() => void (this.memory.large = this.large.value));
    effect(() => void (this.open.value && (this.unread.value = 0)));
    this.watchPage();
  }

  /** A fresh token of the same person goes on with the conversation; one of another person opens theirs. */
  setToken(token: string | null): void {
    const before = this.subject;
    this.gateway.token = token;
    if (this.subject === before) this.conversation.value.recover();
    else this.move(this.memory.conversation(this.subject));
  }

  fetchFile = (url: string): Promise<Blob> => this.gateway.file(url);

  startOver(): void {
    const left = this.conversation.value.id;
    this.move(this.memory.newConversation(this.subject));
    this.previous.value = left;
  }

  goBack(): void {
    if (!this.previous.value) return;
    this.memory.resume(this.subject, this.previous.value);
    this.move(this.previous.value);
  }

  private get subject(): string {
    return subjectOf(this.gateway.token);
  }

  private move(id: string): void {
    this.conversation.value.stop();
    this.previous.value = null;
    this.unread.value = 0;
    this.conversation.value = this.enter(id);
  }

  private enter(id: string): Conversation {
    const conversation = new Conversation(id, this.gateway, this.memory, (count) => {
      if (!this.open.value && this.conversation.value === conversation) this.unread.value += count;
    });
    void conversation.start();
    return conversation;
  }

  private watchPage(): void {
    addEventListener('online', () => this.connected(true));
    addEventListener('offline', () => this.connected(false));
    addEventListener('pagehide', () => this.conversation.value.leave());
    document.addEventListener('visibilitychange', () => this.conversation.value.attend(!document.hidden));
  }

  private connected(online: boolean): void {
    this.online.value = online;
    if (online) this.conversation.value.recover();
  }
}

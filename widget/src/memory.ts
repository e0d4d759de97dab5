import type { Attachment, Outgoing } from './wire.ts';

/** A message on its way, as kept for the next page. */
export interface Unsent {
  outgoing: Outgoing;
  /** What the log shows for it: its text, or the title of the choice. */
  shown: string;
  attachments: Attachment[];
  at: string;
}

/** Stands in where the browser blocks localStorage: remembers until the page closes. */
class Forgetful {
  private readonly values = new Map<string, string>();
  getItem = (key: string) => this.values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.values.set(key, value);
  removeItem = (key: string) => void this.values.delete(key);
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** localStorage where it may be used, or a stand-in. */
export function browserStore(): Store {
  try {
    localStorage.setItem('triagem:probe', '1');
    localStorage.removeItem('triagem:probe');
    return localStorage;
  } catch {
    return new Forgetful();
  }
}

/** crypto.randomUUID exists only on https and localhost; an intranet page over http gets the same by hand. */
export function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (Number(digit) ^ (crypto.getRandomValues(new Uint8Array(1))[0]! & (15 >> (Number(digit) / 4)))).toString(16),
  );
}

/** Who a token speaks for, unverified: it only chooses whose conversation to open. */
export function subjectOf(token: string | null): string {
  try {
    const payload = token!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    return JSON.parse(atob(payload)).sub ?? '';
  } catch {
    return '';
  }
}

/** What outlives the page: the conversation of each person, its draft and its unsent messages, and the window's size. */
export class Memory {
  constructor(private readonly store: Store = browserStore()) {}

  conversation(subject: string): string {
    return this.store.getItem(`triagem:conversation:${subject}`) ?? this.newConversation(subject);
  }

  newConversation(subject: string): string {
    const id = newId();
    this.resume(subject, id);
    return id;
  }

  resume(subject: string, id: string): void {
    this.put(`triagem:conversation:${subject}`, id);
  }

  draft = (id: string) => this.store.getItem(`triagem:draft:${id}`) ?? '';
  keepDraft = (id: string, text: string) => this.put(`triagem:draft:${id}`, text);

  unsent(id: string): Unsent[] {
    return JSON.parse(this.store.getItem(`triagem:unsent:${id}`) || '[]');
  }

  keepUnsent(id: string, message: Unsent): void {
    const others = this.unsent(id).filter(({ outgoing }) => outgoing.id !== message.outgoing.id);
    this.put(`triagem:unsent:${id}`, JSON.stringify([...others, message]));
  }

  forgetUnsent(id: string, message: string): void {
    const others = this.unsent(id).filter(({ outgoing }) => outgoing.id !== message);
    this.put(`triagem:unsent:${id}`, others.length ? JSON.stringify(others) : '');
  }

  get open(): boolean {
    return this.store.getItem('triagem:open') === '1';
  }
  set open(open: boolean) {
    this.put('triagem:open', open ? '1' : '');
  }

  get large(): boolean {
    return this.store.getItem('triagem:large') === '1';
  }
  set large(large: boolean) {
    this.put('triagem:large', large ? '1' : '');
  }

  private put(key: string, value: string): void {
    try {
      if (value) this.store.setItem(key, value);
      else this.store.removeItem(key);
    } catch {
      // The store is full: what is said still goes out, it only does not outlive the page.
    }
  }
}

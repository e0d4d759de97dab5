import { newId, type Unsent } from './memory.ts';
import type { Answer, Article, Attachment, Choice, HistoryItem, Sender, TicketRef } from './wire.ts';

export type Delivery = 'sending' | 'sent' | 'failed';

/** An attachment; one sent from this page has a blob: address of its own too. */
export type Shown = Attachment & { local?: string };

/** A message as the log shows it. */
export interface Entry {
  /** Stays the same for as long as the page is open, so that nothing is drawn or read aloud twice. */
  key: string;
  /** The server's id; for the customer's own, the one it was posted under. */
  id: string | null;
  from: Sender;
  text: string;
  choices: Choice[];
  articles: Article[];
  attachments: Shown[];
  ticket: TicketRef | null;
  at: string;
  /** Null for everything that came from the server. */
  delivery: Delivery | null;
  /** Why it could not be delivered. */
  problem: string | null;
}

const idOf = (item: HistoryItem) => item.client_id ?? item.id ?? null;

export function fromServer(item: HistoryItem): Entry {
  const id = idOf(item);
  return {
    key: id ?? newId(),
    id,
    from: item.from,
    text: item.text ?? '',
    choices: item.choices ?? [],
    articles: item.articles ?? [],
    attachments: item.attachments ?? [],
    ticket: item.ticket ?? null,
    at: item.at,
    delivery: null,
    problem: null,
  };
}

export function fromCustomer({ outgoing, shown, attachments, at }: Unsent): Entry {
  return { ...fromServer({ id: outgoing.id, from: 'customer', text: shown, attachments, at }), delivery: 'sending' };
}

/** The bot's replies; a ticket filed with them belongs to the last. */
export function fromAnswer({ messages = [], ticket = null }: Answer, at: string): HistoryItem[] {
  const last = messages.at(-1);
  return messages.map((reply) => ({ ...reply, from: 'bot', at, ticket: reply === last ? ticket : null }));
}

/** Replies may come without an id first and with one later; until then their text tells. */
function isSame(known: Entry, item: HistoryItem): boolean {
  const id = idOf(item);
  return known.id && id ? known.id === id : known.from === item.from && known.text === (item.text ?? '');
}

/** A choice is kept by its value; what the customer saw and said is its title. */
function withTitles(items: HistoryItem[]): HistoryItem[] {
  const titles = new Map<string, string>();
  return items.map((item) => {
    for (const { title, value } of item.choices ?? []) titles.set(value, title);
    return item.choice ? { ...item, text: item.text ?? titles.get(item.choice) ?? item.choice } : item;
  });
}

function refreshed(known: Entry, item: HistoryItem): Entry {
  const news = fromServer(item);
  const { key, delivery, problem } = known;
  const attachments = news.attachments.map((file, at) => ({ ...known.attachments[at], ...file }));
  return { ...news, key, delivery, problem, attachments, id: news.id ?? known.id, ticket: news.ticket ?? known.ticket };
}

/** The log with what arrived on the event stream: each message once, by whichever way it came first. */
export function admit(log: Entry[], items: HistoryItem[]): Entry[] {
  return items.reduce((entries, item) => {
    const at = entries.findLastIndex((known) => isSame(known, item));
    const known = entries[at];
    return known ? entries.with(at, refreshed(known, item)) : [...entries, fromServer(item)];
  }, log);
}

/** The log with the answer to message `id`: behind that message and before the customer's next, where the history will have it too. */
export function answered(log: Entry[], id: string, items: HistoryItem[]): Entry[] {
  const isHere = (item: HistoryItem) => log.some((entry) => entry.id !== null && entry.id === idOf(item));
  const start = log.findIndex((entry) => entry.id === id) + 1;
  const next = log.findIndex(({ from }, at) => at >= start && from === 'customer');
  const end = next < 0 ? log.length : next;
  const fresh = items.filter((item) => !isHere(item));
  const placed = [...log.slice(0, start), ...admit(log.slice(start, end), fresh), ...log.slice(end)];
  return admit(placed, items.filter(isHere));
}

/** The log after the whole history was read: the server's order and content, this page's keys, and what is still unsent at the end. */
export function reconcile(log: Entry[], history: HistoryItem[]): Entry[] {
  const rest = [...log];
  const kept = withTitles(history).map((item) => {
    const at = rest.findIndex((known) => isSame(known, item));
    const [known] = at < 0 ? [] : rest.splice(at, 1);
    return known ? refreshed(known, item) : fromServer(item);
  });
  return [...kept, ...rest.filter(({ delivery }) => delivery === 'sending' || delivery === 'failed')];
}

/** The key of the message whose choices may still be pressed: the last one with choices, unless the customer spoke since. */
export function openChoices(log: Entry[]): string | null {
  const last = log.findLast(({ from, choices }) => from === 'customer' || choices.length);
  return last && last.from !== 'customer' ? last.key : null;
}

/** The value of the choice the customer took at entry `at`: their next message bears its title. */
export function chosenAt(log: Entry[], at: number): string | null {
  const said = log.slice(at + 1).find(({ from }) => from === 'customer')?.text;
  return log[at]?.choices.find(({ title, value }) => said === title || said === value)?.value ?? null;
}

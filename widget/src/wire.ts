/** What travels between the widget and the gateway. */

export interface Choice {
  title: string;
  value: string;
}

export interface Article {
  id: string;
  title: string;
  passage: string;
  url: string;
  score?: number;
}

export interface Attachment {
  name: string;
  mime: string;
  /** Bytes. */
  size: number;
  url?: string;
  /** Address of a small picture; null for what none is made of. */
  thumbnail?: string | null;
}

export interface Uploaded extends Attachment {
  id: string;
}

export interface TicketRef {
  number: string;
}

export type Sender = 'customer' | 'bot' | 'agent';

/** A message in the history or on the event stream. */
export interface HistoryItem {
  id?: string;
  /** The id under which the customer posted it. */
  client_id?: string;
  from: Sender;
  text: string | null;
  /** What the customer chose instead of writing: the value of a choice offered before. */
  choice?: string | null;
  choices?: Choice[];
  articles?: Article[];
  attachments?: Attachment[];
  ticket?: TicketRef | null;
  /** ISO 8601 with offset. */
  at: string;
}

export interface History {
  messages: HistoryItem[];
  asking?: string | null;
}

/** What the customer says. `id` is the client's own: posting it twice does nothing twice. */
export interface Outgoing {
  id: string;
  text: string | null;
  choice: string | null;
  /** Upload ids. */
  attachments: string[];
  /** True while the person is still typing the same thought: kept, not answered. */
  more: boolean;
}

export type Reply = Pick<HistoryItem, 'id' | 'text' | 'choices' | 'articles'>;

export interface Answer {
  messages?: Reply[];
  asking?: string | null;
  outcome?: string | null;
  ticket?: TicketRef | null;
  pending?: boolean;
}

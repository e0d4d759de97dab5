import { EventSourceParserStream } from 'eventsource-parser/stream';
import { Problem, problemOf, Unreachable } from './errors.ts';
import type { Answer, History, HistoryItem, Outgoing, Uploaded } from './wire.ts';

const PATIENCE = 60_000;

/** The gateway's conversation API. Every call throws `Problem` or `Unreachable`, nothing else. */
export class Gateway {
  constructor(
    /** Where the script came from, e.g. https://suporte.exemplo.com */
    readonly origin: string,
    public token: string | null,
    private readonly onUnauthorized: () => void,
  ) {}

  async history(conversation: string): Promise<History> {
    return parsed(await this.text(this.path(conversation, 'messages'), { signal: AbortSignal.timeout(PATIENCE) }));
  }

  /** `keepalive` lets the post outlive the page: a message sent just before it closes still arrives. */
  async post(conversation: string, message: Outgoing): Promise<Answer> {
    return parsed(await this.text(this.path(conversation, 'messages'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(message),
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
    }));
  }

  /** Opens the event stream; what it gives back ends when the server closes it or `signal` aborts. */
  async events(conversation: string, signal: AbortSignal): Promise<AsyncGenerator<HistoryItem[]>> {
    const response = await this.request(this.path(conversation, 'events'), { headers: { Accept: 'text/event-stream' }, signal });
    return messagesIn(response);
  }

  /** The bytes behind an attachment's address. Other origins never see the token. */
  async file(url: string): Promise<Blob> {
    const address = new URL(url, this.origin);
    const own = address.origin === this.origin;
    return unbroken(async () => (own ? await this.request(address.pathname + address.search) : await fetch(address)).blob());
  }

  /** XMLHttpRequest, because fetch cannot tell how much of an upload is done. `onProgress` gets 0 to 1. */
  upload(conversation: string, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
    return new Promise((resolve, reject) => {
      const call = new XMLHttpRequest();
      call.open('POST', this.origin + this.path(conversation, 'attachments'));
      for (const [name, value] of this.identity()) call.setRequestHeader(name, value);
      call.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
      call.onload = () => resolve(this.uploaded(call));
      call.onerror = call.onabort = () => reject(new Unreachable());
      signal.addEventListener('abort', () => call.abort());
      const form = new FormData();
      form.set('file', file, file.name);
      call.send(form);
    });
  }

  private async uploaded(call: XMLHttpRequest): Promise<Uploaded> {
    if (call.status < 300) return parsed(call.responseText);
    if (call.status === 401) this.onUnauthorized();
    throw problemOf(call.status, call.responseText);
  }

  private path(conversation: string, what: string): string {
    return `/api/conversations/${encodeURIComponent(conversation)}/${what}`;
  }

  private identity(): Headers {
    return new Headers(this.token ? { Authorization: `Bearer ${this.token}` } : {});
  }

  private text(path: string, init: RequestInit): Promise<string> {
    return unbroken(async () => (await this.request(path, init)).text());
  }

  private async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = this.identity();
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    const response = await unbroken(() => fetch(this.origin + path, { ...init, headers }));
    if (response.ok) return response;
    if (response.status === 401) this.onUnauthorized();
    throw problemOf(response.status, await response.text().catch(() => ''), response.headers.get('Retry-After'));
  }
}

/** Whatever breaks on the way, in the headers or in the body, is the network's fault. */
async function unbroken<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof Problem ? error : new Unreachable(error);
  }
}

/** An answer that is no JSON comes from something in between, such as the sign-in page of a hotel's network. */
function parsed<T>(text: string): T {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unreachable(error);
  }
}

async function* messagesIn({ body }: Response): AsyncGenerator<HistoryItem[]> {
  if (!body) return;
  const text = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>);
  const events = text.pipeThrough(new EventSourceParserStream()).getReader();
  for (let next = await events.read(); !next.done; next = await events.read()) {
    if (next.value.event === 'message' || !next.value.event) yield parsed<History>(next.value.data).messages;
  }
}

import { CircleAlert, RotateCw } from 'lucide';
import type { Entry } from '../log.ts';
import { strings, timeOf } from '../strings.ts';
import type { Choice } from '../wire.ts';
import { ArticleCard, TicketCard } from './Cards.tsx';
import { Choices } from './Choices.tsx';
import { type FetchFile, Files } from './Files.tsx';
import { Icon } from './Icon.tsx';
import { RichText } from './RichText.tsx';

interface Props {
  entry: Entry;
  origin: string;
  /** First of a row by the same person: named. */
  first: boolean;
  /** Last of a row: dated. */
  last: boolean;
  choicesOpen: boolean;
  chosen: string | null;
  fetchFile: FetchFile;
  onChoose: (choice: Choice) => void;
  onRetry: () => void;
}

export function Message({ entry, origin, first, last, choicesOpen, chosen, fetchFile, onChoose, onRetry }: Props) {
  const mine = entry.from === 'customer';
  return (
    <div class={`message ${entry.from}`}>
      {first && <span class={mine ? 'sr-only' : 'sender'}>{strings.senders[entry.from]}</span>}
      {entry.text && <div class="bubble">{mine ? <p class="plain">{entry.text}</p> : <RichText text={entry.text} origin={origin} />}</div>}
      {entry.attachments.length > 0 && <Files files={entry.attachments} fetchFile={fetchFile} />}
      {entry.articles.map((article) => <ArticleCard key={article.id} article={article} origin={origin} />)}
      {entry.ticket && <TicketCard ticket={entry.ticket} origin={origin} />}
      {entry.choices.length > 0 && <Choices choices={entry.choices} open={choicesOpen} chosen={chosen} onChoose={onChoose} />}
      <Stamp entry={entry} last={last} />
      {entry.problem && <Failure problem={entry.problem} onRetry={onRetry} />}
    </div>
  );
}

/** Time and delivery: under the last of a row, and wherever something is not sent yet. */
function Stamp({ entry: { at, delivery }, last }: { entry: Entry; last: boolean }) {
  const unsent = delivery === 'sending' || delivery === 'failed';
  if (!last && !unsent) return null;
  return (
    <span class={`stamp ${delivery ?? ''}`}>
      {unsent ? strings.delivery[delivery] : <time dateTime={at}>{timeOf(at)}</time>}
      {delivery === 'sent' && ` · ${strings.delivery.sent}`}
    </span>
  );
}

export function Failure({ problem, onRetry }: { problem: string; onRetry: () => void }) {
  return (
    <div class="failure">
      <p><Icon node={CircleAlert} size={16} /> {problem}</p>
      <button type="button" onClick={onRetry}><Icon node={RotateCw} size={14} /> {strings.retry}</button>
    </div>
  );
}

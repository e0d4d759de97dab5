import { ArrowDown } from 'lucide';
import { Fragment, type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Conversation } from '../conversation.ts';
import { chosenAt, type Entry, openChoices } from '../log.ts';
import { dayOf, strings } from '../strings.ts';
import type { Choice } from '../wire.ts';
import type { FetchFile } from './Files.tsx';
import { Icon } from './Icon.tsx';
import { Failure, Message } from './Message.tsx';
import { Welcome } from './Welcome.tsx';

const ROW_PAUSE = 5 * 60_000;
const NEAR_END = 48;

type Box = RefObject<HTMLDivElement | null>;

interface Props {
  box: Box;
  conversation: Conversation;
  origin: string;
  fetchFile: FetchFile;
  onChoose: (choice: Choice) => void;
}

export function Log({ box, conversation, origin, fetchFile, onChoose }: Props) {
  const log = conversation.log.value;
  const waiting = conversation.waiting.value;
  const { missed, toEnd } = useStickyEnd(box, log, waiting);
  const open = openChoices(log);
  return (
    <div class="log-frame">
      <div class="log" role="log" aria-label={strings.log} aria-live="polite" aria-relevant="additions" aria-busy={conversation.loading.value} tabIndex={0} ref={box}>
        {!conversation.loading.value && !log.length && !conversation.problem.value && <Welcome onSay={(text) => conversation.say(text)} />}
        {conversation.loading.value && !log.length && <p class="small centred">{strings.loading}</p>}
        {log.map((entry, at) => (
          <Fragment key={entry.key}>
            {!sameDay(log[at - 1], entry) && <p class="day">{dayOf(entry.at)}</p>}
            <Message
              entry={entry} origin={origin}
              first={!sameRow(log[at - 1], entry)} last={!sameRow(entry, log[at + 1])}
              choicesOpen={entry.key === open} chosen={chosenAt(log, at)}
              fetchFile={fetchFile} onChoose={onChoose} onRetry={() => conversation.retry(entry.id!)}
            />
          </Fragment>
        ))}
        {waiting && <Typing />}
        {conversation.problem.value && <Failure problem={conversation.problem.value} onRetry={() => void conversation.load()} />}
      </div>
      {missed && (
        <button type="button" class="pill" onClick={toEnd}><Icon node={ArrowDown} size={16} /> {strings.newMessages}</button>
      )}
    </div>
  );
}

function Typing() {
  return <div class="typing"><span class="sr-only">{strings.typing}</span><i /><i /><i /></div>;
}

const sameDay = (one: Entry | undefined, other: Entry) => one !== undefined && dayOf(one.at) === dayOf(other.at);

function sameRow(one: Entry | undefined, other: Entry | undefined): boolean {
  if (!one || !other || one.from !== other.from || !sameDay(one, other)) return false;
  return Date.parse(other.at) - Date.parse(one.at) < ROW_PAUSE;
}

interface StickyEnd {
  /** Something came while the reader was further up. */
  missed: boolean;
  toEnd: () => void;
}

/** Keeps the end in sight, unless the reader scrolled up; what they say themselves always brings them back. */
function useStickyEnd(box: Box, log: Entry[], waiting: boolean): StickyEnd {
  const atEnd = useRef(true);
  const count = useRef(0);
  const [missed, setMissed] = useState(false);
  const toEnd = () => box.current && (box.current.scrollTop = box.current.scrollHeight);

  useEffect(() => {
    const element = box.current!;
    const onScroll = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
      if (atEnd.current) setMissed(false);
    };
    const keepEnd = new ResizeObserver(() => void (atEnd.current && toEnd()));
    element.addEventListener('scroll', onScroll, { passive: true });
    keepEnd.observe(element);
    return () => keepEnd.disconnect();
  }, []);

  useLayoutEffect(() => {
    const grew = log.length > count.current;
    count.current = log.length;
    if (atEnd.current || (grew && log.at(-1)?.from === 'customer')) toEnd();
    else if (grew) setMissed(true);
  }, [log, waiting]);

  return { missed, toEnd };
}

import { WifiOff } from 'lucide';
import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Session } from '../session.ts';
import { strings } from '../strings.ts';
import type { Choice } from '../wire.ts';
import { Composer } from './Composer.tsx';
import { Header } from './Header.tsx';
import { Icon } from './Icon.tsx';
import { Log } from './Log.tsx';
import { useDialog } from './use_dialog.ts';

export interface PanelProps {
  session: Session;
  /** A page of its own: always open, fills its place. */
  asPage: boolean;
  /** The person wants to close it. */
  onClose: () => void;
  /** It is out of sight, and the page behind may take the focus again. */
  onHidden: () => void;
  /** Filled in with what puts the keyboard where one writes. */
  focusTarget: { current: (() => void) | null };
}

/** On a touch screen focus in the field would pull up the keyboard over what was just said. */
const prefersKeyboard = () => matchMedia('(pointer: fine)').matches;

export function Panel({ session, asPage, onClose, onHidden, focusTarget }: PanelProps) {
  const conversation = session.conversation.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const focus = () => requestAnimationFrame(() => (prefersKeyboard() ? field.current : log.current)?.focus());
  focusTarget.current = focus;

  const choose = (choice: Choice) => (conversation.choose(choice), focus());
  return (
    <Frame asPage={asPage} session={session} onClose={onClose} onHidden={onHidden}>
      <DropZone onFiles={(files) => conversation.uploads.add(files)}>
        <Header
          large={session.large.value}
          onResize={asPage ? null : () => (session.large.value = !session.large.value)}
          onClose={asPage ? null : onClose}
          onNewConversation={() => (session.startOver(), focus())}
          onTalkToPerson={() => (conversation.say(strings.talkToPersonText), focus())}
        />
        <Banner session={session} />
        <div class="body">
          <Log key={conversation.id} box={log} conversation={conversation} origin={session.origin} fetchFile={session.fetchFile} onChoose={choose} />
          <Composer key={conversation.id} conversation={conversation} field={field} />
        </div>
      </DropZone>
    </Frame>
  );
}

type FrameProps = Omit<PanelProps, 'focusTarget'> & { children: ComponentChildren };

function Frame({ asPage, ...window }: FrameProps) {
  if (asPage) return <section class="panel page" aria-labelledby="title">{window.children}</section>;
  return <Dialog {...window} />;
}

function Dialog({ session, onClose, onHidden, children }: Omit<FrameProps, 'asPage'>) {
  const dialog = useRef<HTMLDialogElement>(null);
  useDialog(dialog, session.open.value, onHidden);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    onClose();
  };
  return (
    <dialog class={session.large.value ? 'panel large' : 'panel'} aria-labelledby="title" ref={dialog} onKeyDown={onKeyDown} onCancel={(event) => (event.preventDefault(), onClose())}>
      {children}
    </dialog>
  );
}

function Banner({ session }: { session: Session }) {
  const fresh = session.previous.value && !session.conversation.value.log.value.length;
  return (
    <div role="status" class="banners">
      {!session.online.value && <p class="banner"><Icon node={WifiOff} size={16} /> {strings.offline}</p>}
      {fresh && (
        <p class="banner calm">
          {strings.newConversationStarted} <button type="button" class="link" onClick={() => session.goBack()}>{strings.previousConversation}</button>
        </p>
      )}
    </div>
  );
}

function DropZone({ onFiles, children }: { onFiles: (files: FileList) => void; children: ComponentChildren }) {
  const [over, setOver] = useState(false);
  const zone = useRef<HTMLDivElement>(null);
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  const onDragOver = (event: DragEvent) => carriesFiles(event) && (event.preventDefault(), setOver(true));
  const onDragLeave = (event: DragEvent) => zone.current?.contains(event.relatedTarget as Node | null) || setOver(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    if (event.dataTransfer?.files.length) onFiles(event.dataTransfer.files);
  };
  return (
    <div class="drop-zone" ref={zone} onDragOver={onDragOver} onDragLeave={onDragLeave} onDrop={onDrop}>
      {children}
      {over && <div class="drop-here" aria-hidden="true">{strings.dropHere}</div>}
    </div>
  );
}

import { EllipsisVertical, Headset, Maximize2, MessagesSquare, Minimize2, SquarePen, X } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { strings } from '../strings.ts';
import { Icon } from './Icon.tsx';

interface Props {
  large: boolean;
  /** Null where the panel is the page: it neither grows nor closes. */
  onResize: (() => void) | null;
  onClose: (() => void) | null;
  onNewConversation: () => void;
  onTalkToPerson: () => void;
}

export function Header({ large, onResize, onClose, onNewConversation, onTalkToPerson }: Props) {
  const resize = large ? strings.shrink : strings.enlarge;
  return (
    <header class="header">
      <span class="avatar"><Icon node={MessagesSquare} /></span>
      <div class="heading">
        <h2 id="title">{strings.title}</h2>
        <p>{strings.subtitle}</p>
      </div>
      <Menu onNewConversation={onNewConversation} onTalkToPerson={onTalkToPerson} />
      {onResize && <button type="button" class="icon resize" aria-label={resize} title={resize} onClick={onResize}><Icon node={large ? Minimize2 : Maximize2} size={18} /></button>}
      {onClose && <button type="button" class="icon" aria-label={strings.close} title={strings.close} onClick={onClose}><Icon node={X} /></button>}
    </header>
  );
}

function Menu({ onNewConversation, onTalkToPerson }: Pick<Props, 'onNewConversation' | 'onTalkToPerson'>) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useOutsidePress(frame, open, () => setOpen(false));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return;
    event.stopPropagation();
    event.preventDefault();
    setOpen(false);
    button.current?.focus();
  };
  const pick = (action: () => void) => () => (setOpen(false), action());
  const onFocusOut = ({ relatedTarget }: FocusEvent) => relatedTarget && !frame.current?.contains(relatedTarget as Node) && setOpen(false);

  return (
    <div class="menu" ref={frame} onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <button type="button" class="icon" ref={button} aria-label={strings.menu} title={strings.menu} aria-expanded={open} aria-controls="menu" onClick={() => setOpen(!open)}><Icon node={EllipsisVertical} /></button>
      <ul id="menu" hidden={!open}>
        <li><button type="button" onClick={pick(onTalkToPerson)}><Icon node={Headset} size={18} /> {strings.talkToPerson}</button></li>
        <li><button type="button" onClick={pick(onNewConversation)}><Icon node={SquarePen} size={18} /> {strings.newConversation}</button></li>
      </ul>
    </div>
  );
}

function useOutsidePress(frame: { current: HTMLElement | null }, active: boolean, act: () => void): void {
  useEffect(() => {
    if (!active) return;
    const onPress = (event: Event) => !event.composedPath().includes(frame.current!) && act();
    document.addEventListener('pointerdown', onPress, true);
    return () => document.removeEventListener('pointerdown', onPress, true);
  }, [active]);
}

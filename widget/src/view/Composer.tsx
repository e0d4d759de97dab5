import { Paperclip, SendHorizontal } from 'lucide';
import { type RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../conversation.ts';
import { strings } from '../strings.ts';
import { named } from '../uploads.ts';
import { Icon } from './Icon.tsx';
import { Tray } from './Tray.tsx';

const LONGEST = 8_000;
const TALLEST = 140;
/** The keyboard a phone should show for what is being asked. */
const KEYBOARDS: Record<string, 'email' | 'numeric'> = { email: 'email', code: 'numeric' };

export function Composer({ conversation, field }: { conversation: Conversation; field: RefObject<HTMLTextAreaElement | null> }) {
  const { draft, asking, uploads } = conversation;
  const picker = useRef<HTMLInputElement>(null);
  useGrowth(field, draft.value);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    conversation.sendDraft();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    uploads.add(files.map((file) => named(file)));
  };
  const onPick = () => {
    uploads.add(picker.current!.files ?? []);
    picker.current!.value = '';
  };
  const ready = draft.value.trim() !== '' || uploads.tray.value.some(({ id }) => id);

  return (
    <form class="composer" onSubmit={(event) => (event.preventDefault(), conversation.sendDraft(), field.current?.focus())}>
      <Tray uploads={uploads} />
      <div class="composer-row">
        <input type="file" multiple hidden ref={picker} onChange={onPick} />
        <button type="button" class="icon" aria-label={strings.attach} title={strings.attach} onClick={() => picker.current?.click()}><Icon node={Paperclip} /></button>
        <label class="sr-only" for="message">{strings.message}</label>
        <textarea
          id="message" ref={field} rows={1} maxLength={LONGEST} enterkeyhint="send" autocomplete="off"
          inputMode={KEYBOARDS[asking.value ?? ''] ?? 'text'} placeholder={strings.placeholder} aria-describedby="keys"
          value={draft.value} onInput={(event) => conversation.write(event.currentTarget.value)} onKeyDown={onKeyDown} onPaste={onPaste}
        />
        <button type="submit" class="icon send" aria-label={strings.send} title={strings.send} aria-disabled={!ready}><Icon node={SendHorizontal} /></button>
      </div>
      <span id="keys" class="sr-only">{strings.keys}</span>
    </form>
  );
}

/** The field grows with its text up to a few lines. */
function useGrowth(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const { style } = field.current!;
    style.height = 'auto';
    style.height = `${Math.min(field.current!.scrollHeight, TALLEST)}px`;
  }, [text]);
}

import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

const PHONE = '(max-width: 480px)';

/**
 * Shows and hides the dialog with the page's state. On a phone it covers everything, so it is modal: the page behind can be
 * neither focused nor read. Elsewhere it is a popover: the page stays usable, yet none of its z-indexes or transforms can cover
 * or displace the panel.
 */
export function useDialog(ref: RefObject<HTMLDialogElement | null>, open: boolean, onHidden: () => void): void {
  useLayoutEffect(() => {
    const dialog = ref.current!;
    if (!open) return;
    show(dialog);
    const stopFitting = fitAboveKeyboard(dialog);
    return () => {
      stopFitting();
      hide(dialog);
      onHidden();
    };
  }, [open]);
}

function show(dialog: HTMLDialogElement): void {
  if (matchMedia(PHONE).matches) return dialog.showModal();
  if (!dialog.showPopover) return dialog.show();
  dialog.popover = 'manual';
  dialog.showPopover();
  // Showing a dialog focuses its first button; after a reload the focus is not ours to take, and after a press it goes to the field.
  (dialog.getRootNode() as ShadowRoot).querySelector<HTMLElement>(':focus')?.blur();
}

function hide(dialog: HTMLDialogElement): void {
  if (dialog.open) dialog.close();
  else dialog.hidePopover();
  dialog.popover = null;
}

/** iOS lays its keyboard over the page instead of shrinking it: the panel follows what is left to see. */
function fitAboveKeyboard(dialog: HTMLDialogElement): () => void {
  const view = window.visualViewport;
  const fit = () => {
    const covered = view && matchMedia(PHONE).matches && innerHeight - view.height > 80;
    dialog.style.setProperty('--seen-height', covered ? `${view.height}px` : '');
    dialog.style.setProperty('--seen-top', covered ? `${view.offsetTop}px` : '');
  };
  view?.addEventListener('resize', fit);
  view?.addEventListener('scroll', fit);
  return () => {
    view?.removeEventListener('resize', fit);
    view?.removeEventListener('scroll', fit);
  };
}

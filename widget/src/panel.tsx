import { effect } from '@preact/signals';
import { render } from 'preact';
import { paletteSheet, sheet } from './colour.ts';
import type { PanelElement, PanelSettings } from './element.ts';
import css from './panel.css';
import { Session } from './session.ts';
import { Panel } from './view/Panel.tsx';

/** `<triagem-panel>`: the conversation, shut off from the host page by a shadow root. The loader makes and drives it. */
class TriagemPanel extends HTMLElement implements PanelElement {
  private session: Session | null = null;
  private readonly focusTarget: { current: (() => void) | null } = { current: null };

  /** Draws the panel; the element must be in the page already. */
  begin({ origin, token, colour, asPage, right }: PanelSettings): void {
    const session = new Session(origin, token, () => this.tell('triagem:unauthorized'));
    this.session = session;
    this.lang = 'pt-BR';
    this.className = [asPage ? 'page' : '', right ? 'right' : 'left'].join(' ');
    session.open.value = asPage;
    const root = this.shadow(colour);
    const closing = { onClose: () => this.close(), onHidden: () => this.tell('triagem:closed') };
    render(<Panel session={session} asPage={asPage} focusTarget={this.focusTarget} {...closing} />, root);
    effect(() => this.tell('triagem:unread', session.unread.value));
  }

  open(focus: boolean): void {
    this.session!.open.value = true;
    if (focus) this.focusTarget.current?.();
  }

  close(): void {
    this.session!.open.value = this.classList.contains('page');
  }

  setToken(token: string | null): void {
    this.session!.setToken(token);
  }

  private shadow(colour: string | null): ShadowRoot {
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [paletteSheet(colour), sheet(css)];
    // A host page with single-letter shortcuts must not see what is typed here.
    for (const kind of ['keydown', 'keypress', 'keyup']) root.addEventListener(kind, (event) => event.stopPropagation());
    return root;
  }

  private tell(name: string, detail?: number): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }
}

customElements.define('triagem-panel', TriagemPanel);

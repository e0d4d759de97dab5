import { MessageCircleMore } from 'lucide';
import { paletteSheet, sheet } from './colour.ts';
import type { PanelElement } from './element.ts';
import css from './launcher.css';
import { Memory } from './memory.ts';
import { strings } from './strings.ts';

/** `window.Triagem`, for the host page. */
export interface Triagem {
  open(): void;
  close(): void;
  setToken(token: string | null): void;
}

declare global {
  interface Window {
    Triagem?: Triagem;
  }
}

const SVG = 'http://www.w3.org/2000/svg';

/** Brings the widget to a page: the launcher at once, the panel when it is first wanted. */
class Loader implements Triagem {
  private readonly settings: { origin: string; token: string | null; colour: string | null; right: boolean; asPage: boolean };
  private readonly launcher = document.createElement('triagem-launcher');
  private readonly button = document.createElement('button');
  private readonly badge = document.createElement('span');
  private readonly memory = new Memory();
  private panel: Promise<PanelElement> | null = null;
  private opener: HTMLElement | null = null;

  constructor(private readonly script: HTMLScriptElement) {
    const { token, color, position, mode } = script.dataset;
    this.settings = {
      origin: new URL(script.src).origin, token: token ?? null, colour: color ?? null, right: position !== 'left', asPage: mode === 'page',
    };
  }

  start(): void {
    if (this.settings.asPage) return void this.show(document.activeElement === document.body);
    this.buildLauncher();
    if (this.memory.open) void this.show(false);
  }

  open(): void {
    void this.show(true);
  }

  close(): void {
    void this.panel?.then((panel) => panel.close());
  }

  setToken(token: string | null): void {
    this.settings.token = token;
    void this.panel?.then((panel) => panel.setToken(token));
  }

  private async show(focus: boolean): Promise<void> {
    if (focus) this.opener = document.activeElement as HTMLElement | null;
    this.button.setAttribute('aria-busy', 'true');
    try {
      (await this.load()).open(focus);
      this.memory.open = !this.settings.asPage;
      this.launcher.hidden = true;
    } catch {
      this.label(strings.loadFailed);
    }
    this.button.removeAttribute('aria-busy');
  }

  private load(): Promise<PanelElement> {
    this.panel ??= this.fetchPanel().then(() => this.mount());
    this.panel.catch(() => (this.panel = null));
    return this.panel;
  }

  /** A script element, since a failed import() is remembered by the browser and a cross-origin one asks for CORS. */
  private fetchPanel(): Promise<void> {
    return new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = new URL(`panel.js?v=${PANEL_VERSION}`, this.script.src).href;
      script.nonce = this.script.nonce;
      script.onload = () => resolve();
      script.onerror = () => (script.remove(), reject(new Error(strings.loadFailed)));
      document.head.append(script);
    });
  }

  private mount(): PanelElement {
    const panel = document.createElement('triagem-panel') as PanelElement;
    this.place().append(panel);
    panel.addEventListener('triagem:closed', () => this.closed());
    panel.addEventListener('triagem:unread', (event) => this.count((event as CustomEvent<number>).detail));
    panel.begin(this.settings);
    return panel;
  }

  private place(): Element {
    const target = this.settings.asPage ? document.querySelector(this.script.dataset.target ?? 'body') : document.body;
    return target ?? document.body;
  }

  private closed(): void {
    this.memory.open = false;
    this.launcher.hidden = false;
    this.launcher.showPopover?.();
    const isLauncher = !this.opener?.isConnected || this.opener === this.launcher || this.opener === document.body;
    (isLauncher ? this.button : this.opener!).focus();
  }

  private count(unread: number): void {
    this.badge.textContent = unread ? String(unread) : '';
    this.label(strings.launcher(unread));
  }

  private label(text: string): void {
    this.button.setAttribute('aria-label', text);
    this.button.title = text;
  }

  private buildLauncher(): void {
    const root = this.launcher.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [paletteSheet(this.settings.colour), sheet(css)];
    this.launcher.lang = 'pt-BR';
    this.launcher.className = this.settings.right ? 'right' : 'left';
    this.button.type = 'button';
    this.button.setAttribute('aria-haspopup', 'dialog');
    this.button.onclick = () => this.open();
    this.button.append(icon(), this.badge);
    this.count(0);
    root.append(this.button);
    document.body.append(this.launcher);
    this.launcher.popover = 'manual';
    this.launcher.showPopover?.();
  }
}

function icon(): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const attributes = { viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': 2, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': true };
  for (const [tag, own] of [['svg', attributes], ...MessageCircleMore] as const) {
    const element = tag === 'svg' ? svg : svg.appendChild(document.createElementNS(SVG, tag));
    for (const [name, value] of Object.entries(own)) element.setAttribute(name, String(value));
  }
  return svg;
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !window.Triagem) {
  const loader = new Loader(script);
  window.Triagem = loader;
  loader.start();
}

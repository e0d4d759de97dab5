/** What the loader and the panel's element agree on: they are built, and cached, apart. */

export interface PanelSettings {
  origin: string;
  token: string | null;
  colour: string | null;
  asPage: boolean;
  /** Which corner the window stands in. */
  right: boolean;
}

/** Tells of itself by the events `triagem:closed`, `triagem:unread` (detail: count) and `triagem:unauthorized`. */
export interface PanelElement extends HTMLElement {
  begin(settings: PanelSettings): void;
  open(focus: boolean): void;
  close(): void;
  setToken(token: string | null): void;
}

declare module '*.css' {
  const text: string;
  export default text;
}

/** Set by the build: changes whenever panel.js does. */
declare const PANEL_VERSION: string;

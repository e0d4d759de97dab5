/** Turns the host's one colour into shades that keep their contrast (WCAG AA, 4.5:1) on light and dark panels. */

export const DEFAULT_COLOUR = '#1657c4';
export const LIGHT_SURFACE = '#f3f5f9';
export const DARK_SURFACE = '#26303f';
const ENOUGH = 4.5;

type Rgb = readonly [number, number, number];

export interface Palette {
  /** Fill of the launcher, the header and the customer's bubbles. */
  accent: string;
  /** Text on that fill. */
  onAccent: string;
  /** Links and outlines on the light panel, and on the dark one. */
  accentOnLight: string;
  accentOnDark: string;
}

/** `#rgb` or `#rrggbb`; anything else is read as the default colour. */
export function parseColour(text: string | null | undefined): Rgb {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text?.trim() ?? '');
  const hex = (match?.[1] ?? DEFAULT_COLOUR.slice(1)).replace(/^(.)(.)(.)$/, '$1$1$2$2$3$3');
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}

const toHex = (rgb: Rgb) => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG contrast ratio of two colours, 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const mix = (from: Rgb, to: Rgb, share: number) => from.map((part, at) => part + ((to[at] ?? 0) - part) * share) as unknown as Rgb;

function readableOn(colour: Rgb, surface: Rgb, towards: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(colour, towards, share);
    if (contrast(shade, surface) >= ENOUGH) return shade;
  }
  return towards;
}

export function palette(colour: string | null | undefined): Palette {
  const accent = parseColour(colour);
  const [white, black]: [Rgb, Rgb] = [[255, 255, 255], [0, 0, 0]];
  return {
    accent: toHex(accent),
    onAccent: toHex(contrast(accent, white) >= ENOUGH ? white : black),
    accentOnLight: toHex(readableOn(accent, parseColour(LIGHT_SURFACE), black)),
    accentOnDark: toHex(readableOn(accent, parseColour(DARK_SURFACE), white)),
  };
}

/** A style sheet to adopt. Built by script, so a strict style-src lets it pass. */
export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

/** The palette as custom properties no host rule can override. */
export function paletteSheet(colour: string | null | undefined): CSSStyleSheet {
  const { accent, onAccent, accentOnLight, accentOnDark } = palette(colour);
  const shades = `--accent:${accent}!important;--on-accent:${onAccent}!important;--accent-on-light:${accentOnLight}!important;--accent-on-dark:${accentOnDark}!important`;
  return sheet(`:host{${shades}}`);
}

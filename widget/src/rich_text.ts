/**
 * Reads the little Markdown that replies use: paragraphs, line breaks, **bold**, lists and links.
 * It gives a tree of plain data, so no text of the server ever becomes markup.
 */

export type Inline = { kind: 'text'; text: string } | { kind: 'bold'; children: Inline[] } | { kind: 'link'; href: string; text: string };
export type Block = { kind: 'paragraph'; lines: Inline[][] } | { kind: 'list'; ordered: boolean; start: number; items: Inline[][] };

const SAFE = ['http:', 'https:', 'mailto:'];

/** The full address of a link, or null unless it is http, https, mailto or a path of the gateway itself. */
export function safeHref(href: string, origin: string): string | null {
  try {
    const url = new URL(href, origin);
    return SAFE.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,3})[.)]\s+(.*)$/;

function listItem(line: string): { ordered: boolean; start: number; text: string } | null {
  const bullet = BULLET.exec(line);
  if (bullet) return { ordered: false, start: 1, text: bullet[1] ?? '' };
  const number = NUMBER.exec(line);
  return number && { ordered: true, start: Number(number[1]), text: number[2] ?? '' };
}

export function parseRichText(text: string, origin: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    open = line.trim() ? extend(open, line, origin) : null;
    if (open && open !== blocks.at(-1)) blocks.push(open);
  }
  return blocks;
}

/** The block that takes in this line: the open one where it fits, else a new one. */
function extend(open: Block | null, line: string, origin: string): Block {
  const item = listItem(line);
  const content = parseInline(item ? item.text : line.trim(), origin);
  if (item) {
    const list: Block = open?.kind === 'list' && open.ordered === item.ordered ? open : { kind: 'list', ordered: item.ordered, start: item.start, items: [] };
    list.items.push(content);
    return list;
  }
  const paragraph: Block = open?.kind === 'paragraph' ? open : { kind: 'paragraph', lines: [] };
  paragraph.lines.push(content);
  return paragraph;
}

// [title](address) | **bold** | bare address
const MARK = /\[([^\]\n]+)\]\(((?:[^()\s]|\([^()\s]*\))+)\)|\*\*(?=\S)(.+?)(?<=\S)\*\*|(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]}'*])/g;

export function parseInline(text: string, origin: string): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const match of text.matchAll(MARK)) {
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push(marked(match, origin));
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

function marked([whole, title, address, bold, bare]: RegExpMatchArray, origin: string): Inline {
  if (bold) return { kind: 'bold', children: parseInline(bold, origin) };
  const href = safeHref(address ?? bare ?? '', origin);
  const shown = title ?? whole;
  return href ? { kind: 'link', href, text: shown } : { kind: 'text', text: shown };
}

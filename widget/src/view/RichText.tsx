import { type Block, type Inline, parseInline, parseRichText } from '../rich_text.ts';
import { ExternalLink } from './ExternalLink.tsx';

/** A reply's text as elements; nothing in it is ever read as HTML. */
export function RichText({ text, origin }: { text: string; origin: string }) {
  return <div class="rich">{parseRichText(text, origin).map((block, at) => <BlockView key={at} block={block} />)}</div>;
}

/** The same for a text within a line, without paragraphs and lists. */
export function InlineText({ text, origin }: { text: string; origin: string }) {
  return <InlineView parts={parseInline(text, origin)} />;
}

function BlockView({ block }: { block: Block }) {
  if (block.kind === 'paragraph') {
    return <p>{block.lines.map((line, at) => [at > 0 && <br />, <InlineView parts={line} />])}</p>;
  }
  const items = block.items.map((item, at) => <li key={at}><InlineView parts={item} /></li>);
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
}

function InlineView({ parts }: { parts: Inline[] }) {
  return <>{parts.map((part) => {
    if (part.kind === 'text') return part.text;
    if (part.kind === 'bold') return <strong><InlineView parts={part.children} /></strong>;
    return <ExternalLink href={part.href}>{part.text}</ExternalLink>;
  })}</>;
}

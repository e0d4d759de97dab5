import type { ComponentChildren } from 'preact';
import { strings } from '../strings.ts';

interface Props {
  href: string;
  class?: string;
  /** Said instead of the children where these alone would not tell the links of a page apart. */
  name?: string;
  children: ComponentChildren;
}

/** Opens beside the conversation, never instead of it, and hands the other page no way back in. */
export function ExternalLink({ href, class: style, name, children }: Props) {
  return (
    <a href={href} class={style} target="_blank" rel="noopener" aria-label={name && `${name} (${strings.newTab})`}>
      {children}
      {!name && <span class="sr-only"> ({strings.newTab})</span>}
    </a>
  );
}

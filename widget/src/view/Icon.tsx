import { h } from 'preact';
import type { IconNode } from 'lucide';

/** A decoration: what it stands for is always said by text beside it or by its button's name. */
export function Icon({ node, size = 20 }: { node: IconNode; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {node.map(([tag, attributes]) => h(tag, attributes))}
    </svg>
  );
}

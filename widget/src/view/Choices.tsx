import { Check } from 'lucide';
import { strings } from '../strings.ts';
import type { Choice } from '../wire.ts';
import { Icon } from './Icon.tsx';

const LONG_TITLE = 24;
const FEW = 4;
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

interface Props {
  choices: Choice[];
  open: boolean;
  /** The value taken, once it was. */
  chosen: string | null;
  onChoose: (choice: Choice) => void;
}

/** Quick replies: chips where they are few and short, a list otherwise. */
export function Choices({ choices, open, chosen, onChoose }: Props) {
  const asList = choices.length > FEW || choices.some(({ title }) => title.length > LONG_TITLE);
  return (
    <div class={asList ? 'choices list' : 'choices'} role="group" aria-label={strings.choices} onKeyDown={moveFocus}>
      {choices.map((choice) => (
        <button key={choice.value} type="button" disabled={!open} class={choice.value === chosen ? 'chosen' : ''} onClick={() => onChoose(choice)}>
          {choice.value === chosen && <Icon node={Check} size={16} />}
          <span>{choice.title}</span>
          {choice.value === chosen && <span class="sr-only"> ({strings.chosen})</span>}
        </button>
      ))}
    </div>
  );
}

function moveFocus(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = STEPS[event.key];
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.indexOf(event.target as HTMLButtonElement);
  if (!step || at < 0) return;
  event.preventDefault();
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}

import { strings } from '../strings.ts';

/** What an empty conversation shows: an invitation, and the commonest ways to begin. */
export function Welcome({ onSay }: { onSay: (text: string) => void }) {
  return (
    <div class="welcome">
      <p class="welcome-title">{strings.welcomeTitle}</p>
      <p>{strings.welcome}</p>
      <div class="choices list">
        {strings.starters.map(({ title, text }) => (
          <button key={text} type="button" onClick={() => onSay(text)}><span>{title}</span></button>
        ))}
      </div>
    </div>
  );
}

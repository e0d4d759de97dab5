import { ExternalLink as LinkIcon, FileText, Ticket } from 'lucide';
import { safeHref } from '../rich_text.ts';
import { strings } from '../strings.ts';
import type { Article, TicketRef } from '../wire.ts';
import { ExternalLink } from './ExternalLink.tsx';
import { Icon } from './Icon.tsx';
import { InlineText } from './RichText.tsx';

export function ArticleCard({ article, origin }: { article: Article; origin: string }) {
  const href = safeHref(article.url, origin);
  return (
    <div class="card">
      <span class="card-icon"><Icon node={FileText} size={18} /></span>
      <div class="card-body">
        {href ? <ExternalLink href={href} class="card-title">{article.title}</ExternalLink> : <span class="card-title">{article.title}</span>}
        <p class="passage"><InlineText text={article.passage} origin={origin} /></p>
        {href && (
          <ExternalLink href={href} class="card-action" name={`${strings.openArticle}: ${article.title}`}>
            {strings.openArticle} <Icon node={LinkIcon} size={14} />
          </ExternalLink>
        )}
      </div>
    </div>
  );
}

export function TicketCard({ ticket, origin }: { ticket: TicketRef; origin: string }) {
  return (
    <ExternalLink href={`${origin}/chamados/${encodeURIComponent(ticket.number)}`} class="card ticket">
      <span class="card-icon"><Icon node={Ticket} size={18} /></span>
      <span class="card-body"><span class="card-title">{strings.ticket(ticket.number)}</span></span>
      <span class="card-action">{strings.openTicket} <Icon node={LinkIcon} size={14} /></span>
    </ExternalLink>
  );
}

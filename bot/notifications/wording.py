"""Notices as e-mails. Customer text is data: in HTML it is escaped, in headers it is one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from zoneinfo import ZoneInfo

from bot.catalog import WHYS, Catalog
from bot.channels.mail_marks import MailMarks
from bot.company import Company
from bot.notifications.layout import Page, as_html, as_text
from bot.sla import wording as sla_wording
from bot.store.outbox import Notice
from bot.tickets.presentation import LABELS
from bot.tickets.ticket import Author, Ticket, TicketMessage

_TOLD = (*WHYS, "contact")
_ANSWER = "Para responder, basta responder a este e-mail; se precisar, anexe arquivos."

TicketLetter = Callable[[Notice, Ticket], EmailMessage]
PlainLetter = Callable[[Notice, datetime], EmailMessage]


class Letters:
    """Writes the e-mails. `address` is the public address of the gateway, for links.

    `of_tickets` and `others` are the letters by kind of notice. A letter about a ticket answers the ticket's first one,
    so that mail programs show them as one thread.
    """

    def __init__(
        self,
        company: Company,
        catalog: Catalog,
        zone: ZoneInfo,
        marks: MailMarks,
        address: str,
        *,
        reopen_days: float = 7,
    ) -> None:
        self._company, self._catalog, self._zone, self._marks = company, catalog, zone, marks
        self._address, self._reopen_days = address, reopen_days
        self.of_tickets: dict[str, TicketLetter] = {
            "ticket_copy": self.ticket_copy,
            "ticket_reply": self.ticket_reply,
            "ticket_question": self.ticket_question,
            "ticket_resolved": self.ticket_resolved,
            "ticket_reopened": self.ticket_reopened,
            "ticket_severity": self.ticket_severity,
            "sla_warning": self.sla_warning,
            "sla_breach": self.sla_breach,
        }
        self.others: dict[str, PlainLetter] = {
            "code": self.code,
            "handover": self.handover,
            "said": self.said,
            "sign_in": self.sign_in,
        }

    def ticket_copy(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        """The copy of a ticket for whoever filed it."""
        intro = f"Recebemos seu chamado {ticket.number}. A equipe vai avaliar e responder por este e-mail."
        closing = (f"Esqueceu algum detalhe? {_ANSWER}",)
        page = Page(intro, None, self._rows(ticket), closing, self._link(ticket), answerable=True)
        return self._about(notice, ticket, page, at=ticket.created_at)

    def ticket_reply(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        message = _message(notice, ticket)
        if message and message.author is Author.CUSTOMER:
            intro = f"{message.actor_name or 'Uma pessoa da sua empresa'} escreveu no chamado {ticket.number}."
        else:
            intro = f"{_agent(message)} respondeu ao chamado {ticket.number}."
        return self._about(notice, ticket, self._said(ticket, intro, message, _ANSWER))

    def ticket_question(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        intro = f"Para seguir com o chamado {ticket.number}, precisamos de uma informação sua."
        closing = f"O chamado fica aguardando a sua resposta. {_ANSWER}"
        return self._about(notice, ticket, self._said(ticket, intro, _message(notice, ticket), closing))

    def ticket_resolved(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        intro = f"O chamado {ticket.number} foi resolvido."
        days = f"{self._reopen_days:g} dias".replace(".", ",") if self._reopen_days != 1 else "um dia"
        closing = f"Se o problema continuar, responda a este e-mail em até {days} e o chamado será reaberto."
        return self._about(notice, ticket, self._said(ticket, intro, _message(notice, ticket), closing))

    def ticket_reopened(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        intro = f"O chamado {ticket.number} foi reaberto e voltou para o atendimento."
        return self._about(notice, ticket, self._said(ticket, intro, _message(notice, ticket), _ANSWER))

    def ticket_severity(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        """The reason was written for the customer to read."""
        body = notice.payload["body"]
        before = f"mudou de {body['from']} para" if body.get("from") else "agora é"
        intro = f"A severidade do chamado {ticket.number} {before} {body['to']}."
        page = Page(intro, body["reason"], self._deadlines(ticket), (_ANSWER,), self._link(ticket), answerable=True)
        return self._about(notice, ticket, page)

    def sla_warning(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        which, due = self._clock(notice)
        intro = f"O prazo de {which} do chamado {ticket.number} termina em {due}."
        page = Page(intro, rows=self._at_a_glance(ticket), link=self._link(ticket))
        return self._about(notice, ticket, page, subject=f"Prazo de {which} perto do fim: {ticket.subject}")

    def sla_breach(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        which, due = self._clock(notice)
        intro = f"O prazo de {which} do chamado {ticket.number} terminou em {due}."
        page = Page(intro, rows=self._at_a_glance(ticket), link=self._link(ticket))
        return self._about(notice, ticket, page, subject=f"Prazo de {which} vencido: {ticket.subject}")

    def code(self, notice: Notice, at: datetime) -> EmailMessage:
        """The one-time code that proves an address."""
        closing = (
            "Ele vale por 15 minutos. Digite-o na conversa com o suporte.",
            "Se você não pediu, ignore este e-mail.",
        )
        page = Page(f"Seu código é {notice.payload['code']}.", closing=closing)
        return self._letter(notice, "Seu código de confirmação", as_text(page), as_html(page), at)

    def sign_in(self, notice: Notice, at: datetime) -> EmailMessage:
        """The code and the link with which a person enters the pages."""
        link = ("Ou abra este link para entrar", f"{self._address}/entrar/link/{notice.payload['link']}")
        closing = (
            "O código e o link valem por 15 minutos e funcionam uma vez.",
            "Se você não pediu, ignore este e-mail: ninguém entra sem ele.",
        )
        page = Page("Para entrar e ver seus chamados, use este código:", notice.payload["code"], (), closing, link)
        return self._letter(notice, "Seu código para entrar", as_text(page), as_html(page), at)

    def handover(self, notice: Notice, at: datetime) -> EmailMessage:
        """Tells the desk that a person asked for a human."""
        draft, requester = notice.payload["draft"], notice.payload["requester"]
        name = requester.get("name") or requester.get("email") or "Uma pessoa não identificada"
        known = [(LABELS[name], draft[name]) for name in _TOLD if draft.get(name)]
        rows = (*known, ("Conversa", requester["conversation"]))
        page = Page(f"{name} pediu atendimento humano.", rows=rows)
        return self._letter(notice, "Atendimento humano solicitado", as_text(page), as_html(page), at)

    def said(self, notice: Notice, at: datetime) -> EmailMessage:
        """What the channel of the conversation could not bring to the person. `number` is the ticket it is about, or None."""
        number = notice.payload["number"]
        subject = f"[{number}] Mensagem do suporte" if number else "Mensagem do suporte"
        intro = "Não conseguimos entregar esta mensagem pelo WhatsApp, então ela vai por e-mail."
        page = Page(intro, notice.payload["text"])
        return self._letter(notice, subject, as_text(page), as_html(page), at)

    def _said(self, ticket: Ticket, intro: str, message: TicketMessage | None, closing: str) -> Page:
        names = ", ".join(file.name for file in ticket.attachments if message and file.message == message.id)
        rows = (("Anexos, que estão no chamado", names),) if names else ()
        text = message.text if message else None
        return Page(intro, text, rows, (closing,), self._link(ticket), answerable=True)

    def _rows(self, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        kind = self._catalog.types[ticket.type].title  # type: ignore[index]
        rows = [
            ("Número", ticket.number),
            ("Assunto", ticket.subject),
            ("Produto", self._catalog.place_title(ticket.product, ticket.module)),
            ("Tipo", kind),
        ]
        rows += [(LABELS[name], value) for name in _TOLD if (value := getattr(ticket, name))]
        rows += self._deadlines(ticket)
        if ticket.attachments:
            rows.append(("Anexos", ", ".join(file.name for file in ticket.attachments)))
        return tuple(rows)

    def _deadlines(self, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        if not ticket.severity:
            return ()
        return (
            ("Severidade", str(ticket.severity)),
            ("Diagnóstico até", self._moment(ticket.diagnosis_due)),
            ("Solução até", self._moment(ticket.solution_due)),
        )

    def _at_a_glance(self, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        rows = [("Assunto", ticket.subject), ("Severidade", str(ticket.severity)), ("Situação", ticket.status.label)]
        return tuple([*rows, ("Empresa", ticket.company)] if ticket.company else rows)

    def _clock(self, notice: Notice) -> tuple[str, str]:
        body = notice.payload["body"]
        return sla_wording.CLOCKS[body["clock"]], self._moment(datetime.fromisoformat(body["due"]))

    def _moment(self, moment: datetime | None) -> str:
        if moment is None:
            return "sem prazo"
        local = moment.astimezone(self._zone)
        return f"{local:%d/%m/%Y} às {sla_wording.clock(local)}"

    def _link(self, ticket: Ticket) -> tuple[str, str]:
        return "Acompanhar o chamado", f"{self._address}/chamados/{ticket.number}"

    def _about(
        self, notice: Notice, ticket: Ticket, page: Page, *, subject: str | None = None, at: datetime | None = None
    ) -> EmailMessage:
        heading = f"[{ticket.number}] {subject or ticket.subject}"
        at = at or (ticket.timeline[-1].at if ticket.timeline else ticket.created_at)
        letter = self._letter(notice, heading, as_text(page), as_html(page), at, ticket.number)
        first = self._marks.message_id(f"ticket-copy:{ticket.number}", ticket.number)
        if letter["Message-ID"] != first:
            letter["In-Reply-To"] = letter["References"] = first
        if page.answerable:
            letter["Reply-To"] = formataddr((self._company.name, self._marks.reply_to(ticket.number)))
        return letter

    def _letter(
        self, notice: Notice, subject: str, text: str, html: str, at: datetime, number: str | None = None
    ) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = " ".join(subject.split())
        message["From"] = formataddr((self._company.name, self._marks.address))
        message["To"] = notice.recipient
        message["Date"] = format_datetime(at.astimezone(self._zone))
        message["Message-ID"] = self._marks.message_id(notice.key, number)
        message["Auto-Submitted"] = "auto-generated"
        message["X-Loop"] = self._marks.address
        message.set_content(text)
        message.add_alternative(f"<!doctype html><html lang='pt-BR'><body>{html}</body></html>", subtype="html")
        return message


def _message(notice: Notice, ticket: Ticket) -> TicketMessage | None:
    """What was written, where the notice is about something written."""
    return next((message for message in ticket.messages if message.id == notice.payload.get("message")), None)


def _agent(message: TicketMessage | None) -> str:
    return f"{message.actor_name}, do suporte," if message and message.actor_name else "O suporte"

"""Notices as e-mails. Customer text is data: in HTML it is escaped, in headers it is one line."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from bot.catalog import Catalog
from bot.company import Company
from bot.sla import wording as sla_wording
from bot.store.outbox import Notice
from bot.tickets.presentation import LABELS
from bot.tickets.ticket import Ticket

_TOLD = ("who", "what", "where", "when", "why", "contact")


class Letters:
    """Writes the e-mails. `address` is the public address of the gateway, for links."""

    def __init__(self, company: Company, catalog: Catalog, zone: ZoneInfo, sender: str, address: str) -> None:
        self._company, self._catalog, self._zone = company, catalog, zone
        self._sender, self._address = sender, address

    def ticket_copy(self, notice: Notice, ticket: Ticket) -> EmailMessage:
        """The copy of a ticket for whoever filed it."""
        rows = self._rows(ticket)
        intro = f"Recebemos seu chamado {ticket.number}. A equipe vai avaliar e responder por este e-mail."
        link = f"{self._address}/chamados/{ticket.number}"
        text = "\n".join([intro, "", *(f"{name}: {value}" for name, value in rows), "", f"Acompanhe em {link}"])
        cells = "".join(
            f"<tr><th align='left' valign='top'>{escape(name)}</th><td>{_html(value)}</td></tr>" for name, value in rows
        )
        html = f"<p>{escape(intro)}</p><table cellpadding='6'>{cells}</table><p><a href='{escape(link)}'>Acompanhar o chamado</a></p>"
        return self._letter(notice, f"[{ticket.number}] {ticket.subject}", text, html, ticket.created_at)

    def code(self, notice: Notice, at: datetime) -> EmailMessage:
        """The one-time code that proves an address."""
        text = (
            f"Seu código é {notice.payload['code']}.\n\nEle vale por 15 minutos. Digite-o na conversa com o suporte. "
            "Se você não pediu, ignore este e-mail."
        )
        return self._letter(notice, "Seu código de confirmação", text, f"<p>{_html(text)}</p>", at)

    def sign_in(self, notice: Notice, at: datetime) -> EmailMessage:
        """The code and the link with which a person enters the pages."""
        code, link = notice.payload["code"], f"{self._address}/entrar/link/{notice.payload['link']}"
        intro, closing = (
            "Para entrar e ver seus chamados, use este código:",
            (
                "O código e o link valem por 15 minutos e funcionam uma vez. Se você não pediu, ignore este e-mail: "
                "ninguém entra sem ele."
            ),
        )
        text = "\n".join([intro, "", code, "", "Ou abra este link:", link, "", closing])
        html = (
            f"<p>{escape(intro)}</p><p style='font-size:28px;letter-spacing:6px'><b>{escape(code)}</b></p>"
            f"<p>Ou <a href='{escape(link)}'>abra este link para entrar</a>.</p><p>{escape(closing)}</p>"
        )
        return self._letter(notice, "Seu código para entrar", text, html, at)

    def handover(self, notice: Notice, at: datetime) -> EmailMessage:
        """Tells the desk that a person asked for a human."""
        draft, requester = notice.payload["draft"], notice.payload["requester"]
        name = requester.get("name") or requester.get("email") or "Uma pessoa não identificada"
        known = [f"{LABELS[name]}: {draft[name]}" for name in _TOLD if draft.get(name)]
        text = "\n".join(
            [f"{name} pediu atendimento humano.", "", *known, "", f"Conversa: {requester['conversation']}"]
        )
        return self._letter(notice, "Atendimento humano solicitado", text, f"<p>{_html(text)}</p>", at)

    def _rows(self, ticket: Ticket) -> list[tuple[str, str]]:
        product = self._catalog.products[ticket.product]
        module = product.modules[ticket.module].title if ticket.module in product.modules else None
        kind = self._catalog.types[ticket.type].title  # type: ignore[index]
        rows = [
            ("Número", ticket.number),
            ("Assunto", ticket.subject),
            ("Produto", " / ".join(part for part in (product.title, module) if part)),
            ("Tipo", kind),
        ]
        rows += [(LABELS[name], value) for name in _TOLD if (value := getattr(ticket, name))]
        if ticket.severity:
            rows += [
                ("Severidade", str(ticket.severity)),
                ("Diagnóstico até", self._moment(ticket.diagnosis_due)),
                ("Solução até", self._moment(ticket.solution_due)),
            ]
        if ticket.attachments:
            rows.append(("Anexos", ", ".join(file.name for file in ticket.attachments)))
        return rows

    def _moment(self, moment: datetime | None) -> str:
        if moment is None:
            return "sem prazo"
        local = moment.astimezone(self._zone)
        return f"{local:%d/%m/%Y} às {sla_wording.clock(local)}"

    def _letter(self, notice: Notice, subject: str, text: str, html: str, at: datetime) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = " ".join(subject.split())
        message["From"] = formataddr((self._company.name, self._sender))
        message["To"] = notice.recipient
        message["Date"] = format_datetime(at.astimezone(self._zone))
        # Derived from the outbox key: a retry after a crash is the same message to every mail server.
        domain = self._sender.rpartition("@")[2]
        message["Message-ID"] = f"<{hashlib.sha256(notice.key.encode()).hexdigest()[:32]}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        message.add_alternative(f"<!doctype html><html lang='pt-BR'><body>{html}</body></html>", subtype="html")
        return message


def _html(value: Any) -> str:
    return escape(str(value)).replace("\n", "<br>")

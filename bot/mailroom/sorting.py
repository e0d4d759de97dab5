"""Which ticket a mail belongs to, and whether it may go there. From is no proof, and what is unsure waits for a person.

1. Ours that came back, and what no person wrote, is set aside.
2. A mail that its own mail server calls forged waits.
3. The ticket: by the signed address it was sent to, else by a letter of ours that it answers, else by the number in the
   subject.
4. Whoever is known on that ticket may write there. A signature shows that a letter of ours was at hand, and letters are
   forwarded: it finds the ticket, and does not make its sender known.
5. Too many in an hour wait: two machines may be answering each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels.mail_in.reading import IncomingMail
from bot.channels.mail_marks import MailMarks
from bot.store.correspondents import Correspondents
from bot.store.mail_store import MailState
from bot.tickets.draft import Requester

_FAILED = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class Decision:
    """What becomes of a mail; with a requester it goes onto the ticket `number`, else `reason` says why not."""

    state: MailState
    reason: str | None = None
    number: str | None = None
    requester: Requester | None = None


@dataclass(frozen=True)
class Rules:
    """`trusted_host` is the mail server whose Authentication-Results count; empty for none."""

    prefix: str
    trusted_host: str = ""
    most_per_hour: int = 20


class Sorting:
    """`company_of` tells the company that an address belongs to after the contracts."""

    def __init__(
        self,
        marks: MailMarks,
        correspondents: Correspondents,
        company_of: Callable[[str | None], str | None],
        rules: Rules,
        now: Callable[[], datetime],
    ) -> None:
        self._marks, self._correspondents, self._company_of = marks, correspondents, company_of
        self._rules, self._now = rules, now
        self._number = re.compile(rf"\b{rules.prefix}-\d{{1,12}}\b", re.IGNORECASE)

    def decide(self, mail: IncomingMail) -> Decision:
        if self._is_ours(mail):
            return _ignored("e-mail nosso que voltou")
        if mail.automatic:
            return _ignored(mail.automatic)
        number = self._ticket(mail)
        if is_forged(mail.results, self._rules.trusted_host):
            return _quarantined("o servidor de e-mail diz que o remetente pode ser falso", number)
        if mail.sender is None:
            return _quarantined("sem remetente", number)
        if number is None:
            return _quarantined("não responde a nenhum chamado")
        return self._on(number, mail, mail.sender)

    def _on(self, number: str, mail: IncomingMail, sender: str) -> Decision:
        company = self._company_of(sender)
        standing = self._correspondents.standing(number, sender, mail.sender_name, company)
        if standing is None:
            return _quarantined("o chamado não existe")
        if standing.by_desk:
            return _quarantined("quem atende responde pelo console", number)
        if standing.requester is None:
            return _quarantined("remetente desconhecido neste chamado", number)
        since = self._now() - timedelta(hours=1)
        if self._correspondents.written_since(number, sender, since) >= self._rules.most_per_hour:
            return _quarantined("e-mails demais em uma hora", number)
        return Decision(MailState.ADDED, None, number, standing.requester)

    def _ticket(self, mail: IncomingMail) -> str | None:
        """The number by the surest sign."""
        signed = (self._marks.ticket_of_address(address) for address in mail.recipients)
        answered = (self._marks.ticket_of_message(message_id) for message_id in mail.references)
        named = self._number.search(mail.subject)
        signs = (*signed, *answered, named[0].upper() if named else None)
        return next((number for number in signs if number), None)

    def _is_ours(self, mail: IncomingMail) -> bool:
        if mail.message_id and self._marks.is_our_message(mail.message_id):
            return True
        return any(self._marks.is_ours(address) for address in (mail.sender or "", *mail.loops))


def is_forged(results: tuple[str, ...], trusted_host: str) -> bool:
    """What the trusted server found (RFC 8601). DMARC decides; without it, something failed and nothing passed."""
    if not trusted_host:
        return False
    mine = [result for result in results if re.split(r"[\s;]", result, maxsplit=1)[0].lower() == trusted_host.lower()]
    found = [(check.lower(), verdict.lower()) for result in mine for check, verdict in _FAILED.findall(result)]
    dmarc = [verdict for check, verdict in found if check == "dmarc"]
    if any(verdict in ("pass", "fail") for verdict in dmarc):
        return "fail" in dmarc
    verdicts = {verdict for _, verdict in found}
    return bool(verdicts & {"fail", "softfail"}) and "pass" not in verdicts


def _ignored(reason: str) -> Decision:
    return Decision(MailState.IGNORED, reason)


def _quarantined(reason: str, number: str | None = None) -> Decision:
    return Decision(MailState.QUARANTINED, reason, number)

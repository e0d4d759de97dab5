"""What the desk needs from the outside, as contracts. The store implements them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.ticket import Ticket


@dataclass(frozen=True)
class Filing:
    """A draft with everything decided, ready to become a ticket. Times are aware."""

    draft: TicketDraft
    requester: Requester
    subject: str
    severity: int | None
    sla_row: str | None
    diagnosis_due: datetime | None
    solution_due: datetime | None
    began_at: datetime | None
    evidence: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class TicketQuery:
    """What a list of tickets is narrowed by; None means any. `q` looks into number, subject and whys."""

    scope: str = "mine"
    status: str | None = None
    type: str | None = None
    creator: str | None = None
    q: str | None = None
    after: str | None = None
    limit: int = 20


class TicketStore(Protocol):
    """Safe from several threads and processes. Every read is scoped to what the requester may see.

    Methods raise sqlalchemy errors untranslated only when the database itself is unreachable.
    """

    def file(self, filing: Filing) -> Ticket:
        """Stores ticket, timeline entry and outbox rows in one transaction.

        A second filing of the same draft changes nothing and gives the first ticket.
        """
        ...

    def find(self, number: str, requester: Requester) -> Ticket | None:
        """None also when the ticket exists but is not the requester's or the company's."""
        ...

    def find_all(self, query: TicketQuery, requester: Requester) -> list[Ticket]:
        """Newest first."""
        ...

    def hand_over(self, draft: TicketDraft, requester: Requester, at: datetime) -> None:
        """Keeps what is known as an open draft for an agent; the bot is silent from then on."""
        ...

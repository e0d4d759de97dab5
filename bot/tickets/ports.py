"""What the desk needs from the outside, as contracts. The store implements them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.sla.clock import ClockEvent
from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.ticket import Author, Status, Ticket


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
    clock_events: tuple[ClockEvent, ...] = ()


@dataclass(frozen=True)
class NewMessage:
    """A message about to be kept. The same `key` twice is the same message; `attachments` are ids of uploads."""

    key: str
    author: Author
    channel: str
    text: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """All that one act does to a ticket, kept as a whole or not at all. `at` is aware.

    `seen` is the version it was worked out from; `kind` and `body` become the entry of the timeline. `letter` is the
    kind of notice that goes to the customer and the subscribers, `bubble` what the customer's conversation shows.
    """

    number: str
    seen: int
    at: datetime
    actor: Requester
    kind: str
    body: dict[str, Any] = field(default_factory=dict)
    status: Status | None = None
    message: NewMessage | None = None
    clock_events: tuple[ClockEvent, ...] = ()
    deadlines: Deadlines | None = None
    row: tuple[str, int] | None = None
    letter: str | None = None
    bubble: str | None = None


@dataclass(frozen=True)
class Deadlines:
    """What follows from the log of the clocks; `next` is the moment at which the first running clock runs out."""

    diagnosis: datetime | None
    solution: datetime | None
    next: datetime | None


@dataclass(frozen=True)
class TicketQuery:
    """What a list of tickets is narrowed by; None means any. `q` looks into number, subject, whys and messages.

    `unresolved` leaves out what is resolved; created from `since` up to, but without, `until` (both aware).
    """

    scope: str = "mine"
    status: str | None = None
    type: str | None = None
    creator: str | None = None
    q: str | None = None
    unresolved: bool = False
    since: datetime | None = None
    until: datetime | None = None
    after: str | None = None
    limit: int = 20


@dataclass(frozen=True)
class Creator:
    """Somebody who filed tickets."""

    email: str
    name: str | None


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

    def creators(self, requester: Requester) -> list[Creator]:
        """Who filed the tickets that the requester sees, by name."""
        ...

    def change(self, change: Change) -> bool:
        """Keeps a change; False when the ticket has changed since it was seen.

        A message whose key is known is kept already: then nothing changes, and that is success.
        """
        ...

    def has_message(self, key: str) -> bool:
        """True when the message with that key is kept already."""
        ...

    def hand_over(self, draft: TicketDraft, requester: Requester, at: datetime) -> None:
        """Keeps what is known as an open draft for an agent; the bot is silent from then on."""
        ...

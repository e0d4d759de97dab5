"""The ticket (chamado) and its timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.sla.clock import ClockEvent


class Status(StrEnum):
    """Where a ticket stands; the value is what is stored."""

    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    RESOLVED = "resolved"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Status.OPEN: "Em atendimento",
    Status.WAITING_CUSTOMER: "Aguardando sua resposta",
    Status.RESOLVED: "Resolvido",
}


PICTURE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")


@dataclass(frozen=True)
class Attachment:
    """A file kept on disk under its content hash. `size` in bytes. `message` is the id of the answer it came with."""

    id: str
    name: str
    mime: str
    size: int
    sha256: str
    message: int | None = None

    @property
    def is_picture(self) -> bool:
        """Whether a small picture may be shown of it."""
        return self.mime in PICTURE_TYPES


class Author(StrEnum):
    """On which side of the desk a message was written."""

    CUSTOMER = "customer"
    AGENT = "agent"


@dataclass(frozen=True)
class TicketMessage:
    """What somebody wrote on a ticket after it was filed. `at` is aware."""

    id: int
    author: Author
    actor: str | None
    actor_name: str | None
    channel: str
    text: str
    at: datetime


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened to a ticket, in order. `at` is aware."""

    kind: str
    at: datetime
    actor: str | None
    body: dict[str, Any]


@dataclass(frozen=True)
class Ticket:
    """A filed request. Times are aware; deadlines are None when the matrix does not apply.

    `began_at` is the moment that `when` speaks of, None where it tells none. `version` counts the changes.
    `clock_events` is the log from which the deadlines follow (bot.sla.clock).
    """

    number: str
    draft_id: str
    status: Status
    product: str
    module: str | None
    type: str
    subject: str
    who: str | None
    what: str | None
    where: str | None
    when: str | None
    why: str | None
    contact: str | None
    severity: int | None
    sla_row: str | None
    diagnosis_due: datetime | None
    solution_due: datetime | None
    began_at: datetime | None
    creator: str | None
    creator_name: str | None
    company: str | None
    channel: str
    conversation: str
    created_at: datetime
    attachments: tuple[Attachment, ...] = ()
    articles_shown: tuple[str, ...] = ()
    evidence: dict[str, Any] = field(default_factory=dict)
    timeline: tuple[TimelineEntry, ...] = ()
    messages: tuple[TicketMessage, ...] = ()
    clock_events: tuple[ClockEvent, ...] = ()
    version: int = 1
    assignee: str | None = None
    resolved_at: datetime | None = None

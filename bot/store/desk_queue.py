"""The desk's queue: tickets in the order in which their deadlines run out, for agents only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true

from bot.store.engine import Database
from bot.store.tables import ticket_messages, tickets
from bot.store.ticket_rows import worded
from bot.tickets.draft import Requester, only_agents
from bot.tickets.ticket import Author, Status

_SHOWN = (
    "number", "subject", "severity", "product", "module", "company", "creator", "creator_name", "channel", "assignee",
    "breaches_at", "created_at",
)  # fmt: skip


@dataclass(frozen=True)
class QueueQuery:
    """What the queue is narrowed by; None means any. `status` None is all that is not done with.

    `page` counts from 1, and `size` tickets are on each.
    """

    status: Status | None = None
    every_status: bool = False
    severity: int | None = None
    product: str | None = None
    company: str | None = None
    mine: bool = False
    unanswered: bool = False
    q: str | None = None
    page: int = 1
    size: int = 25


@dataclass(frozen=True)
class QueueRow:
    """A ticket as the queue shows it. `breaches_at` is aware: when the next running clock runs out, or has run out.

    `unanswered`: the customer wrote last, and nobody of the desk has answered.
    """

    number: str
    subject: str
    severity: int | None
    product: str
    module: str | None
    company: str | None
    creator: str | None
    creator_name: str | None
    channel: str
    assignee: str | None
    breaches_at: datetime | None
    created_at: datetime
    status: Status
    unanswered: bool


@dataclass(frozen=True)
class Counts:
    """How many tickets there are of each kind; a ticket may be of several."""

    open: int
    waiting_customer: int
    late: int
    unanswered: int


@dataclass(frozen=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    total: int


_LAST_AUTHOR = (
    select(ticket_messages.c.author)
    .where(ticket_messages.c.ticket_id == tickets.c.id)
    .order_by(ticket_messages.c.id.desc())
    .limit(1)
    .correlate(tickets)
    .scalar_subquery()
)
_UNANSWERED = _LAST_AUTHOR.is_not_distinct_from(Author.CUSTOMER.value)
# A word of a customer on a ticket that is done with must not be lost.
_TO_DO = or_(tickets.c.status != Status.RESOLVED.value, _UNANSWERED)
# What runs, by the moment it runs out, which puts what is late first; what has no clock; what the customer owes.
_ORDER = (
    case(
        (tickets.c.status == Status.RESOLVED.value, 3),
        (tickets.c.status == Status.WAITING_CUSTOMER.value, 2),
        (tickets.c.breaches_at.is_(None), 1),
        else_=0,
    ),
    tickets.c.breaches_at,
    tickets.c.id,
)


class DeskQueue:
    """Every method raises Forbidden for whoever is no agent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, query: QueueQuery, who: Requester) -> QueuePage:
        only_agents(who)
        condition = _narrowed(query, who)
        columns = [getattr(tickets.c, name) for name in (*_SHOWN, "status")]
        with self._database.read() as connection:
            if query.q and query.q.strip():
                condition = worded(connection, query.q, condition)
            total = connection.execute(select(func.count()).select_from(tickets).where(condition)).scalar_one()
            rows = connection.execute(
                select(*columns, _UNANSWERED.label("unanswered"))
                .where(condition)
                .order_by(*_ORDER)
                .limit(query.size)
                .offset((query.page - 1) * query.size)
            )
            return QueuePage(tuple(_row(row) for row in rows), total)

    def counts(self, who: Requester, now: datetime) -> Counts:
        only_agents(who)
        kinds = {
            "open": tickets.c.status == Status.OPEN.value,
            "waiting_customer": tickets.c.status == Status.WAITING_CUSTOMER.value,
            "late": and_(tickets.c.status == Status.OPEN.value, tickets.c.breaches_at <= now),
            "unanswered": _UNANSWERED,
        }
        sums = [func.coalesce(func.sum(case((kind, 1), else_=0)), 0).label(name) for name, kind in kinds.items()]
        with self._database.read() as connection:
            row = connection.execute(select(*sums).select_from(tickets).where(_TO_DO)).one()
        return Counts(row.open, row.waiting_customer, row.late, row.unanswered)

    def companies(self, who: Requester) -> list[str]:
        """All that ever filed, by name."""
        only_agents(who)
        query = select(tickets.c.company).where(tickets.c.company.is_not(None)).distinct().order_by(tickets.c.company)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())


def _narrowed(query: QueueQuery, who: Requester) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if query.status is not None:
        conditions.append(tickets.c.status == query.status.value)
    elif not query.every_status:
        conditions.append(_TO_DO)
    for column, value in (
        (tickets.c.severity, query.severity),
        (tickets.c.product, query.product),
        (tickets.c.company, query.company),
    ):
        if value is not None:
            conditions.append(column == value)
    if query.mine:
        conditions.append(tickets.c.assignee == who.email)
    if query.unanswered:
        conditions.append(_UNANSWERED)
    return and_(true(), *conditions)


def _row(row: Any) -> QueueRow:
    shown = {name: getattr(row, name) for name in _SHOWN}
    return QueueRow(**shown, status=Status(row.status), unanswered=bool(row.unanswered))

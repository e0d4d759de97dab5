"""Rows of the database as tickets, and the conditions under which a person sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, Connection, Row, Table, and_, false, func, or_, select, true

from bot.catalog import WHYS
from bot.sla.clock import Clock, ClockEvent, ClockEventKind
from bot.store.tables import attachments, clock_events, ticket_events, ticket_messages, tickets
from bot.text import plain
from bot.tickets.draft import Requester
from bot.tickets.ports import TicketQuery
from bot.tickets.ticket import Attachment, Author, Status, Ticket, TicketMessage, TimelineEntry

# How alike a word must be to count as a misspelling, of 100; "relatorio" and "relatrio" are 94.
_MISSPELT = 80
_SHORTEST_MISSPELT = 4
_LOOKED_THROUGH = 3_000

_SAME = (
    "number", "draft_id", "product", "module", "type", "subject", "who", "what", "where", "when", "why", "contact",
    "severity", "sla_row", "began_at", "diagnosis_due", "solution_due", "creator", "creator_name", "company", "channel",
    "created_at", "version", "assignee", "resolved_at", "evidence",
)  # fmt: skip


def visible(requester: Requester) -> ColumnElement[bool]:
    """What a requester may see: the company's tickets; of those of no company, what their proven address filed, and
    what was filed in the conversation itself, before the address was proven.

    Who has no company sees all that their address filed, and in a conversation what was filed in it.
    """
    if requester.role == "agent":
        return true()
    own = false()
    if requester.email:
        own = and_(func.lower(tickets.c.creator) == requester.email.lower(), tickets.c.creator_verified.is_(True))
    here = tickets.c.conversation_id == requester.conversation if requester.conversation else false()
    if requester.company:
        return or_(tickets.c.company == requester.company, and_(or_(own, here), tickets.c.company.is_(None)))
    return or_(own, here)


def narrowed(query: TicketQuery, requester: Requester) -> ColumnElement[bool]:
    """What the requester sees of what the query asks for; words are left to `worded`."""
    conditions = [visible(requester)]
    if query.scope == "mine" and requester.email:
        conditions.append(func.lower(tickets.c.creator) == requester.email.lower())
    for column, value in ((tickets.c.status, query.status), (tickets.c.type, query.type)):
        if value:
            conditions.append(column == value)
    if query.creator:
        conditions.append(func.lower(tickets.c.creator) == query.creator.lower())
    if query.unresolved:
        conditions.append(tickets.c.status != Status.RESOLVED.value)
    if query.since:
        conditions.append(tickets.c.created_at >= query.since)
    if query.until:
        conditions.append(tickets.c.created_at < query.until)
    if query.after:
        # A number that the requester does not see leads nowhere, as one that nobody has.
        after = and_(tickets.c.number == query.after, visible(requester))
        older = select(tickets.c.id).where(after).scalar_subquery()
        conditions.append(tickets.c.id < older)
    return and_(*conditions)


def worded(connection: Connection, q: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """`condition`, and every word of `q` occurs. Where nothing has them all, words misspelt count too."""
    words = plain(q.replace("\0", "")).split()
    exact = and_(condition, *(tickets.c.haystack.contains(word, autoescape=True) for word in words))
    if connection.execute(select(tickets.c.id).where(exact).limit(1)).first():
        return exact
    query = select(tickets.c.id, tickets.c.haystack).where(condition).order_by(tickets.c.id.desc())
    rows = connection.execute(query.limit(_LOOKED_THROUGH))
    return tickets.c.id.in_([row.id for row in rows if _nearly_has(set(row.haystack.split()), words)])


def _nearly_has(told: set[str], words: list[str]) -> bool:
    return bool(words) and all(
        word in told
        or (len(word) >= _SHORTEST_MISSPELT and any(fuzz.ratio(word, other) >= _MISSPELT for other in told))
        for word in words
    )


def haystack(number: str, subject: str, told: Any) -> str:
    """What search by words looks into; `told` has the five whys as attributes."""
    return plain(" ".join([number, subject, *(getattr(told, name) or "" for name in WHYS)]))


def load(connection: Connection, condition: ColumnElement[bool], limit: int | None = None) -> list[Ticket]:
    """Tickets with all that hangs on them, newest first."""
    query = select(tickets).where(condition).order_by(tickets.c.id.desc())
    rows = connection.execute(query.limit(limit) if limit else query).all()
    ids = [row.id for row in rows]
    parts = {
        table.name: _grouped(connection, table, ids)
        for table in (attachments, ticket_events, ticket_messages, clock_events)
    }
    return [_ticket(row, {name: rows_of.get(row.id, []) for name, rows_of in parts.items()}) for row in rows]


def _grouped(connection: Connection, table: Table, ids: list[int]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = {}
    if ids:
        order = table.c.created_at if table is attachments else table.c.id
        for row in connection.execute(select(table).where(table.c.ticket_id.in_(ids)).order_by(order)):
            grouped.setdefault(row.ticket_id, []).append(row)
    return grouped


def _ticket(row: Row[Any], parts: dict[str, list[Row[Any]]]) -> Ticket:
    return Ticket(
        **{name: getattr(row, name) for name in _SAME},
        status=Status(row.status),
        conversation=row.conversation_id,
        articles_shown=tuple(row.articles_shown),
        attachments=tuple(
            Attachment(f.id, f.name, f.mime, f.size, f.sha256, f.message_id) for f in parts["attachments"]
        ),
        timeline=tuple(TimelineEntry(e.kind, e.at, e.actor, e.body) for e in parts["ticket_events"]),
        messages=tuple(
            TicketMessage(m.id, Author(m.author), m.actor, m.actor_name, m.channel, m.text, m.at)
            for m in parts["ticket_messages"]
        ),
        clock_events=tuple(_clock_event(e) for e in parts["clock_events"]),
    )


def _clock_event(row: Row[Any]) -> ClockEvent:
    target = timedelta(seconds=row.target_seconds) if row.target_seconds is not None else None
    return ClockEvent(Clock(row.clock), ClockEventKind(row.kind), row.at, target, row.severity, row.calendar)

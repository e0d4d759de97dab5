"""Tickets in the database. Every read is scoped in its query; nothing is filtered afterwards."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from bot.company import Company
from bot.store.engine import Database
from bot.store.outbox import add_notice
from bot.store.refused_files import tell_of_refused
from bot.store.tables import attachments, handovers, ticket_events, tickets
from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.ports import Filing, TicketQuery
from bot.tickets.ticket import Attachment, Status, Ticket, TimelineEntry


class SqlTicketStore:
    """Implements bot.tickets.ports.TicketStore."""

    def __init__(self, database: Database, company: Company) -> None:
        self._database, self._company = database, company

    def file(self, filing: Filing) -> Ticket:
        try:
            with self._database.write() as connection:
                number = self._number_of(connection, filing.draft.id) or self._insert(connection, filing)
        except IntegrityError:  # the same draft, filed at the same moment by another process
            with self._database.read() as connection:
                number = self._number_of(connection, filing.draft.id)
                if number is None:
                    raise
        with self._database.read() as connection:
            return self._load(connection, tickets.c.number == number)[0]

    def find(self, number: str, requester: Requester) -> Ticket | None:
        with self._database.read() as connection:
            found = self._load(connection, and_(tickets.c.number == number, visible(requester)))
        return found[0] if found else None

    def find_all(self, query: TicketQuery, requester: Requester) -> list[Ticket]:
        condition = and_(visible(requester), *_narrowed(query, requester))
        with self._database.read() as connection:
            return self._load(connection, condition, query.limit)

    def latest_contact(self, requester: Requester) -> str | None:
        """The phone or time window that the person gave last time."""
        if not requester.email:
            return None
        query = (
            select(tickets.c.contact)
            .where(visible(requester), func.lower(tickets.c.creator) == requester.email.lower())
            .where(tickets.c.contact.is_not(None))
            .order_by(tickets.c.id.desc())
        )
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).scalar()

    def hand_over(self, draft: TicketDraft, requester: Requester, at: datetime) -> None:
        with self._database.write() as connection:
            open_one = select(handovers.c.id).where(
                handovers.c.conversation_id == requester.conversation, handovers.c.closed_at.is_(None)
            )
            if connection.execute(open_one).first():
                return
            values = {"conversation_id": requester.conversation, "draft": asdict(draft), "requester": asdict(requester)}
            id = connection.execute(insert(handovers).values(**values, at=at).returning(handovers.c.id)).scalar_one()
            add_notice(
                connection,
                key=f"handover:{id}",
                kind="handover",
                recipient=self._company.email,
                payload={"draft": asdict(draft), "requester": asdict(requester)},
                at=at,
            )

    def _insert(self, connection: Connection, filing: Filing) -> str:
        draft, requester = filing.draft, filing.requester
        id = connection.execute(insert(tickets).values(**_columns(filing)).returning(tickets.c.id)).scalar_one()
        number = self._company.ticket_number(id)
        connection.execute(update(tickets).where(tickets.c.id == id).values(number=number))
        event = {"ticket_id": id, "kind": "opened", "at": filing.at, "actor": requester.address}
        # The first message whole: what the fields left out is still for the agent to read.
        body = {"severity": filing.severity, **({"said": draft.opening} if draft.opening else {})}
        connection.execute(insert(ticket_events).values(**event, body=body))
        self._attach(connection, id, draft, requester)
        tell_of_refused(connection, id, requester.conversation)
        if requester.address:
            add_notice(
                connection,
                key=f"ticket-copy:{number}",
                kind="ticket_copy",
                recipient=requester.address,
                payload={"number": number},
                at=filing.at,
            )
        return number

    def _attach(self, connection: Connection, ticket_id: int, draft: TicketDraft, requester: Requester) -> None:
        """Only files of the same conversation can be attached, whatever ids the draft names."""
        if draft.attachments:
            connection.execute(
                update(attachments)
                .where(
                    attachments.c.id.in_(draft.attachments),
                    attachments.c.conversation_id == requester.conversation,
                    attachments.c.ticket_id.is_(None),
                )
                .values(ticket_id=ticket_id)
            )

    def _number_of(self, connection: Connection, draft_id: str) -> str | None:
        return connection.execute(select(tickets.c.number).where(tickets.c.draft_id == draft_id)).scalar()

    def by_number(self, number: str) -> Ticket | None:
        """Unscoped: only for what the service itself sends out, such as the copy by e-mail."""
        with self._database.read() as connection:
            found = self._load(connection, tickets.c.number == number)
        return found[0] if found else None

    def _load(self, connection: Connection, condition: ColumnElement[bool], limit: int | None = None) -> list[Ticket]:
        query = select(tickets).where(condition).order_by(tickets.c.id.desc())
        rows = connection.execute(query.limit(limit) if limit else query).all()
        ids = [row.id for row in rows]
        files = _grouped(connection, attachments, ids, attachments.c.created_at)
        events = _grouped(connection, ticket_events, ids, ticket_events.c.id)
        return [_ticket(row, files.get(row.id, []), events.get(row.id, [])) for row in rows]


def visible(requester: Requester) -> ColumnElement[bool]:
    """What a requester may see: the company's tickets; without a company, those of the proven address.

    Whoever filed a ticket in this very conversation may ask for it there.
    """
    if requester.role == "agent":
        return true()
    if requester.company:
        return tickets.c.company == requester.company
    own = false()
    if requester.email:
        own = and_(func.lower(tickets.c.creator) == requester.email.lower(), tickets.c.creator_verified.is_(True))
    if not requester.conversation:
        return own
    return or_(own, tickets.c.conversation_id == requester.conversation)


def _narrowed(query: TicketQuery, requester: Requester) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.scope == "mine" and requester.email:
        conditions.append(func.lower(tickets.c.creator) == requester.email.lower())
    for column, value in ((tickets.c.status, query.status), (tickets.c.type, query.type)):
        if value:
            conditions.append(column == value)
    if query.creator:
        conditions.append(func.lower(tickets.c.creator) == query.creator.lower())
    if query.q:
        words = query.q.strip().lower()
        searched = (tickets.c.number, tickets.c.subject, tickets.c.what, tickets.c.where)
        conditions.append(or_(*(func.lower(column).contains(words, autoescape=True) for column in searched)))
    if query.after:
        older = select(tickets.c.id).where(tickets.c.number == query.after).scalar_subquery()
        conditions.append(tickets.c.id < older)
    return conditions


def _columns(filing: Filing) -> dict[str, Any]:
    draft, requester = filing.draft, filing.requester
    told = ("product", "module", "type", "who", "what", "where", "when", "why", "contact")
    return {
        **{name: getattr(draft, name) for name in told},
        "draft_id": draft.id,
        "status": Status.OPEN.value,
        "subject": filing.subject[:300],
        "severity": filing.severity,
        "sla_row": filing.sla_row,
        "began_at": filing.began_at,
        "diagnosis_due": filing.diagnosis_due,
        "solution_due": filing.solution_due,
        "creator": requester.address,
        "creator_verified": requester.email is not None,
        "creator_name": requester.name,
        "company": requester.company,
        "channel": requester.channel,
        "conversation_id": requester.conversation,
        "articles_shown": list(draft.articles_shown),
        "evidence": filing.evidence,
        "created_at": filing.at,
    }


def _grouped(connection: Connection, table: Any, ids: list[int], order: Any) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = {}
    if ids:
        for row in connection.execute(select(table).where(table.c.ticket_id.in_(ids)).order_by(order)):
            grouped.setdefault(row.ticket_id, []).append(row)
    return grouped


def _ticket(row: Row[Any], files: list[Row[Any]], events: list[Row[Any]]) -> Ticket:
    same = [
        "number",
        "draft_id",
        "product",
        "module",
        "type",
        "subject",
        "who",
        "what",
        "where",
        "when",
        "why",
        "contact",
        "severity",
        "sla_row",
        "began_at",
        "diagnosis_due",
        "solution_due",
        "creator",
        "creator_name",
        "company",
        "channel",
        "created_at",
    ]
    return Ticket(
        **{name: getattr(row, name) for name in same},
        status=Status(row.status),
        conversation=row.conversation_id,
        articles_shown=tuple(row.articles_shown),
        attachments=tuple(Attachment(f.id, f.name, f.mime, f.size, f.sha256) for f in files),
        timeline=tuple(TimelineEntry(e.kind, e.at, e.actor, e.body) for e in events),
    )

"""Tickets in the database. Every read is scoped in its query; nothing is filtered afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.catalog import WHYS
from bot.company import Company
from bot.sla.clock import ClockEvent
from bot.store.attachment_store import held
from bot.store.engine import Database
from bot.store.inbox import add_bubbles
from bot.store.outbox import add_notice
from bot.store.personal import ERASED
from bot.store.refused_files import tell_of_refused
from bot.store.tables import (
    attachments,
    clock_events,
    handovers,
    subscriptions,
    ticket_events,
    ticket_messages,
    tickets,
)
from bot.store.ticket_rows import haystack, load, narrowed, visible, worded
from bot.text import plain
from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.files import FileLimits
from bot.tickets.ports import Change, Creator, Filing, TicketQuery
from bot.tickets.ticket import Status, Ticket


class SqlTicketStore:
    """Implements bot.tickets.ports.TicketStore."""

    def __init__(self, database: Database, company: Company, limits: FileLimits) -> None:
        self._database, self._company, self._limits = database, company, limits

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
            return load(connection, tickets.c.number == number)[0]

    def find(self, number: str, requester: Requester) -> Ticket | None:
        with self._database.read() as connection:
            found = load(connection, and_(tickets.c.number == number, visible(requester)))
        return found[0] if found else None

    def find_all(self, query: TicketQuery, requester: Requester) -> list[Ticket]:
        condition = narrowed(query, requester)
        with self._database.read() as connection:
            if query.q and query.q.strip():
                condition = worded(connection, query.q, condition)
            return load(connection, condition, query.limit)

    def has_message(self, key: str) -> bool:
        with self._database.read() as connection:
            return _is_kept(connection, key)

    def creators(self, requester: Requester) -> list[Creator]:
        email, name = func.lower(tickets.c.creator), func.max(tickets.c.creator_name)
        query = select(email.label("email"), name.label("name")).where(
            visible(requester), tickets.c.creator.is_not(None)
        )
        with self._database.read() as connection:
            rows = connection.execute(query.group_by(email)).all()
        return sorted((Creator(row.email, row.name) for row in rows), key=lambda one: plain(one.name or one.email))

    def follows(self, number: str, requester: Requester) -> bool:
        """Whether the requester hears of what happens to a ticket without having filed it."""
        with self._database.read() as connection:
            return connection.execute(_subscription(number, requester)).first() is not None

    def follow(self, number: str, requester: Requester, at: datetime) -> None:
        """Nothing happens for a ticket the requester does not see or follows already."""
        visible_one = select(tickets.c.id).where(tickets.c.number == number, visible(requester))
        with self._database.write() as connection:
            id = connection.execute(visible_one).scalar()
            if id and requester.email and not connection.execute(_subscription(number, requester)).first():
                connection.execute(insert(subscriptions).values(ticket_id=id, email=requester.email, at=at))

    def unfollow(self, number: str, requester: Requester) -> None:
        of_ticket = select(tickets.c.id).where(tickets.c.number == number).scalar_subquery()
        mine = and_(subscriptions.c.ticket_id == of_ticket, subscriptions.c.email == requester.email)
        with self._database.write() as connection:
            connection.execute(delete(subscriptions).where(mine))

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

    def change(self, change: Change) -> bool:
        try:
            with self._database.write() as connection:
                if change.message and _is_kept(connection, change.message.key):
                    return True
                row = _lock(connection, change)
                if row is None:
                    return False
                self._keep(connection, row, change)
                return True
        except IntegrityError:  # the same message, kept at the same moment by another process
            with self._database.read() as connection:
                if change.message and _is_kept(connection, change.message.key):
                    return True
            raise

    def corrected(self) -> list[Ticket]:
        """Tickets whose row of the matrix an agent has changed, oldest first. Unscoped: for learning only."""
        changed = select(ticket_events.c.ticket_id).where(ticket_events.c.kind == "severity_changed")
        with self._database.read() as connection:
            return load(connection, and_(tickets.c.id.in_(changed), tickets.c.subject != ERASED))[::-1]

    def _keep(self, connection: Connection, row: Row[Any], change: Change) -> None:
        message = _add_message(connection, row, change) if change.message else None
        if change.message and change.message.attachments:
            self._limits.check(*held(connection, attachments.c.ticket_id == row.id))
        add_clock_events(connection, row.id, change.clock_events)
        body = {**change.body, **({"message": message} if message else {})}
        _add_event(connection, row.id, change.kind, change.at, change.actor, body)
        if change.letter:
            self._tell(connection, row, change, message)
        if change.bubble:
            body = {"text": change.bubble, "ticket": {"number": change.number}, "name": change.actor.name}
            add_bubbles(connection, row.conversation_id, [body], change.at, author="agent")

    def _tell(self, connection: Connection, row: Row[Any], change: Change, message: int | None) -> None:
        """Everybody who follows the ticket hears of it, but for who did it."""
        query = select(subscriptions.c.email).where(subscriptions.c.ticket_id == row.id)
        followers = {row.creator, *connection.execute(query).scalars()} - {None, change.actor.address}
        for recipient in sorted(followers):
            add_notice(
                connection,
                key=f"{change.letter}:{change.number}:{change.seen + 1}:{recipient}"[:200],
                kind=change.letter or "",
                recipient=recipient,
                payload={"number": change.number, "message": message, "body": change.body},
                at=change.at,
            )

    def _insert(self, connection: Connection, filing: Filing) -> str:
        draft, requester = filing.draft, filing.requester
        id = connection.execute(insert(tickets).values(**_columns(filing)).returning(tickets.c.id)).scalar_one()
        number = self._company.ticket_number(id)
        found_by = haystack(number, filing.subject, draft)
        connection.execute(update(tickets).where(tickets.c.id == id).values(number=number, haystack=found_by))
        # The first message whole: what the fields left out is still for the agent to read.
        body = {"severity": filing.severity, **({"said": draft.opening} if draft.opening else {})}
        body |= {"checks": list(draft.checks)} if draft.checks else {}
        _add_event(connection, id, "opened", filing.at, requester, body)
        add_clock_events(connection, id, filing.clock_events)
        attach(connection, id, draft.attachments, requester.conversation)
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

    def _number_of(self, connection: Connection, draft_id: str) -> str | None:
        return connection.execute(select(tickets.c.number).where(tickets.c.draft_id == draft_id)).scalar()

    def by_number(self, number: str) -> Ticket | None:
        """Unscoped: only for what the service itself sends out, such as the copy by e-mail."""
        with self._database.read() as connection:
            found = load(connection, tickets.c.number == number)
        return found[0] if found else None


def _subscription(number: str, requester: Requester) -> Select[Any]:
    joined = subscriptions.join(tickets, subscriptions.c.ticket_id == tickets.c.id)
    mine = and_(tickets.c.number == number, subscriptions.c.email == requester.email, visible(requester))
    return select(subscriptions.c.email).select_from(joined).where(mine)


def attach(
    connection: Connection, ticket_id: int, ids: Sequence[str], conversation: str, message: int | None = None
) -> None:
    """Only files of the same conversation can be attached, whatever ids are named."""
    if ids:
        connection.execute(
            update(attachments)
            .where(
                attachments.c.id.in_(ids),
                attachments.c.conversation_id == conversation,
                attachments.c.ticket_id.is_(None),
            )
            .values(ticket_id=ticket_id, message_id=message)
        )


def add_clock_events(connection: Connection, ticket_id: int, events: Sequence[ClockEvent]) -> None:
    for event in events:
        seconds = int(event.target.total_seconds()) if event.target is not None else None
        connection.execute(
            insert(clock_events).values(
                ticket_id=ticket_id, clock=event.clock.value, kind=event.kind.value, at=event.at,
                target_seconds=seconds, severity=event.severity, calendar=event.calendar,
            )
        )  # fmt: skip


def _add_event(
    connection: Connection, ticket_id: int, kind: str, at: datetime, actor: Requester, body: dict[str, Any]
) -> None:
    values = {"ticket_id": ticket_id, "kind": kind, "at": at, "actor": actor.address, "body": body}
    connection.execute(insert(ticket_events).values(**values))


def _add_message(connection: Connection, row: Row[Any], change: Change) -> int:
    message, who = change.message, change.actor
    assert message is not None
    query = insert(ticket_messages).values(
        ticket_id=row.id, key=message.key, author=message.author.value, actor=who.address, actor_name=who.name,
        channel=message.channel, text=message.text, at=change.at,
    ).returning(ticket_messages.c.id)  # fmt: skip
    id = connection.execute(query).scalar_one()
    attach(connection, row.id, message.attachments, who.conversation, id)
    more = f"{row.haystack} {plain(message.text)}"
    connection.execute(update(tickets).where(tickets.c.id == row.id).values(haystack=more))
    return id


def _is_kept(connection: Connection, key: str) -> bool:
    query = select(ticket_messages.c.id).where(ticket_messages.c.key == key)
    return connection.execute(query).first() is not None


def _lock(connection: Connection, change: Change) -> Row[Any] | None:
    """Counts the change on the ticket; None when the version seen is no longer the one that is there."""
    values: dict[str, Any] = {"version": change.seen + 1}
    if change.status:
        resolved = change.at if change.status is Status.RESOLVED else None
        values |= {"status": change.status.value, "resolved_at": resolved}
    if change.row:
        values |= {"sla_row": change.row[0], "severity": change.row[1]}
    if change.deadlines:
        due = change.deadlines
        values |= {"diagnosis_due": due.diagnosis, "solution_due": due.solution, "breaches_at": due.next}
    if change.clock_events:
        values["watch_at"] = change.at
    if change.actor.role == "agent":
        values["assignee"] = change.actor.email
    seen = and_(tickets.c.number == change.number, tickets.c.version == change.seen)
    if connection.execute(update(tickets).where(seen).values(**values)).rowcount != 1:
        return None
    return connection.execute(select(tickets).where(tickets.c.number == change.number)).one()


def _columns(filing: Filing) -> dict[str, Any]:
    draft, requester = filing.draft, filing.requester
    told = ("product", "module", "type", *WHYS, "contact")
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
        "breaches_at": filing.diagnosis_due,
        "watch_at": filing.at if filing.clock_events else None,
        "version": 1,
        "haystack": "",
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

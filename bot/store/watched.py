"""The tickets whose deadlines are due to be looked at, and what the look found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from bot.sla.clock import ClockEvent
from bot.store.engine import Database
from bot.store.outbox import add_notice
from bot.store.tables import subscriptions, ticket_events, tickets
from bot.store.ticket_rows import load
from bot.store.ticket_store import add_clock_events
from bot.tickets.ticket import Ticket


@dataclass(frozen=True)
class Alarm:
    """`kind` is a kind of notice and of timeline entry; `promise` counts the targets that the clock has had."""

    kind: str
    clock: str
    promise: int
    due: datetime

    @property
    def body(self) -> dict[str, object]:
        return {"clock": self.clock, "promise": self.promise, "due": self.due.isoformat()}


class WatchedTickets:
    """`desk` is the address that hears of every alarm."""

    def __init__(self, database: Database, desk: str) -> None:
        self._database, self._desk = database, desk

    def due(self, now: datetime, limit: int = 50) -> list[Ticket]:
        with self._database.read() as connection:
            query = select(tickets.c.id).where(tickets.c.watch_at <= now).order_by(tickets.c.watch_at).limit(limit)
            ids = list(connection.execute(query).scalars())
            return load(connection, tickets.c.id.in_(ids)) if ids else []

    def looked(
        self,
        ticket: Ticket,
        alarms: list[Alarm],
        breaches: tuple[ClockEvent, ...],
        again: datetime | None,
        at: datetime,
    ) -> bool:
        """Keeps all that one look found, or nothing when the ticket has changed meanwhile: then it is looked at anew."""
        found = bool(alarms or breaches)
        seen = and_(tickets.c.number == ticket.number, tickets.c.version == ticket.version)
        values = {"watch_at": again, "version": ticket.version + found}
        with self._database.write() as connection:
            row = connection.execute(update(tickets).where(seen).values(**values).returning(tickets.c.id)).first()
            if row is None:
                return False
            add_clock_events(connection, row.id, breaches)
            for alarm in alarms:
                self._raise(connection, row.id, ticket, alarm, at)
        return True

    def put_off(self, ticket: Ticket, until: datetime) -> None:
        with self._database.write() as connection:
            query = update(tickets).where(tickets.c.number == ticket.number).values(watch_at=until)
            connection.execute(query)

    def _raise(self, connection: Connection, id: int, ticket: Ticket, alarm: Alarm, at: datetime) -> None:
        event = {"ticket_id": id, "kind": alarm.kind, "at": at, "actor": None, "body": alarm.body}
        connection.execute(insert(ticket_events).values(**event))
        query = select(subscriptions.c.email).where(subscriptions.c.ticket_id == id)
        for recipient in sorted({*connection.execute(query).scalars(), self._desk, ticket.assignee or self._desk}):
            add_notice(
                connection,
                key=f"{alarm.kind}:{ticket.number}:{alarm.clock}:{alarm.promise}:{recipient}"[:200],
                kind=alarm.kind,
                recipient=recipient,
                payload={"number": ticket.number, "body": alarm.body},
                at=at,
            )

"""The tickets whose deadlines are due to be looked at, and what the look found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from bot.sla.clock import ClockEvent
from bot.sla.warnings import ClockWarning, WarningKind
from bot.store.engine import Database
from bot.store.outbox import add_notice
from bot.store.tables import subscriptions, ticket_events, tickets
from bot.store.ticket_rows import load
from bot.store.ticket_store import add_clock_events
from bot.tickets.ticket import Ticket

_KINDS = {WarningKind.NEAR: "sla_warning", WarningKind.BREACHED: "sla_breach"}


@dataclass(frozen=True)
class Look:
    """What is new to tell and to write into the log, and when to look `again`; None when nothing runs."""

    warnings: tuple[ClockWarning, ...]
    breaches: tuple[ClockEvent, ...]
    again: datetime | None


class WatchedTickets:
    """`desk` is the address that hears of every warning."""

    def __init__(self, database: Database, desk: str) -> None:
        self._database, self._desk = database, desk

    def due(self, now: datetime, limit: int = 50) -> list[Ticket]:
        with self._database.read() as connection:
            query = select(tickets.c.id).where(tickets.c.watch_at <= now).order_by(tickets.c.watch_at).limit(limit)
            ids = list(connection.execute(query).scalars())
            return load(connection, tickets.c.id.in_(ids)) if ids else []

    def looked(self, ticket: Ticket, look: Look, at: datetime) -> bool:
        """Keeps all that one look found; nothing when the ticket has changed meanwhile, and it is looked at anew."""
        seen = and_(tickets.c.number == ticket.number, tickets.c.version == ticket.version)
        version = ticket.version + bool(look.warnings or look.breaches)
        with self._database.write() as connection:
            values = {"watch_at": look.again, "version": version}
            id = connection.execute(update(tickets).where(seen).values(**values).returning(tickets.c.id)).scalar()
            if id is None:
                return False
            add_clock_events(connection, id, look.breaches)
            for warning in look.warnings:
                self._raise(connection, id, ticket, warning, at)
        return True

    def _raise(self, connection: Connection, id: int, ticket: Ticket, warning: ClockWarning, at: datetime) -> None:
        kind, body = _KINDS[warning.kind], _body(warning)
        event = {"ticket_id": id, "kind": kind, "at": at, "actor": None, "body": body}
        connection.execute(insert(ticket_events).values(**event))
        query = select(subscriptions.c.email).where(subscriptions.c.ticket_id == id)
        for recipient in sorted({*connection.execute(query).scalars(), self._desk, ticket.assignee or self._desk}):
            add_notice(
                connection,
                key=f"{kind}:{ticket.number}:{warning.key}:{recipient}"[:200],
                kind=kind,
                recipient=recipient,
                payload={"number": ticket.number, "body": body},
                at=at,
            )


def _body(warning: ClockWarning) -> dict[str, object]:
    due = warning.due.isoformat()
    return {"key": warning.key, "clock": warning.clock.value, "due": due, "severity": warning.severity}

"""Tickets filed under an address that was typed, not proven. Who proves the address later says whether they are theirs.

Until then nobody reads them by that address: whoever typed it may be somebody else, who also reads the conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, select, update

from bot.store.engine import Database
from bot.store.tables import ticket_events, tickets
from bot.tickets.draft import Requester

_MOST_SHOWN = 20


@dataclass(frozen=True)
class Claim:
    """What the owner of an address is shown of a ticket that bears it: what the copy by e-mail told already."""

    number: str
    subject: str


class Claims:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def of(self, email: str) -> list[Claim]:
        """Newest first, at most twenty."""
        query = select(tickets.c.number, tickets.c.subject).where(_unproven(email)).order_by(tickets.c.id.desc())
        with self._database.read() as connection:
            return [Claim(row.number, row.subject) for row in connection.execute(query.limit(_MOST_SHOWN))]

    def find(self, number: str, email: str) -> Claim | None:
        query = select(tickets.c.number, tickets.c.subject).where(_unproven(email), tickets.c.number == number)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return Claim(row.number, row.subject) if row else None

    def confirm(self, number: str, requester: Requester) -> bool:
        """The ticket is theirs from now on, and their company's. False when there was nothing to confirm."""
        mine = and_(_unproven(requester.email or ""), tickets.c.number == number)
        values = {"creator_verified": True, "company": requester.company, "version": tickets.c.version + 1}
        with self._database.write() as connection:
            id = connection.execute(update(tickets).where(mine).values(**values).returning(tickets.c.id)).scalar()
            if id is not None:
                event = {"ticket_id": id, "kind": "confirmed", "at": self._now(), "actor": requester.email, "body": {}}
                connection.execute(insert(ticket_events).values(**event))
        return id is not None


def _unproven(email: str) -> ColumnElement[bool]:
    return and_(
        func.lower(tickets.c.creator) == email.lower(),
        tickets.c.creator_verified.is_(False),
        tickets.c.company.is_(None),
    )

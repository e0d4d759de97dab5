"""What has changed since a moment ago, told by the newest ids: cheap enough to be asked every second.

Tickets are filed in another process than the one that shows them, so that a bell inside one process would not ring.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

from sqlalchemy import Connection, Table, func, select

from bot.store.engine import Database
from bot.store.tables import handovers, inbound, outbound, ticket_events, ticket_notes, tickets


@dataclass(frozen=True)
class Mark:
    """The newest ids. They only grow."""

    ticket_events: int = 0
    ticket_notes: int = 0
    inbound: int = 0
    outbound: int = 0
    handovers: int = 0

    def __str__(self) -> str:
        return "-".join(str(id) for id in astuple(self))

    @classmethod
    def parse(cls, text: str) -> Mark | None:
        """None for what is no mark."""
        parts = text.split("-")
        if len(parts) != 5 or not all(part.isascii() and part.isdecimal() and len(part) < 16 for part in parts):
            return None
        return cls(*(int(part) for part in parts))


@dataclass(frozen=True)
class Changed:
    """Numbers of tickets and ids of conversations with something new."""

    tickets: frozenset[str]
    conversations: frozenset[str]


class Pulse:
    def __init__(self, database: Database) -> None:
        self._database = database

    def mark(self) -> Mark:
        tables = (ticket_events, ticket_notes, inbound, outbound, handovers)
        newest = [select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery() for table in tables]
        with self._database.read() as connection:
            return Mark(*connection.execute(select(*newest)).one())

    def since(self, mark: Mark) -> Changed:
        with self._database.read() as connection:
            numbers = _numbers(connection, ticket_events, mark.ticket_events) | _numbers(
                connection, ticket_notes, mark.ticket_notes
            )
            marks = ((inbound, mark.inbound), (outbound, mark.outbound), (handovers, mark.handovers))
            talks = {talk for table, id in marks for talk in _conversations(connection, table, id)}
            return Changed(frozenset(numbers), frozenset(talks))


def _numbers(connection: Connection, table: Table, after: int) -> set[str]:
    query = select(tickets.c.number).join(table, table.c.ticket_id == tickets.c.id).where(table.c.id > after)
    return {number for number in connection.execute(query.distinct()).scalars() if number}


def _conversations(connection: Connection, table: Table, after: int) -> set[str]:
    return set(connection.execute(select(table.c.conversation_id).where(table.c.id > after).distinct()).scalars())

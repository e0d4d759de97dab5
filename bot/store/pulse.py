"""What has changed since the last look, told by the ids of new rows: cheap enough to be asked every second.

Tickets are filed in another process than the one that shows them, so that a bell inside one process would not ring.
Ids are given out when a row is written and seen when it is committed: where several write at once, as on PostgreSQL, a
lower id may appear after a higher one. A look therefore goes back over the ids before the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, literal, select, union_all

from bot.store.engine import Database
from bot.store.mail_store import undecided
from bot.store.tables import handovers, inbound, mails, outbound, ticket_events, ticket_notes, tickets

_OF_TICKETS = (ticket_events, ticket_notes)
_OF_CONVERSATIONS = (inbound, outbound, handovers)
# How many rows of a table may be committed while one that got its id before them is still being written.
_GOES_BACK = 100


@dataclass(frozen=True)
class Look:
    """What was there: ids of the newest rows by table, and how many mails waited for a decision."""

    ids: dict[str, frozenset[int]]
    mails: int


@dataclass(frozen=True)
class Changed:
    """Numbers of tickets and ids of conversations with something new, and whether more or fewer mails wait."""

    tickets: frozenset[str]
    conversations: frozenset[str]
    mails: bool

    def __bool__(self) -> bool:
        return bool(self.tickets or self.conversations or self.mails)


class Pulse:
    def __init__(self, database: Database) -> None:
        self._database = database

    def look(self, before: Look | None = None) -> Look:
        """What is there now. After `before` nothing is left out, however much came since."""
        with self._database.read() as connection:
            return _look(connection, before)

    def news(self, before: Look) -> tuple[Look, Changed]:
        """A new look, and what it shows that `before` did not."""
        with self._database.read() as connection:
            now = _look(connection, before)
            new = {name: ids - before.ids[name] for name, ids in now.ids.items()}
            numbers = {told for table in _OF_TICKETS for told in _numbers(connection, table, new[table.name])}
            talks = {told for table in _OF_CONVERSATIONS for told in _talks(connection, table, new[table.name])}
        return now, Changed(frozenset(numbers), frozenset(talks), now.mails != before.mails)


def _look(connection: Connection, before: Look | None) -> Look:
    tables = (*_OF_TICKETS, *_OF_CONVERSATIONS)
    each = [
        select(literal(table.name).label("name"), table.c.id).where(table.c.id > _newest(table, before) - _GOES_BACK)
        for table in tables
    ]
    ids: dict[str, set[int]] = {table.name: set() for table in tables}
    for row in connection.execute(union_all(*each)):
        ids[row.name].add(row.id)
    waiting = connection.execute(select(func.count()).select_from(mails).where(undecided)).scalar_one()
    return Look({name: frozenset(found) for name, found in ids.items()}, waiting)


def _newest(table: Table, before: Look | None) -> ColumnElement[int] | int:
    if before is None:
        return select(func.coalesce(func.max(table.c.id), 0)).scalar_subquery()
    return max(before.ids[table.name], default=0)


def _numbers(connection: Connection, table: Table, ids: frozenset[int]) -> list[str]:
    query = select(tickets.c.number).join(table, table.c.ticket_id == tickets.c.id)
    return _told(connection, query, table, ids)


def _talks(connection: Connection, table: Table, ids: frozenset[int]) -> list[str]:
    return _told(connection, select(table.c.conversation_id), table, ids)


def _told(connection: Connection, query: Select[Any], table: Table, ids: frozenset[int]) -> list[str]:
    """By the lowest id, for there may be more of them than a query takes; whoever is named needlessly looks once more."""
    if not ids:
        return []
    found = connection.execute(query.where(table.c.id >= min(ids)).distinct()).scalars()
    return [told for told in found if told]

"""Files that a person sent and that were not kept: the ticket tells of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bot.store.engine import Database
from bot.store.tables import conversations, refused_files, ticket_events, tickets


class RefusedFiles:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def note(self, conversation: str, client_id: str, name: str, reason: str) -> None:
        """Notes a refusal once per message. Between two intakes it belongs to the ticket filed last, else to the next one."""
        mine = (refused_files.c.conversation_id == conversation, refused_files.c.client_id == client_id)
        values = {"conversation_id": conversation, "client_id": client_id, "name": name[:255], "reason": reason}
        with self._database.write() as connection:
            if connection.execute(select(refused_files.c.id).where(*mine)).first():
                return
            connection.execute(insert(refused_files).values(**values, at=self._now()))
            filed = _filed_last(connection, conversation)
            if filed is not None:
                tell_of_refused(connection, filed, conversation)


def tell_of_refused(connection: Connection, ticket: int, conversation: str) -> None:
    """Puts the refusals of a conversation that are on no ticket yet on the timeline of this one."""
    loose = (refused_files.c.conversation_id == conversation, refused_files.c.ticket_id.is_(None))
    for row in connection.execute(select(refused_files).where(*loose).order_by(refused_files.c.id)).all():
        event = {"ticket_id": ticket, "kind": "file_refused", "at": row.at, "actor": None}
        connection.execute(insert(ticket_events).values(**event, body={"name": row.name, "reason": row.reason}))
    connection.execute(update(refused_files).where(*loose).values(ticket_id=ticket))


def _filed_last(connection: Connection, conversation: str) -> int | None:
    """The newest ticket of a conversation in which nothing is being asked."""
    asking = connection.execute(select(conversations.c.asking).where(conversations.c.id == conversation)).scalar()
    if asking:
        return None
    query = select(tickets.c.id).where(tickets.c.conversation_id == conversation).order_by(tickets.c.id.desc())
    return connection.execute(query.limit(1)).scalar()

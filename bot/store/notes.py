"""What agents tell each other about a ticket. Kept apart from the ticket: what customers read never comes near it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from bot.errors import InvalidRequest, NotFound
from bot.store.engine import Database
from bot.store.tables import ticket_notes, tickets
from bot.tickets.draft import Requester, only_agents

_LONGEST = 20_000


@dataclass(frozen=True)
class Note:
    """`at` is aware; `author` is an agent's address."""

    id: int
    author: str
    author_name: str | None
    text: str
    at: datetime


class Notes:
    """Only agents write and read. `now` gives aware instants."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def write(self, number: str, agent: Requester, text: str, key: str) -> None:
        """The same `key` twice is one note."""
        only_agents(agent)
        if not text.strip() or len(text) > _LONGEST:
            raise InvalidRequest(f"Escreva a nota antes de guardar, com até {_LONGEST} caracteres.")
        values = {"key": key, "author": agent.email, "author_name": agent.name, "text": text.strip(), "at": self._now()}
        try:
            with self._database.write() as connection:
                ticket = connection.execute(select(tickets.c.id).where(tickets.c.number == number)).scalar()
                if ticket is None:
                    raise NotFound(f"O chamado {number[:20]} não existe.")
                if not connection.execute(select(ticket_notes.c.id).where(ticket_notes.c.key == key)).first():
                    connection.execute(insert(ticket_notes).values(ticket_id=ticket, **values))
        except IntegrityError:  # the same form, sent twice at the same moment
            with self._database.read() as connection:
                if not connection.execute(select(ticket_notes.c.id).where(ticket_notes.c.key == key)).first():
                    raise

    def of(self, number: str, agent: Requester) -> list[Note]:
        """Oldest first."""
        only_agents(agent)
        query = (
            select(ticket_notes)
            .join(tickets, tickets.c.id == ticket_notes.c.ticket_id)
            .where(tickets.c.number == number)
            .order_by(ticket_notes.c.id)
        )
        with self._database.read() as connection:
            return [Note(n.id, n.author, n.author_name, n.text, n.at) for n in connection.execute(query)]

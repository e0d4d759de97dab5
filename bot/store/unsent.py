"""What people wrote on a ticket when their session was over: kept until they are back and send it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.store.engine import Database
from bot.store.tables import unsent_texts

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Unsent:
    """`key` is that of the form it was written in. Of its files only that there were some is known."""

    key: str
    text: str
    had_files: bool


class UnsentTexts:
    """One text of a person on a ticket: the newest. `now` gives aware instants."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def keep(self, email: str, number: str, unsent: Unsent) -> None:
        try:
            self._put(email, number, unsent)
        except IntegrityError:  # another click at the same moment was first; its row is there now
            self._put(email, number, unsent)

    def find(self, email: str, number: str) -> Unsent | None:
        fresh = and_(_of(email, number), unsent_texts.c.at >= self._now() - KEPT_FOR)
        with self._database.read() as connection:
            row = connection.execute(select(unsent_texts).where(fresh)).first()
        return Unsent(row.key, row.text, row.had_files) if row else None

    def forget(self, email: str, number: str, key: str | None = None) -> None:
        """Whatever is kept there or, with a key, what was written in that form."""
        which = _of(email, number) if key is None else and_(_of(email, number), unsent_texts.c.key == key)
        with self._database.write() as connection:
            connection.execute(delete(unsent_texts).where(which))

    def _put(self, email: str, number: str, unsent: Unsent) -> None:
        now = self._now()
        with self._database.write() as connection:
            connection.execute(delete(unsent_texts).where(unsent_texts.c.at < now - KEPT_FOR))
            values = {"key": unsent.key, "text": unsent.text, "had_files": unsent.had_files, "at": now}
            if connection.execute(update(unsent_texts).where(_of(email, number)).values(**values)).rowcount == 0:
                connection.execute(insert(unsent_texts).values(email=email, number=number, **values))


def _of(email: str, number: str) -> ColumnElement[bool]:
    return and_(unsent_texts.c.email == email, unsent_texts.c.number == number)

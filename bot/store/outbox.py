"""What the outside world is to hear: rows written in the transaction of what they tell of.

A row is claimed by a conditional update, the same on SQLite and PostgreSQL: whoever changes exactly one
row delivers it. A claim runs out, so that a deliverer that dies loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, insert, or_, select, update

from bot.store.engine import Database
from bot.store.tables import outbox

_CLAIM = timedelta(minutes=2)


@dataclass(frozen=True)
class Notice:
    """A row to deliver. `attempts` counts those that failed before."""

    id: int
    key: str
    kind: str
    recipient: str
    payload: dict[str, Any]
    attempts: int


def add_notice(
    connection: Connection, *, key: str, kind: str, recipient: str, payload: dict[str, Any], at: datetime
) -> None:
    """Adds a row inside the caller's transaction. The same key twice is an error of the caller."""
    connection.execute(
        insert(outbox).values(
            key=key, kind=kind, recipient=recipient, payload=payload, created_at=at, due_at=at, attempts=0
        )
    )


class Outbox:
    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def claim(self) -> Notice | None:
        """The oldest row that is due, now ours for two minutes; None when nothing is due."""
        now = self._now()
        free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
        due = and_(outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None), outbox.c.due_at <= now, free)
        with self._database.write() as connection:
            row = connection.execute(select(outbox).where(due).order_by(outbox.c.due_at, outbox.c.id).limit(1)).first()
            if row is None:
                return None
            taken = connection.execute(
                update(outbox).where(outbox.c.id == row.id, free).values(claimed_until=now + _CLAIM)
            )
            if taken.rowcount != 1:  # another deliverer got there first
                return None
        return Notice(row.id, row.key, row.kind, row.recipient, row.payload, row.attempts)

    def delivered(self, notice: Notice) -> None:
        """Notes the delivery. What a code letter said is forgotten: it is stored as a hash elsewhere."""
        forgotten = {"payload": {}} if notice.kind in ("code", "sign_in") else {}
        self._set(notice, sent_at=self._now(), claimed_until=None, **forgotten)

    def failed(self, notice: Notice, error: str, retry_at: datetime | None) -> None:
        """Puts the row off until `retry_at`, or ends it when that is None."""
        values = {"attempts": notice.attempts + 1, "error": error[:500], "claimed_until": None}
        if retry_at is None:
            self._set(notice, **values, failed_at=self._now())
        else:
            self._set(notice, **values, due_at=retry_at)

    def _set(self, notice: Notice, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(outbox).where(outbox.c.id == notice.id).values(**values))

"""What the outside world is to hear: rows written in the transaction of what they tell of.

A row is claimed by a conditional update, the same on SQLite and PostgreSQL: whoever changes exactly one
row delivers it. A claim runs out, so that a deliverer that dies loses nothing. What is given up is told once on the
timeline of the ticket that it was about.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, insert, or_, select, update

from bot.store.engine import Database
from bot.store.tables import outbox, ticket_events, tickets

_CLAIM = timedelta(minutes=2)
# A message that a dead deliverer may have sent is in doubt by itself (notifications/whatsapp), whoever claims it next.
_CLAIM_BY_WHATSAPP = timedelta(seconds=45)
WHATSAPP = "whatsapp"
"""The channel and the kind of its notices: one bubble for one conversation, in the order in which they were said."""

_before = outbox.alias()
_is_next = and_(
    outbox.c.kind == WHATSAPP,
    ~exists().where(
        _before.c.kind == WHATSAPP,
        _before.c.recipient == outbox.c.recipient,
        _before.c.id < outbox.c.id,
        _before.c.sent_at.is_(None),
        _before.c.failed_at.is_(None),
    ),
)


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

    def claim(self, *, by_whatsapp: bool = False) -> Notice | None:
        """The oldest row that is due, now ours for a while; None when nothing is due.

        Letters and WhatsApp are carried by different deliverers. A conversation's bubbles keep their order: the next
        one is free once the one before was sent or given up.
        """
        now, claim = self._now(), _CLAIM_BY_WHATSAPP if by_whatsapp else _CLAIM
        free = or_(outbox.c.claimed_until.is_(None), outbox.c.claimed_until < now)
        due = and_(outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None), outbox.c.due_at <= now, free)
        due = and_(due, _is_next if by_whatsapp else outbox.c.kind != WHATSAPP)
        with self._database.write() as connection:
            row = connection.execute(select(outbox).where(due).order_by(outbox.c.due_at, outbox.c.id).limit(1)).first()
            if row is None:
                return None
            taken = connection.execute(
                update(outbox).where(outbox.c.id == row.id, free).values(claimed_until=now + claim)
            )
            if taken.rowcount != 1:  # another deliverer got there first
                return None
        return Notice(row.id, row.key, row.kind, row.recipient, row.payload, row.attempts)

    def delivered(self, notice: Notice, message_id: str | None = None) -> None:
        """Notes the delivery. What a code letter said is forgotten: it is stored as a hash elsewhere."""
        forgotten = {"payload": {}} if notice.kind in ("code", "sign_in") else {}
        self._set(notice, sent_at=self._now(), claimed_until=None, message_id=message_id, **forgotten)

    def failed(self, notice: Notice, error: str, retry_at: datetime | None) -> None:
        """Puts the row off until `retry_at`, or ends it when that is None."""
        values = {"attempts": notice.attempts + 1, "error": error[:500], "claimed_until": None}
        if retry_at is None:
            self._end(outbox.c.id == notice.id, values)
        else:
            self._set(notice, **values, due_at=retry_at)

    def put_back(self, notice: Notice, until: datetime) -> None:
        """Gives a claim back untried; the row is due again at `until`."""
        self._set(notice, claimed_until=None, due_at=until)

    def bounced(self, message_id: str) -> bool:
        """A letter that was taken did not arrive. False when it is unknown, or known as failed already."""
        return self._end(outbox.c.message_id == message_id, {"error": "devolvido pelo servidor de destino"})

    def _end(self, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
        with self._database.write() as connection:
            alive = and_(which, outbox.c.failed_at.is_(None))
            row = connection.execute(
                update(outbox).where(alive).values(**values, failed_at=self._now()).returning(outbox)
            ).first()
            if row is None:
                return False
            self._tell(connection, row)
            return True

    def _tell(self, connection: Connection, row: Row[Any]) -> None:
        """Colleagues read the timeline, so it shows as much of the address as tells whose it is."""
        query = select(tickets.c.id).where(tickets.c.number == row.payload.get("number"))
        ticket = connection.execute(query).scalar() if "@" in row.recipient else None
        if ticket is not None:
            shown = masked(row.recipient)
            body = {"recipient": shown, "notice": row.kind, "text": f"Não foi possível entregar o e-mail a {shown}."}
            event = {"ticket_id": ticket, "kind": "delivery_failed", "at": self._now(), "actor": None, "body": body}
            connection.execute(insert(ticket_events).values(**event))

    def _set(self, notice: Notice, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(outbox).where(outbox.c.id == notice.id).values(**values))


def masked(address: str) -> str:
    """`an•••@aurora.example`: enough for whoever knows the address."""
    local, _, domain = address.rpartition("@")
    return f"{local[: min(2, len(local) - 1)]}•••@{domain}"

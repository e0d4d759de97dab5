"""What WhatsApp sent us: envelopes as they came, their updates, and the people behind them.

An envelope is kept before it is looked at. Each update in it is unique on (message id, kind, status), so that repeats,
retries and a crash anywhere are harmless, and it ends as handled or as failed and kept.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.channels.whatsapp_envelope import Update, canonical_phone, split
from bot.store.engine import Database
from bot.store.inbox import add_bubbles
from bot.store.outbox import WHATSAPP
from bot.store.tables import conversations, whatsapp_envelopes, whatsapp_people, whatsapp_updates

# A number that was silent for so long may be somebody else's by now.
_PROOF_LASTS = timedelta(days=90)


@dataclass(frozen=True)
class KeptUpdate:
    """An update as it lies in the store. `tries` counts those that failed."""

    id: int
    update: Update
    tries: int


@dataclass(frozen=True)
class Person:
    """Somebody on WhatsApp. `address` is what messages are sent to."""

    conversation: str
    address: str
    name: str | None
    last_inbound_at: datetime | None


class WhatsAppInbox:
    """Safe from several threads and processes. `now` gives aware instants."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    # --- envelopes ----------------------------------------------------------------------------------------------

    def keep(self, body: bytes) -> None:
        with self._database.write() as connection:
            connection.execute(insert(whatsapp_envelopes).values(body=body, received_at=self._now(), repeats=0))

    def split_new(self) -> int:
        """Takes every envelope apart that was not yet; gives how many. One that cannot be read is kept with the reason."""
        query = select(whatsapp_envelopes.c.id).where(whatsapp_envelopes.c.split_at.is_(None))
        with self._database.read() as connection:
            ids = connection.execute(query.order_by(whatsapp_envelopes.c.id)).scalars().all()
        return sum(self._split(id) for id in ids)

    def _split(self, id: int) -> bool:
        """False when another process was first, or is: then the next look finds it done."""
        this = whatsapp_envelopes.c.id == id
        try:
            with self._database.write() as connection:
                whole = select(whatsapp_envelopes.c.body).where(this, whatsapp_envelopes.c.split_at.is_(None))
                # Locked: who looks before another has committed would count all of it as repeated.
                body = connection.execute(whole.with_for_update()).scalar()
                if body is None:
                    return False
                values = {"split_at": self._now(), **self._put_updates(connection, id, body)}
                connection.execute(update(whatsapp_envelopes).where(this).values(**values))
        except IntegrityError:
            return False
        return True

    def _put_updates(self, connection: Connection, envelope: int, body: bytes) -> dict[str, Any]:
        try:
            updates = list(split(json.loads(body)))
        except (ValueError, RecursionError) as error:
            return {"error": f"{type(error).__name__}"}
        new = [one for one in updates if self._put(connection, envelope, one)]
        return {"repeats": len(updates) - len(new)}

    def _put(self, connection: Connection, envelope: int, one: Update) -> bool:
        same = and_(
            whatsapp_updates.c.wamid == one.wamid,
            whatsapp_updates.c.kind == one.kind,
            whatsapp_updates.c.status == one.status,
        )
        if connection.execute(select(whatsapp_updates.c.id).where(same)).first():
            return False
        key = {"wamid": one.wamid, "kind": one.kind, "status": one.status, "line": one.line}
        values = {"envelope_id": envelope, "update": one.as_dict(), "tries": 0, **key}
        connection.execute(insert(whatsapp_updates).values(**values))
        return True

    # --- updates ------------------------------------------------------------------------------------------------

    def open_updates(self, limit: int = 1_000) -> list[list[KeptUpdate]]:
        """What is still to be handled, line by line, each in order. A line whose first update pauses waits whole."""
        waiting = and_(whatsapp_updates.c.handled_at.is_(None), whatsapp_updates.c.failed_at.is_(None))
        query = select(whatsapp_updates).where(waiting).order_by(whatsapp_updates.c.id).limit(limit)
        lines: dict[str, list[Row[Any]]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                lines.setdefault(row.line, []).append(row)
        now = self._now()
        return [
            [KeptUpdate(row.id, Update(**row.update), row.tries) for row in rows]
            for rows in lines.values()
            if rows[0].retry_at is None or rows[0].retry_at <= now
        ]

    def is_open(self, kept: KeptUpdate) -> bool:
        query = select(whatsapp_updates.c.id).where(_still_open(kept))
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def handled(self, kept: KeptUpdate, *, say: tuple[str, dict[str, Any]] | None = None) -> None:
        """Ends an update. `say` is a conversation and a bubble to say in it, once, in the same transaction."""
        self._end(kept, {"handled_at": self._now(), "error": None}, say)

    def failed(self, kept: KeptUpdate, error: str, *, say: tuple[str, dict[str, Any]] | None = None) -> None:
        """Gives an update up; it is kept and can be replayed."""
        self._end(kept, {"failed_at": self._now(), "error": error[:500], "tries": kept.tries + 1}, say)

    def put_off(self, kept: KeptUpdate, error: str, until: datetime) -> None:
        self._end(kept, {"retry_at": until, "error": error[:500], "tries": kept.tries + 1}, None)

    def _end(self, kept: KeptUpdate, values: dict[str, Any], say: tuple[str, dict[str, Any]] | None) -> None:
        with self._database.write() as connection:
            ended = connection.execute(update(whatsapp_updates).where(_still_open(kept)).values(**values))
            if say and ended.rowcount == 1:
                conversation, body = say
                add_bubbles(connection, conversation, [body], self._now())

    def replay(self) -> int:
        """Opens what failed again, and envelopes that could not be read; gives how many."""
        with self._database.write() as connection:
            again = {"failed_at": None, "retry_at": None, "tries": 0}
            updates = connection.execute(
                update(whatsapp_updates).where(whatsapp_updates.c.failed_at.is_not(None)).values(**again)
            )
            envelopes = connection.execute(
                update(whatsapp_envelopes)
                .where(whatsapp_envelopes.c.error.is_not(None))
                .values(split_at=None, error=None)
            )
        return updates.rowcount + envelopes.rowcount

    def counts(self) -> dict[str, int]:
        """Received = handled + failed + waiting, in updates; envelopes, repeats and unreadable envelopes beside."""
        table, envelopes = whatsapp_updates.c, whatsapp_envelopes.c
        with self._database.read() as connection:
            of_updates = connection.execute(
                select(func.count(table.id), func.count(table.handled_at), func.count(table.failed_at))
            ).one()
            of_envelopes = connection.execute(
                select(func.count(envelopes.id), func.count(envelopes.error), func.sum(envelopes.repeats))
            ).one()
        received, handled, failed = of_updates
        return {
            "envelopes": of_envelopes[0],
            "unreadable": of_envelopes[1],
            "repeated": of_envelopes[2] or 0,
            "received": received,
            "handled": handled,
            "failed": failed,
            "waiting": received - handled - failed,
        }

    # --- people -------------------------------------------------------------------------------------------------

    def person_behind(self, one: Update) -> Person:
        """The sender of a message, noted as new or as seen again. Their 24-hour window starts at the message's own time."""
        try:
            with self._database.write() as connection:
                return self._seen(connection, one)
        except IntegrityError:  # the same person's first two messages at once, in two processes
            with self._database.write() as connection:
                return self._seen(connection, one)

    def _seen(self, connection: Connection, one: Update) -> Person:
        row = _find(connection, one) or self._new_person(connection)
        last = max(filter(None, (row.last_inbound_at, min(one.at, self._now()))))
        values: dict[str, Any] = {"last_inbound_at": last, "name": one.name or row.name}
        if one.wa_id:
            values |= {"wa_id": one.wa_id, "phone": canonical_phone(one.wa_id)}
        if one.bsuid:
            _take_over_bsuid(connection, one.bsuid, row.id)
            values["bsuid"] = one.bsuid
        if row.last_inbound_at and last - row.last_inbound_at > _PROOF_LASTS:
            _forget_proof(connection, row.conversation_id)
        query = update(whatsapp_people).where(whatsapp_people.c.id == row.id).values(**values)
        return _person(connection.execute(query.returning(whatsapp_people)).one())

    def _new_person(self, connection: Connection) -> Row[Any]:
        conversation = f"wa-{secrets.token_hex(20)}"
        opening = {"id": conversation, "channel": WHATSAPP, "created_at": self._now(), "offered": []}
        connection.execute(insert(conversations).values(**opening))
        query = insert(whatsapp_people).values(conversation_id=conversation)
        return connection.execute(query.returning(whatsapp_people)).one()

    def number_changed(self, one: Update, new_wa_id: str) -> None:
        """The person goes on under another number, unless somebody is known by that one already."""
        phone = canonical_phone(new_wa_id)
        with self._database.write() as connection:
            taken = connection.execute(select(whatsapp_people.c.id).where(whatsapp_people.c.phone == phone)).first()
            row = _find(connection, one)
            if row is None or taken:
                return
            values = {"wa_id": new_wa_id, "phone": phone}
            connection.execute(update(whatsapp_people).where(whatsapp_people.c.id == row.id).values(**values))


def person_of(connection: Connection, conversation: str) -> Person | None:
    row = connection.execute(select(whatsapp_people).where(whatsapp_people.c.conversation_id == conversation)).first()
    return _person(row) if row else None


def _still_open(kept: KeptUpdate) -> Any:
    table = whatsapp_updates.c
    return and_(table.id == kept.id, table.handled_at.is_(None), table.failed_at.is_(None))


def _find(connection: Connection, one: Update) -> Row[Any] | None:
    """The number is tried first: it is what everybody was known by before the network had ids of its own."""
    table = whatsapp_people.c
    keys: Sequence[Any] = [
        *([table.phone == canonical_phone(one.wa_id)] if one.wa_id else []),
        *([table.bsuid == one.bsuid] if one.bsuid else []),
    ]
    found = connection.execute(select(whatsapp_people).where(or_(*keys))).all()
    by_phone = [row for row in found if one.wa_id and row.phone == canonical_phone(one.wa_id)]
    return next(iter([*by_phone, *found]), None)


def _take_over_bsuid(connection: Connection, bsuid: str, owner: int) -> None:
    """Two records turn out to be one person: the id goes to the record that has the number."""
    others = and_(whatsapp_people.c.bsuid == bsuid, whatsapp_people.c.id != owner)
    connection.execute(update(whatsapp_people).where(others).values(bsuid=None))


def _forget_proof(connection: Connection, conversation: str) -> None:
    connection.execute(update(conversations).where(conversations.c.id == conversation).values(verified_email=None))


def _person(row: Row[Any]) -> Person:
    return Person(row.conversation_id, row.wa_id or row.bsuid, row.name, row.last_inbound_at)

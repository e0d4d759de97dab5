"""What we sent by WhatsApp and what became of it; and the other ways when it does not arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from bot.channels.whatsapp_envelope import Update
from bot.channels.whatsapp_fates import Fate, fate_of
from bot.channels.whatsapp_rendering import render
from bot.store.engine import Database
from bot.store.outbox import Notice, add_notice
from bot.store.tables import (
    conversations,
    outbox,
    ticket_events,
    tickets,
    whatsapp_envelopes,
    whatsapp_sent,
    whatsapp_updates,
)
from bot.store.whatsapp_inbox import Person, person_of

# On its way: noted before the network is asked, so that a part whose fate nobody knows can be told from a new one.
_SENDING = "sending"
# In the order in which a message passes through them; a failed one has no way back.
_STATES = (_SENDING, "sent", "delivered", "read", "failed")
# A message that was taken and then failed is sent again so often, after such a pause.
_TRIES = 4
_PAUSE = timedelta(minutes=1)


def tracker(key: str, part: int) -> str:
    """What a message carries along, so that its statuses name it even if we died before noting its wamid."""
    return f"{key}#{part}"


class WhatsAppSent:
    """Safe from several threads and processes. `now` gives aware instants."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def person(self, conversation: str) -> Person | None:
        with self._database.read() as connection:
            return person_of(connection, conversation)

    def parts(self, key: str) -> set[int]:
        """The parts of a notice that the network has taken."""
        query = select(whatsapp_sent.c.part).where(_taken(key))
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def asked_at(self, key: str, part: int) -> datetime | None:
        """When the network was asked to take a part, if its answer never came. A status would have told of it."""
        mine = (*_this(key, part), whatsapp_sent.c.status == _SENDING)
        with self._database.read() as connection:
            return connection.execute(select(whatsapp_sent.c.at).where(*mine)).scalar()

    def heard_since(self, moment: datetime) -> bool:
        """True when the network has told us anything since then, and no status lies unread."""
        heard = select(whatsapp_envelopes.c.id).where(whatsapp_envelopes.c.received_at > moment)
        unsplit = select(whatsapp_envelopes.c.id).where(whatsapp_envelopes.c.split_at.is_(None))
        table = whatsapp_updates.c
        unread = select(table.id).where(table.kind == "status", table.handled_at.is_(None), table.failed_at.is_(None))
        with self._database.read() as connection:
            any_of = [connection.execute(query.limit(1)).first() for query in (heard, unsplit, unread)]
        return any_of[0] is not None and any_of[1:] == [None, None]

    def sending(self, key: str, part: int) -> None:
        """Notes that the network is about to be asked to take a part."""
        values = {"wamid": "", "status": _SENDING, "at": self._now()}
        with self._database.write() as connection:
            mine = (*_this(key, part), whatsapp_sent.c.status == _SENDING)
            known = connection.execute(update(whatsapp_sent).where(*mine).values(**values))
            if not known.rowcount:
                connection.execute(insert(whatsapp_sent).values(notice_key=key, part=part, **values))

    def refused(self, key: str, part: int) -> None:
        """Notes that the network has certainly not taken a part."""
        with self._database.write() as connection:
            mine = (*_this(key, part), whatsapp_sent.c.status == _SENDING)
            connection.execute(delete(whatsapp_sent).where(*mine))

    def taken(self, notice: Notice, part: int, wamid: str, way: str) -> None:
        """Notes that the network took a part. `way` is whatsapp or template."""
        with self._database.write() as connection:
            _note_part(connection, notice.key, part, wamid, "sent", self._now())
            self._tell_ticket(connection, notice, way, _state_of(connection, notice.key))

    def by_other_way(self, notice: Notice, reason: str) -> None:
        """Sends what a notice says as a letter, where there is an address; the ticket tells which way was taken."""
        with self._database.write() as connection:
            self._by_other_way(connection, notice, reason)

    def status(self, one: Update) -> None:
        """Notes what became of a message: sent, delivered, read, failed."""
        with self._database.write() as connection:
            place = _place(connection, one)
            if place is None or one.status not in _STATES:
                return
            key, part = place
            _note_part(connection, key, part, one.wamid, one.status, one.at)
            notice = _notice(connection, key)
            if notice is None:
                return
            if one.status == "failed":
                self._failed(connection, notice, part, _code(one))
            else:
                self._tell_ticket(connection, notice, None, _state_of(connection, key))
                self._all_taken(connection, notice)

    def _all_taken(self, connection: Connection, notice: Notice) -> None:
        """Ends a notice whose deliverer died, or heard no answer, after the network had taken the last part."""
        query = select(func.count(whatsapp_sent.c.id)).where(_taken(notice.key))
        if connection.execute(query).scalar_one() >= len(render(notice.payload["body"])):
            mine = (outbox.c.id == notice.id, outbox.c.sent_at.is_(None), outbox.c.failed_at.is_(None))
            connection.execute(update(outbox).where(*mine).values(sent_at=self._now(), claimed_until=None))

    def _failed(self, connection: Connection, notice: Notice, part: int, code: int) -> None:
        """The network took the message and could not deliver it: once more, or another way."""
        if fate_of(code) is not Fate.LATER or notice.attempts >= _TRIES:
            self._by_other_way(connection, notice, f"código {code}")
            return
        connection.execute(delete(whatsapp_sent).where(*_this(notice.key, part)))
        again = {"sent_at": None, "due_at": self._now() + _PAUSE, "attempts": notice.attempts + 1}
        connection.execute(update(outbox).where(outbox.c.id == notice.id).values(**again, error=f"código {code}"))

    def _by_other_way(self, connection: Connection, notice: Notice, reason: str) -> None:
        key, body = f"{notice.key}:mail", notice.payload["body"]
        if _notice(connection, key) is not None:
            return
        address = _address(connection, notice)
        if address:
            letter = {"text": _text(body), "number": _number(notice)}
            add_notice(connection, key=key, kind="said", recipient=address, payload=letter, at=self._now())
        state = "queued" if address else "failed"
        self._tell_ticket(connection, notice, "email" if address else "none", state, reason=reason)

    def _tell_ticket(self, connection: Connection, notice: Notice, way: str | None, state: str, **more: str) -> None:
        """One entry a notice on the ticket's timeline, which follows what becomes of it."""
        ticket = _ticket(connection, notice)
        if ticket is None:
            return
        known = _entry(connection, ticket, notice.key)
        body = {**(known.body if known else {}), "notice": notice.key, "state": state, **more}
        body |= {"way": way} if way else {}
        if known:
            connection.execute(update(ticket_events).where(ticket_events.c.id == known.id).values(body=body))
        else:
            event = {"ticket_id": ticket, "kind": "told", "at": self._now(), "actor": None}
            connection.execute(insert(ticket_events).values(**event, body=body))


def _this(key: str, part: int) -> tuple[ColumnElement[bool], ...]:
    return whatsapp_sent.c.notice_key == key, whatsapp_sent.c.part == part


def _taken(key: str) -> ColumnElement[bool]:
    return and_(whatsapp_sent.c.notice_key == key, whatsapp_sent.c.status != _SENDING)


def _note_part(connection: Connection, key: str, part: int, wamid: str, status: str, at: datetime) -> None:
    """Statuses come in any order; a message never goes back from read to delivered."""
    mine = _this(key, part)
    known = connection.execute(select(whatsapp_sent).where(*mine)).first()
    if known is None:
        values = {"notice_key": key, "part": part, "wamid": wamid, "status": status, "at": at}
        connection.execute(insert(whatsapp_sent).values(**values))
    elif _STATES.index(status) > _STATES.index(known.status):
        connection.execute(update(whatsapp_sent).where(*mine).values(wamid=wamid, status=status, at=at))


def _state_of(connection: Connection, key: str) -> str:
    """A notice is as far as the part that is furthest behind of those taken; one failed part fails it."""
    query = select(whatsapp_sent.c.status).where(_taken(key))
    states = set(connection.execute(query).scalars())
    return "failed" if "failed" in states else min(states, key=_STATES.index)


def _place(connection: Connection, one: Update) -> tuple[str, int] | None:
    """The notice and part a status speaks of: by what the message carried, else by its wamid."""
    key, mark, part = str(one.body.get("biz_opaque_callback_data") or "").rpartition("#")
    if mark and part.isdecimal():
        return key, int(part)
    query = select(whatsapp_sent.c.notice_key, whatsapp_sent.c.part).where(whatsapp_sent.c.wamid == one.wamid)
    row = connection.execute(query).first()
    return (row.notice_key, row.part) if row else None


def _notice(connection: Connection, key: str) -> Notice | None:
    row = connection.execute(select(outbox).where(outbox.c.key == key)).first()
    return Notice(row.id, row.key, row.kind, row.recipient, row.payload, row.attempts) if row else None


def _entry(connection: Connection, ticket: int, key: str) -> Row[Any] | None:
    query = select(ticket_events).where(ticket_events.c.ticket_id == ticket, ticket_events.c.kind == "told")
    return next((row for row in connection.execute(query) if row.body.get("notice") == key), None)


def _number(notice: Notice) -> str | None:
    return (notice.payload["body"].get("ticket") or {}).get("number")


def _ticket(connection: Connection, notice: Notice) -> int | None:
    """The ticket that a notice is about, if it is about one."""
    number = _number(notice)
    return connection.execute(select(tickets.c.id).where(tickets.c.number == number)).scalar() if number else None


def _address(connection: Connection, notice: Notice) -> str | None:
    """The address proven in the conversation, else the one that the ticket's copy went to."""
    proven = select(conversations.c.verified_email).where(conversations.c.id == notice.recipient)
    of_ticket = select(tickets.c.creator).where(tickets.c.id == _ticket(connection, notice))
    return connection.execute(select(func.coalesce(proven.scalar_subquery(), of_ticket.scalar_subquery()))).scalar()


def _text(body: dict[str, Any]) -> str:
    titles = [f"- {choice['title']}" for choice in body.get("choices") or ()]
    return "\n".join([body.get("text") or "", *titles]).strip()


def _code(one: Update) -> int:
    errors = one.body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    code = first.get("code")
    return code if isinstance(code, int) else 0

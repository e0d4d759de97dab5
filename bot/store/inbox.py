"""Conversations and what was said in them. A message is kept here before anything else happens to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.conversation.message import (
    Answer,
    BotMessage,
    Choice,
    ConversationState,
    CustomerMessage,
    KeptMessage,
    Turn,
)
from bot.store.engine import Database
from bot.store.outbox import WHATSAPP, add_notice
from bot.store.tables import attachments, conversations, inbound, outbound
from bot.tickets.draft import Requester


class Inbox:
    """Safe from several threads and processes. `now` gives aware instants."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def state(self, conversation: str) -> ConversationState | None:
        with self._database.read() as connection:
            row = connection.execute(select(conversations).where(conversations.c.id == conversation)).first()
        return _state(row) if row else None

    def open(self, conversation: str, channel: str, owner: str | None) -> ConversationState:
        """The conversation, begun if it is new. An owner is written once and never changed."""
        try:
            with self._database.write() as connection:
                return self._open(connection, conversation, channel, owner)
        except IntegrityError:  # two first messages at once, on a database without a global write lock
            with self._database.write() as connection:
                return self._open(connection, conversation, channel, owner)

    def _open(self, connection: Connection, conversation: str, channel: str, owner: str | None) -> ConversationState:
        query = select(conversations).where(conversations.c.id == conversation)
        row = connection.execute(query).first()
        if row is None:
            values = {"id": conversation, "channel": channel, "owner": owner, "created_at": self._now(), "offered": []}
            connection.execute(insert(conversations).values(**values))
        elif row.owner is None and owner and row.channel == channel:
            connection.execute(update(conversations).where(conversations.c.id == conversation).values(owner=owner))
        return _state(connection.execute(query).one())

    def keep(self, conversation: str, message: CustomerMessage, requester: Requester) -> KeptMessage:
        """Keeps a message, or gives the one kept before under the same client id."""
        try:
            with self._database.write() as connection:
                known = _find(connection, conversation, message.id)
                if known is not None:
                    return _kept(known)
                values = {
                    "conversation_id": conversation,
                    "client_id": message.id,
                    "text": message.text,
                    "choice": message.choice,
                    "attachments": list(message.attachments),
                    "more": message.more,
                    "requester": asdict(requester),
                    "received_at": self._now(),
                }
                connection.execute(insert(inbound).values(**values))
                return _kept(_find(connection, conversation, message.id))
        except IntegrityError:
            with self._database.read() as connection:
                return _kept(_find(connection, conversation, message.id))

    def find(self, conversation: str, client_id: str) -> KeptMessage | None:
        with self._database.read() as connection:
            row = _find(connection, conversation, client_id)
        return _kept(row) if row else None

    def last_requester(self, conversation: str) -> Requester | None:
        """Who wrote last, as the gateway knew them."""
        query = select(inbound.c.requester).where(inbound.c.conversation_id == conversation)
        with self._database.read() as connection:
            told = connection.execute(query.order_by(inbound.c.id.desc()).limit(1)).scalar()
        return Requester(**told) if told else None

    def open_turns(self, conversation: str, *, close_held: bool = False) -> list[Turn]:
        """Turns not answered yet, in order of arrival.

        Fragments (`more`) without a closing message are left out, unless `close_held`.
        """
        query = (
            select(inbound)
            .where(inbound.c.conversation_id == conversation, inbound.c.answered_at.is_(None))
            .order_by(inbound.c.id)
        )
        with self._database.read() as connection:
            rows = [_kept(row) for row in connection.execute(query)]
        return _turns(rows, close_held)

    def repeats_caught_up(self, kept: KeptMessage, within: timedelta) -> KeptMessage | None:
        """The message just before, when it had to wait, says the same, and was answered less than `within` ago.

        The person may well have typed it again without having seen that answer.
        """
        query = (
            select(inbound)
            .where(inbound.c.conversation_id == kept.conversation, inbound.c.id < kept.sequence)
            .order_by(inbound.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or row.deferred_at is None or row.answered_at is None:
            return None
        before = _kept(row)
        fresh = kept.received_at - row.answered_at < within
        return before if fresh and _says_again(kept, before) else None

    def answer(self, turn: Turn, answer: Answer, *, pushed: bool) -> None:
        """Stores the answer of a turn, its bubbles and the conversation's new state in one transaction."""
        with self._database.write() as connection:
            now = self._now()
            answered = connection.execute(
                update(inbound)
                .where(inbound.c.id.in_(turn.sequences), inbound.c.answered_at.is_(None))
                .values(answered_at=now, answer=answer.as_dict(), turn_id=turn.last.sequence)
            )
            if not answered.rowcount:  # another process was quicker: nothing is said twice
                return
            bodies = [message.as_dict() for message in answer.messages]
            if answer.ticket and bodies:
                bodies[-1]["ticket"] = {"number": answer.ticket["number"]}
            add_bubbles(connection, turn.last.conversation, bodies, now, turn.last.sequence, pushed=pushed)
            self._set_state(connection, turn.last.conversation, answer)

    def answer_like(self, kept: KeptMessage, before: KeptMessage) -> None:
        """Answers a repeated message with the answer of the one it repeats; nothing is said again."""
        if before.answer is None:
            raise ValueError("the message repeated has no answer yet")
        with self._database.write() as connection:
            connection.execute(
                update(inbound)
                .where(inbound.c.id == kept.sequence)
                .values(answered_at=self._now(), answer=before.answer.as_dict(), turn_id=before.sequence)
            )

    def close(self, turn: Turn) -> None:
        """Ends a turn of fragments, so that whatever comes later is not of it, whoever plays it in the end."""
        query = update(inbound).where(inbound.c.id == turn.last.sequence, inbound.c.more.is_(True))
        with self._database.write() as connection:
            connection.execute(query.values(more=False))

    def defer(self, turn: Turn) -> None:
        """Notes that a turn was tried in vain. It counts against the turn when others went well since its last try."""
        last = turn.last
        blamed = last.deferred_at is not None and self._others_answered_since(last.conversation, last.deferred_at)
        values = {"deferred_at": self._now(), "tries": inbound.c.tries + int(blamed)}
        with self._database.write() as connection:
            connection.execute(update(inbound).where(inbound.c.id.in_(turn.sequences)).values(**values))

    def _others_answered_since(self, conversation: str, moment: datetime) -> bool:
        query = select(inbound.c.id).where(inbound.c.conversation_id != conversation, inbound.c.answered_at > moment)
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def say(self, conversation: str, message: BotMessage, author: str = "bot") -> None:
        """Adds a bubble that answers no request; it goes out as an event."""
        with self._database.write() as connection:
            add_bubbles(connection, conversation, [message.as_dict()], self._now(), author=author)

    def waiting(self, *, quiet_for: timedelta, unanswered_for: timedelta) -> list[str]:
        """Conversations with something to answer: held for too long, deferred, or left by a process that died.

        Only on the web does a request wait for the answer to a message; elsewhere nothing has to be left alone for long.
        """
        now = self._now()
        elsewhere = select(conversations.c.id).where(conversations.c.channel != "web")
        held = and_(inbound.c.more.is_(True), inbound.c.received_at < now - quiet_for)
        nobody_waits = or_(inbound.c.deferred_at.is_not(None), inbound.c.conversation_id.in_(elsewhere))
        old = or_(inbound.c.received_at < now - unanswered_for, nobody_waits)
        left = and_(inbound.c.more.is_(False), old)
        newer = inbound.alias()
        still_typing = exists().where(
            newer.c.conversation_id == inbound.c.conversation_id, newer.c.received_at >= now - quiet_for
        )
        query = (
            select(inbound.c.conversation_id)
            .where(inbound.c.answered_at.is_(None), or_(and_(held, ~still_typing), left))
            .group_by(inbound.c.conversation_id)
        )
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def pushed_after(self, conversation: str, outbound_id: int) -> list[dict[str, Any]]:
        """Bubbles said without being asked for, newer than `outbound_id`, in order."""
        query = (
            select(outbound)
            .where(outbound.c.conversation_id == conversation, outbound.c.id > outbound_id, outbound.c.pushed.is_(True))
            .order_by(outbound.c.id)
        )
        with self._database.read() as connection:
            return [_said(row) for row in connection.execute(query)]

    def last_said(self, conversation: str) -> int:
        """Id of the newest bubble; 0 when nothing was said."""
        query = select(outbound.c.id).where(outbound.c.conversation_id == conversation).order_by(outbound.c.id.desc())
        with self._database.read() as connection:
            return connection.execute(query.limit(1)).scalar() or 0

    def history(self, conversation: str) -> list[dict[str, Any]]:
        """Everything said, in the order a reader expects: each message followed by its answer."""
        with self._database.read() as connection:
            heard = connection.execute(select(inbound).where(inbound.c.conversation_id == conversation)).all()
            said = connection.execute(select(outbound).where(outbound.c.conversation_id == conversation)).all()
            files = connection.execute(select(attachments).where(attachments.c.conversation_id == conversation)).all()
        names = {file.id: file for file in files}
        items = [((row.id, 0, row.id), _heard(row, names)) for row in heard]
        items += [(_place(row, heard), _said(row)) for row in said]
        return [item for _, item in sorted(items, key=lambda pair: pair[0])]

    def _set_state(self, connection: Connection, conversation: str, answer: Answer) -> None:
        values: dict[str, Any] = {
            "asking": answer.asking,
            "offered": [asdict(choice) for choice in answer.choices()],
        }
        if answer.outcome == "handoff":
            values["with_human"] = True
        connection.execute(update(conversations).where(conversations.c.id == conversation).values(**values))


def add_bubbles(
    connection: Connection,
    conversation: str,
    bodies: Sequence[dict[str, Any]],
    at: datetime,
    reply_to: int | None = None,
    *,
    pushed: bool = True,
    author: str = "bot",
    key: str | None = None,
) -> None:
    """Says something inside the caller's transaction. Where nobody listens for events, the outbox carries it. A `key` is for
    a single one."""
    channel = connection.execute(select(conversations.c.channel).where(conversations.c.id == conversation)).scalar()
    for body in bodies:
        values = {"conversation_id": conversation, "author": author, "body": body, "at": at}
        query = insert(outbound).values(**values, reply_to=reply_to, pushed=pushed, key=key).returning(outbound.c.id)
        said = connection.execute(query).scalar_one()
        if channel == WHATSAPP:
            payload = {"body": body}
            add_notice(
                connection, key=f"{WHATSAPP}:{said}", kind=WHATSAPP, recipient=conversation, payload=payload, at=at
            )


def _find(connection: Connection, conversation: str, client_id: str) -> Any:
    query = select(inbound).where(inbound.c.conversation_id == conversation, inbound.c.client_id == client_id)
    return connection.execute(query).first()


def _kept(row: Row[Any]) -> KeptMessage:
    return KeptMessage(
        sequence=row.id,
        conversation=row.conversation_id,
        message=CustomerMessage(row.client_id, row.text, row.choice, tuple(row.attachments), row.more),
        requester=Requester(**row.requester),
        received_at=row.received_at,
        deferred_at=row.deferred_at,
        answered_at=row.answered_at,
        tries=row.tries,
        answer=Answer.from_dict(row.answer) if row.answer else None,
    )


def _state(row: Row[Any]) -> ConversationState:
    offered = tuple(Choice(**choice) for choice in row.offered)
    return ConversationState(row.id, row.channel, row.owner, row.verified_email, row.with_human, row.asking, offered)


def _turns(rows: list[KeptMessage], close_held: bool) -> list[Turn]:
    """Groups fragments with the message that closes them, and a message typed again with the one that waits.

    A choice always stands alone.
    """
    turns: list[Turn] = []
    held: list[KeptMessage] = []
    for kept in rows:
        if kept.message.choice and held:
            turns.append(Turn(tuple(held)))
            held = []
        if not held and turns and turns[-1].last.deferred_at and _says_again(kept, turns[-1].last):
            turns[-1] = replace(turns[-1], repeats=(*turns[-1].repeats, kept))
            continue
        held.append(kept)
        if not kept.message.more:
            turns.append(Turn(tuple(held)))
            held = []
    if held and close_held:
        turns.append(Turn(tuple(held)))
    return turns


def _says_again(kept: KeptMessage, before: KeptMessage) -> bool:
    same = (before.message.text, before.message.choice) == (kept.message.text, kept.message.choice)
    return same and not kept.message.attachments and not kept.message.more


def _place(row: Row[Any], heard: Sequence[Row[Any]]) -> tuple[int, int, int]:
    """Behind the message it answers, or behind the last one that came before it."""
    before = row.reply_to or max((h.id for h in heard if h.received_at <= row.at), default=0)
    return (before, 1, row.id)


def _heard(row: Row[Any], files: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"c{row.id}",
        "client_id": row.client_id,
        "from": "customer",
        "text": row.text,
        "choice": row.choice,
        "attachments": [_file(files[id]) for id in row.attachments if id in files],
        "at": row.received_at.isoformat(),
    }


def _file(row: Row[Any]) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "mime": row.mime, "size": row.size}


def _said(row: Row[Any]) -> dict[str, Any]:
    return {"id": f"b{row.id}", "sequence": row.id, "from": row.author, **row.body, "at": row.at.isoformat()}

"""Conversations with a human: who waits for one, who answers, and the way back to the bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import Conflict, InvalidRequest, NotFound
from bot.store.engine import Database
from bot.store.inbox import add_bubbles
from bot.store.tables import conversations, handovers, inbound, outbound
from bot.tickets.draft import Requester, TicketDraft


@dataclass(frozen=True)
class Handover:
    """A conversation in human hands. `agent` is None while the person waits; `ticket` is what came of it."""

    id: int
    conversation: str
    draft: TicketDraft
    requester: Requester
    at: datetime
    agent: str | None = None
    agent_name: str | None = None
    taken_at: datetime | None = None
    ticket: str | None = None
    heard_at: datetime | None = None
    """When the customer wrote last."""
    said_at: datetime | None = None
    """When an agent wrote last."""

    @property
    def awaits_answer(self) -> bool:
        return self.heard_at is not None and (self.said_at is None or self.heard_at > self.said_at)

    @property
    def holder(self) -> str | None:
        return self.agent_name or self.agent


@dataclass(frozen=True)
class Running:
    """A conversation that the bot has now."""

    conversation: str
    requester: Requester
    heard_at: datetime


class Handovers:
    """Who takes, answers and gives back is an agent; whoever asks for it has made sure of that.

    Conversations are changed before handovers everywhere, so that two agents at once wait for each other.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def open(self) -> list[Handover]:
        """Whoever waits longest comes first."""
        query = select(handovers, _HEARD_AT, _SAID_AT).where(handovers.c.closed_at.is_(None))
        with self._database.read() as connection:
            return [_handover(row) for row in connection.execute(query.order_by(handovers.c.at, handovers.c.id))]

    def running(self, since: datetime, limit: int) -> list[Running]:
        """Conversations of the bot in which something was said after `since`, the latest first."""
        latest = select(func.max(inbound.c.id)).where(inbound.c.received_at > since).group_by(inbound.c.conversation_id)
        query = (
            select(inbound)
            .join(conversations, conversations.c.id == inbound.c.conversation_id)
            .where(inbound.c.id.in_(latest), conversations.c.with_human.is_(False), inbound.c.text.is_not(None))
            .order_by(inbound.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query)
            return [Running(row.conversation_id, Requester(**row.requester), row.received_at) for row in rows]

    def of(self, conversation: str) -> Handover | None:
        """The open one of a conversation."""
        with self._database.read() as connection:
            row = _open_one(connection, conversation)
        return _handover(row) if row else None

    def take(
        self, conversation: str, agent: Requester, draft: TicketDraft, customer: Requester, greeting: str,
        instead_of: str | None = None,
    ) -> Handover:  # fmt: skip
        """The conversation is the agent's from now on, and the bot is silent.

        `draft` and `customer` count where nobody has asked for a human yet. Whom it belongs to already is told by
        a Conflict, unless that agent is named in `instead_of`. Taking one's own again changes nothing.
        """
        with self._database.write() as connection:
            _silence(connection, conversation, True)
            row = _open_one(connection, conversation)
            if row is None:
                values = {"conversation_id": conversation, "draft": asdict(draft), "requester": asdict(customer)}
                connection.execute(insert(handovers).values(**values, at=self._now()))
                row = _open_one(connection, conversation)
            assert row is not None
            if row.agent == agent.email:
                return _handover(row)
            if row.agent is not None and row.agent != instead_of:
                raise Conflict(f"Esta conversa já está com {row.agent_name or row.agent}.")
            taken = {"agent": agent.email, "agent_name": agent.name, "taken_at": self._now()}
            connection.execute(update(handovers).where(handovers.c.id == row.id).values(**taken))
            self._say(connection, conversation, agent, greeting)
            return _handover(_open_one(connection, conversation))

    def write(self, conversation: str, agent: Requester, text: str, key: str) -> None:
        """A bubble of the agent; the same `key` twice is one. Raises Conflict when the conversation is not the agent's."""
        if not text.strip():
            raise InvalidRequest("Escreva a mensagem antes de enviar.")
        try:
            with self._database.write() as connection:
                if connection.execute(select(outbound.c.id).where(outbound.c.key == key)).first():
                    return
                _lock(connection, conversation)
                _held(connection, conversation, agent)
                self._say(connection, conversation, agent, text.strip(), key)
        except IntegrityError:  # the same form, sent twice at the same moment
            with self._database.read() as connection:
                if not connection.execute(select(outbound.c.id).where(outbound.c.key == key)).first():
                    raise

    def filed(self, conversation: str, agent: Requester, number: str, text: str) -> None:
        """Notes the ticket that came of it and tells the customer, once."""
        with self._database.write() as connection:
            _lock(connection, conversation)
            row = _held(connection, conversation, agent)
            if row.ticket != number:
                connection.execute(update(handovers).where(handovers.c.id == row.id).values(ticket=number))
                self._say(connection, conversation, agent, text, ticket=number)

    def give_back(self, conversation: str, agent: Requester, farewell: str) -> None:
        """The bot answers again, and the customer is told. A second time changes nothing."""
        with self._database.write() as connection:
            _lock(connection, conversation)
            if _open_one(connection, conversation) is None:
                return
            row = _held(connection, conversation, agent)
            connection.execute(update(handovers).where(handovers.c.id == row.id).values(closed_at=self._now()))
            _silence(connection, conversation, False)
            self._say(connection, conversation, agent, farewell)

    def _say(
        self, connection: Connection, conversation: str, agent: Requester, text: str,
        key: str | None = None, ticket: str | None = None,
    ) -> None:  # fmt: skip
        body: dict[str, Any] = {"text": text, "name": agent.name, **({"ticket": {"number": ticket}} if ticket else {})}
        add_bubbles(connection, conversation, [body], self._now(), author="agent", key=key)


_HEARD_AT = (
    select(func.max(inbound.c.received_at))
    .where(inbound.c.conversation_id == handovers.c.conversation_id)
    .scalar_subquery()
    .label("heard_at")
)
_SAID_AT = (
    select(func.max(outbound.c.at))
    .where(outbound.c.conversation_id == handovers.c.conversation_id, outbound.c.author == "agent")
    .scalar_subquery()
    .label("said_at")
)


def _silence(connection: Connection, conversation: str, with_human: bool) -> None:
    """Raises NotFound for a conversation that never began."""
    values: dict[str, Any] = {"with_human": with_human}
    if with_human:  # buttons that the bot offered before count no more
        values |= {"offered": []}
    if connection.execute(update(conversations).where(_is(conversation)).values(**values)).rowcount != 1:
        raise NotFound("Esta conversa não existe.")


def _lock(connection: Connection, conversation: str) -> None:
    connection.execute(select(conversations.c.id).where(_is(conversation)).with_for_update())


def _is(conversation: str) -> ColumnElement[bool]:
    return conversations.c.id == conversation


def _open_one(connection: Connection, conversation: str) -> Row[Any] | None:
    mine = and_(handovers.c.conversation_id == conversation, handovers.c.closed_at.is_(None))
    return connection.execute(select(handovers, _HEARD_AT, _SAID_AT).where(mine).order_by(handovers.c.id)).first()


def _held(connection: Connection, conversation: str, agent: Requester) -> Row[Any]:
    row = _open_one(connection, conversation)
    if row is None or row.agent is None:
        raise Conflict("Esta conversa não está com você. Assuma-a antes de escrever.")
    if row.agent != agent.email:
        raise Conflict(f"Esta conversa está com {row.agent_name or row.agent}.")
    return row


def _handover(row: Any) -> Handover:
    return Handover(
        row.id, row.conversation_id, TicketDraft.from_dict(row.draft), Requester(**row.requester), row.at,
        row.agent, row.agent_name, row.taken_at, row.ticket, row.heard_at, row.said_at,
    )  # fmt: skip

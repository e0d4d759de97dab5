from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.conversation.message import Answer, CustomerMessage
from bot.conversation.sessions import Sessions
from bot.conversation.turns import Turns
from bot.store.attachment_store import AttachmentStore
from bot.store.engine import Database
from bot.store.inbox import Inbox
from bot.store.ticket_store import SqlTicketStore
from bot.tickets.draft import Requester
from bot.tickets.files import FileLimits
from tests.bot.clock import Clock
from tests.bot.conversation.engine import Engine
from tests.bot.people import visitor

TALK = "conversa-1"
SILENCE = timedelta(seconds=1.5)


@pytest.fixture
async def sessions(redis_url: str) -> AsyncIterator[Sessions]:
    sessions = Sessions.connect(redis_url)
    await sessions._redis.flushdb()
    yield sessions
    await sessions.close()


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def files(database: Database, tmp_path: Path, clock: Clock) -> AttachmentStore:
    return AttachmentStore(database, tmp_path / "attachments", clock, FileLimits(10, 1_000_000))


@pytest.fixture
def turns(
    inbox: Inbox, files: AttachmentStore, engine: Engine, sessions: Sessions, tickets: SqlTicketStore, clock: Clock
) -> Turns:
    def ticket_fields(number: str, requester: Requester) -> dict | None:
        ticket = tickets.find(number, requester)
        return {"number": ticket.number} if ticket else None

    return Turns(inbox, files, engine, sessions, ticket_fields, SILENCE, clock)


class Talk:
    """A conversation as its customer sees it."""

    def __init__(self, turns: Turns, inbox: Inbox, requester: Requester) -> None:
        self._turns, self._inbox, self.requester = turns, inbox, requester
        self.id = requester.conversation
        self._count = 0

    async def say(self, text: str | None = None, *, id: str | None = None, **more) -> Answer:
        """Posts one message under an id of its own, or under the one given."""
        self._count += 1
        message = CustomerMessage(id or f"m{self._count}", text, **more)
        state = await asyncio.to_thread(self._inbox.open, self.id, "web", self.requester.email)
        return await self._turns.post(state, message, self.requester)

    async def hear(self, text: str | None = None, **more) -> str:
        """What the answer to a message says, bubble after bubble."""
        answer = await self.say(text, **more)
        return "\n".join(message.text or "" for message in answer.messages)

    def events(self) -> list[str]:
        return [said["text"] for said in self._inbox.pushed_after(self.id, 0)]


@pytest.fixture
def talk(turns: Turns, inbox: Inbox) -> Talk:
    return Talk(turns, inbox, visitor(TALK))


@pytest.fixture
def other_talk(turns: Turns, inbox: Inbox) -> Talk:
    return Talk(turns, inbox, visitor("conversa-2"))

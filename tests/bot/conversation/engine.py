"""The one replaceable door of a conversation: an engine that answers by a script instead of Rasa.

It keeps the promises of RasaClient: a turn id is carried out once and answered the same way again; a turn
that fails raises DialogueUnavailable and has changed nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.conversation.message import BotMessage, Choice
from bot.conversation.rasa_client import Reply, Understanding
from bot.errors import DialogueUnavailable
from bot.tickets.draft import Requester, TicketDraft


@dataclass(frozen=True)
class Played:
    """A turn that was carried out."""

    id: str
    requester: Requester
    text: str | None
    payload: str | None
    attachments: tuple[str, ...]

    @property
    def heard(self) -> str | None:
        return self.payload or self.text


def reply(
    text: str, *choices: Choice, asking: str | None = None, outcome: str | None = None, ticket: str | None = None
):
    """What the engine says in one turn."""
    return Reply((BotMessage(text, choices),), asking, outcome, ticket)


@dataclass
class Engine:
    """Echoes what it hears unless `script` says otherwise; the script is read by text or payload."""

    script: dict[str, Reply] = field(default_factory=dict)
    played: list[Played] = field(default_factory=list)
    # Turns asked for again by an id that was carried out already.
    repeated: list[str] = field(default_factory=list)
    # The most turns of one conversation that ran at the same time.
    crowd: int = 0
    seconds: float = 0.0
    # Goals of whatever is understood, the likeliest first.
    ranking: dict[str, float] = field(default_factory=lambda: {"report_error": 0.9876})
    # What each conversation has told of a ticket.
    drafts: dict[str, TicketDraft] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    _down: str | None = None
    _breaking: set[str] = field(default_factory=set)
    _lost_replies: int = 0
    _replies: dict[str, Reply] = field(default_factory=dict)
    _running: dict[str, int] = field(default_factory=dict)

    def fail(self, part: str = "rasa") -> None:
        """Every turn fails, until `recover`."""
        self._down = part

    def recover(self) -> None:
        self._down = None

    def break_on(self, text: str) -> None:
        """A turn that hears `text` fails for ever."""
        self._breaking.add(text)

    def lose_replies(self, count: int = 1) -> None:
        """The next turns are carried out, but whoever asked never hears of it."""
        self._lost_replies = count

    @property
    def heard(self) -> list[str | None]:
        return [turn.heard for turn in self.played]

    async def turn(
        self,
        turn_id: str,
        requester: Requester,
        *,
        text: str | None,
        payload: str | None,
        attachments: Sequence[dict[str, Any]],
    ) -> Reply:
        conversation = requester.conversation
        self._running[conversation] = self._running.get(conversation, 0) + 1
        self.crowd = max(self.crowd, self._running[conversation])
        try:
            await asyncio.sleep(self.seconds)
            ids = tuple(file["id"] for file in attachments)
            return self._carry_out(Played(turn_id, requester, text, payload, ids))
        finally:
            self._running[conversation] -= 1

    def _carry_out(self, turn: Played) -> Reply:
        if self._down or turn.heard in self._breaking:
            raise DialogueUnavailable(self._down or "action_server")
        if turn.id in self._replies:
            self.repeated.append(turn.id)
        else:
            self.played.append(turn)
            self._replies[turn.id] = self.script.get(turn.heard or "") or reply(f"ouvi: {turn.heard}")
        if self._lost_replies:
            self._lost_replies -= 1
            raise DialogueUnavailable("rasa")
        return self._replies[turn.id]

    async def understand(self, text: str) -> Understanding:
        if self._down:
            raise DialogueUnavailable(self._down)
        return Understanding("report_error", 0.9876, self.ranking, {"what": text.split(",")[0]})

    async def draft(self, conversation: str) -> TicketDraft | None:
        if self._down:
            raise DialogueUnavailable(self._down)
        return self.drafts.get(conversation)

    async def forget(self, conversation: str) -> None:
        self.forgotten.append(conversation)
        self._replies = {id: said for id, said in self._replies.items() if not id.startswith(f"{conversation}:")}

    async def answers(self) -> bool:
        return self._down is None

    async def close(self) -> None:
        """Nothing is open."""

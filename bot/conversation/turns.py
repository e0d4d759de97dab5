"""Plays turns: keeps each message first, has the engine carry the turns out in order, keeps each answer.

What holds whatever process dies wherever:
1. a message is in the inbox before anything else happens to it, so none is lost;
2. turns are played under the conversation's lock in order of arrival, whoever holds it;
3. a turn has one id over all retries, and the engine carries an id out once;
4. an answer is stored in one transaction with the state it leads to, and given again to the same message id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.answers import option_by_position
from bot.conversation.message import Answer, BotMessage, Choice, ConversationState, CustomerMessage, KeptMessage, Turn
from bot.conversation.rasa_client import RasaClient, Reply
from bot.conversation.sessions import Sessions
from bot.conversation.wording import GIVEN_UP, UNAVAILABLE
from bot.errors import DialogueUnavailable, InvalidRequest
from bot.text import bare, has_words
from bot.tickets.draft import Requester
from bot.tickets.ticket import Attachment

log = logging.getLogger(__name__)

# Where every answer is one of the choices; elsewhere "2" may be the answer itself.
CLOSED_QUESTIONS = (
    "product", "module", "type", "article", "impact", "attachments", "confirm", "correction", "resume", "cancel_confirm",
    "restart_confirm",
)  # fmt: skip
# A turn that failed this often while turns of others went well in between is itself what the engine cannot take.
_TRIES = 3
_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=30)
# So soon after a late answer it may not have been seen yet.
_UNSEEN = timedelta(seconds=20)
_WORDS_OF_A_REPEAT = 3
# A turn that a living process plays is answered well before this; what is older was left behind.
_LEFT_BEHIND = timedelta(seconds=60)
# So many conversations are caught up with at the same time.
_AT_ONCE = 6


class Inbox(Protocol):
    """What is needed of bot.store.inbox.Inbox; see there."""

    def state(self, conversation: str) -> ConversationState | None: ...
    def keep(self, conversation: str, message: CustomerMessage, requester: Requester) -> KeptMessage: ...
    def find(self, conversation: str, client_id: str) -> KeptMessage | None: ...
    def open_turns(self, conversation: str, *, close_held: bool = False) -> list[Turn]: ...
    def repeats_caught_up(self, kept: KeptMessage, within: timedelta) -> KeptMessage | None: ...
    def answer(self, turn: Turn, answer: Answer, *, pushed: bool) -> None: ...
    def answer_like(self, kept: KeptMessage, before: KeptMessage) -> None: ...
    def close(self, turn: Turn) -> None: ...
    def defer(self, turn: Turn) -> None: ...
    def say(self, conversation: str, message: BotMessage) -> None: ...
    def waiting(self, *, quiet_for: timedelta, unanswered_for: timedelta) -> list[str]: ...


class Attachments(Protocol):
    def of_conversation(self, conversation: str, ids: tuple[str, ...]) -> Sequence[Attachment]: ...


class Turns:
    """`ticket_fields` gives the public fields of the ticket with a number, as its filer may see it."""

    def __init__(
        self,
        inbox: Inbox,
        attachments: Attachments,
        rasa: RasaClient,
        sessions: Sessions,
        ticket_fields: Callable[[str, Requester], dict[str, Any] | None],
        silence: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._inbox, self._attachments, self._rasa, self._sessions = inbox, attachments, rasa, sessions
        self._ticket_fields, self._silence, self._now = ticket_fields, silence, now
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def post(self, state: ConversationState, message: CustomerMessage, requester: Requester) -> Answer:
        """Keeps a message and answers it. Raises InvalidRequest for a choice that was not offered."""
        known = await asyncio.to_thread(self._inbox.find, state.id, message.id)
        if known is None:
            message = await self._as_choice(state, message)
        kept = known or await asyncio.to_thread(self._inbox.keep, state.id, message, requester)
        if kept.answer:
            return kept.answer
        if kept.message.more:
            return Answer(pending=True, asking=state.asking)
        return await self._answer_of(kept)

    async def _as_choice(self, state: ConversationState, message: CustomerMessage) -> CustomerMessage:
        """The message as the choice it is or names. While something still waits for its answer, words are only words."""
        if message.choice:
            return _checked_choice(state, message)
        # One that comes with files or before the rest of a thought is only text.
        typed = None if message.more or message.attachments else choice_named(state, message.text or "")
        if typed is None or await asyncio.to_thread(self._inbox.open_turns, state.id, close_held=True):
            return message
        text = typed.title if message.text == typed.value else message.text
        return CustomerMessage(message.id, text, typed.value)

    async def finish_waiting(self) -> int:
        """Plays what nobody waits for any more: fragments left alone, turns deferred or left by a dead process.

        Gives the number of conversations taken care of. Answers go out as events.
        """
        conversations = await asyncio.to_thread(
            self._inbox.waiting, quiet_for=self._silence, unanswered_for=_LEFT_BEHIND
        )
        return sum(await asyncio.gather(*(self._catch_up_in_turn(one) for one in conversations)))

    async def _catch_up_in_turn(self, conversation: str) -> bool:
        async with self._at_once:
            return await self.catch_up(conversation)

    async def catch_up(self, conversation: str) -> bool:
        """Plays what waits in one conversation, also fragments that no silence has closed yet."""
        try:
            async with self._sessions.turn_of(conversation):
                return await self._play_waiting(conversation)
        except DialogueUnavailable:  # Redis, or another process is at it
            return False

    async def _play_waiting(self, conversation: str) -> bool:
        """Plays what waits in one conversation. Whatever goes wrong in it must not stop the others."""
        turns = await asyncio.to_thread(self._inbox.open_turns, conversation, close_held=True)
        if not turns or self._pauses(turns[0]):
            return False
        await asyncio.to_thread(self._close_held, turns)
        try:
            await self._play_open(conversation, close_held=False, waiting_for=None)
        except Exception as error:
            log.warning("turn not caught up (%s)", type(error).__name__, extra={"conversation": conversation})
            await asyncio.to_thread(self._put_off, conversation, is_news=turns[0].last.deferred_at is None)
            return False
        return True

    def _close_held(self, turns: list[Turn]) -> None:
        for turn in turns:
            if turn.last.message.more:
                self._inbox.close(turn)

    def _put_off(self, conversation: str, *, is_news: bool) -> None:
        """Defers the turn that failed. Who waits where no request is answered is told so once."""
        left = self._inbox.open_turns(conversation)
        if not left:  # it was answered, and failed after that
            return
        self._inbox.defer(left[0])
        state = self._inbox.state(conversation)
        if is_news and state and state.channel != "web" and not state.with_human:
            self._inbox.say(conversation, BotMessage(UNAVAILABLE))

    def _pauses(self, turn: Turn) -> bool:
        """The longer a turn has waited, the longer until its next try: one that breaks the engine must not keep it down."""
        tried = turn.last.deferred_at
        if tried is None:
            return False
        pause = min((tried - turn.last.received_at) / 2 + _FIRST_PAUSE, _LONGEST_PAUSE)
        return self._now() < tried + pause

    async def _answer_of(self, kept: KeptMessage) -> Answer:
        try:
            async with self._sessions.turn_of(kept.conversation):
                return await self._play_until(kept)
        except DialogueUnavailable as error:
            log.warning("turn deferred: %s", error.part, extra={"conversation": kept.conversation})
            await asyncio.to_thread(self._inbox.defer, Turn((kept,)))
            state = await asyncio.to_thread(self._inbox.state, kept.conversation)
            return Answer((BotMessage(UNAVAILABLE),), asking=state.asking if state else None)

    async def _play_until(self, kept: KeptMessage) -> Answer:
        """Plays the open turns up to `kept`'s. Answers that nobody else waits for come first in the same answer."""
        before = await self._just_caught_up(kept)
        if before:
            await asyncio.to_thread(self._inbox.answer_like, kept, before)
        caught_up = await self._play_open(kept.conversation, close_held=False, waiting_for=kept)
        answered = await asyncio.to_thread(self._inbox.find, kept.conversation, kept.message.id)
        if answered is None or answered.answer is None:
            raise DialogueUnavailable("turno sem resposta")
        return _joined(caught_up, answered.answer)

    async def _just_caught_up(self, kept: KeptMessage) -> KeptMessage | None:
        """A short answer such as "sim" may be meant for the next question; a sentence is not said twice by chance."""
        if len((kept.message.text or "").split()) < _WORDS_OF_A_REPEAT:
            return None
        return await asyncio.to_thread(self._inbox.repeats_caught_up, kept, within=_UNSEEN)

    async def _play_open(self, conversation: str, *, close_held: bool, waiting_for: KeptMessage | None) -> list[Answer]:
        """Plays open turns in order; gives the answers that come before the one waited for and that nobody awaits."""
        caught_up: list[Answer] = []
        for turn in await asyncio.to_thread(self._inbox.open_turns, conversation, close_held=close_held):
            if waiting_for and min(turn.sequences) > waiting_for.sequence:
                break
            mine = waiting_for is not None and waiting_for.sequence in turn.sequences
            answer = await self._play(turn, pushed=waiting_for is None)
            if waiting_for and not mine and self._nobody_awaits(turn):
                caught_up.append(answer)
        return caught_up

    def _nobody_awaits(self, turn: Turn) -> bool:
        """True when no request is open for the turn: it was deferred, held, or left by a process that died."""
        last = turn.last
        return last.deferred_at is not None or last.message.more or last.received_at < self._now() - _LEFT_BEHIND

    async def _play(self, turn: Turn, *, pushed: bool) -> Answer:
        state = await asyncio.to_thread(self._inbox.state, turn.last.conversation)
        if state and state.with_human:
            answer = Answer()
        elif state and turn.last.tries >= _TRIES:
            answer = Answer((BotMessage(GIVEN_UP),), asking=state.asking)
        else:
            answer = await self._ask_engine(turn)
        await asyncio.to_thread(self._inbox.answer, turn, answer, pushed=pushed)
        if pushed:
            await self._sessions.ring(turn.last.conversation)
        return answer

    async def _ask_engine(self, turn: Turn) -> Answer:
        requester = turn.last.requester
        files = await asyncio.to_thread(self._attachments.of_conversation, requester.conversation, turn.attachments)
        reply = await self._rasa.turn(
            turn.id,
            requester,
            text=turn.text,
            payload=_payload(turn, bool(files)),
            attachments=[{"id": file.id, "name": file.name} for file in files],
        )
        return await self._answer(reply, requester)

    async def _answer(self, reply: Reply, requester: Requester) -> Answer:
        ticket = None
        if reply.ticket:
            ticket = await asyncio.to_thread(self._ticket_fields, reply.ticket, requester)
        return Answer(reply.messages, reply.asking, reply.outcome, ticket)


def _payload(turn: Turn, has_files: bool) -> str | None:
    """The command behind a turn, if it is one: a button, a file without words, or nothing to read."""
    if turn.last.message.choice:
        return turn.last.message.choice
    if has_words(turn.text):
        return None
    return "/send_attachment" if has_files else "/say_nothing"


def _checked_choice(state: ConversationState, message: CustomerMessage) -> CustomerMessage:
    """A choice must be one of those offered last. Its title is kept as the text the person pressed."""
    offered = {choice.value: choice.title for choice in state.offered}
    if message.choice not in offered:
        raise InvalidRequest(
            "Essa opção já não vale nesta conversa. Escolha uma das opções mais recentes ou escreva com suas palavras."
        )
    return CustomerMessage(message.id, offered[message.choice], message.choice, message.attachments, more=False)


def choice_named(state: ConversationState, text: str) -> Choice | None:
    """The choice offered last that a text names: by its value, its title or, at a closed question, its place."""
    words = bare(text)
    titled = [choice for choice in state.offered if choice.value == text or bare(choice.title) == words]
    if titled and words:
        return titled[0]
    place = option_by_position(text, len(state.offered)) if state.asking in CLOSED_QUESTIONS else None
    return state.offered[place] if place is not None else None


def _joined(caught_up: list[Answer], answer: Answer) -> Answer:
    earlier = tuple(message for late in caught_up for message in late.messages)
    return Answer(earlier + answer.messages, answer.asking, answer.outcome, answer.ticket)

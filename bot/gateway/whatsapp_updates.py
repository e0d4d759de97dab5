"""Handles what the WhatsApp webhook kept: each update once, a person's messages in their order.

A message becomes a message of the person's conversation, under its wamid; from there on it goes the way of every other
channel (bot.conversation.turns). What the dialogue cannot read gets an honest sentence. Nothing here answers by itself:
whatever is said goes through the outbox.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Any

from bot.answers import option_by_position
from bot.assembly import Assembly
from bot.channels.whatsapp_envelope import Incoming, Media, Update, change_of_number, read_message
from bot.channels.whatsapp_rendering import choice_id, is_numbered
from bot.conversation import whatsapp_wording as wording
from bot.conversation.message import BotMessage, Choice, ConversationState, CustomerMessage
from bot.conversation.turns import choice_named
from bot.errors import DeliveryError, DialogueUnavailable, RequestRefused
from bot.store.outbox import WHATSAPP
from bot.store.whatsapp_inbox import KeptUpdate, Person
from bot.text import has_words
from bot.tickets.draft import Requester
from bot.tickets.files import check_file

log = logging.getLogger(__name__)

_AT_ONCE = 8
_LOOK_EVERY_SECONDS = 1.0
# Media links live for minutes: five tries over about as many.
_TRIES = 5
_FIRST_PAUSE = timedelta(seconds=5)


class WhatsAppUpdates:
    """One task of a gateway. Several gateways may run: a line is handled by one at a time."""

    def __init__(self, parts: Assembly) -> None:
        self._parts, self._kept = parts, parts.whatsapp_inbox
        self._bell = asyncio.Event()
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._lines: dict[str, asyncio.Task[None]] = {}
        self._typing: set[asyncio.Task[None]] = set()

    def ring(self) -> None:
        """There is something new."""
        self._bell.set()

    async def run(self) -> None:
        """Handles until cancelled; also what an earlier process left."""
        while True:
            self._bell.clear()
            try:
                await self.look()
            except Exception:
                log.exception("updates could not be read; trying again")
            try:
                await asyncio.wait_for(self._bell.wait(), _LOOK_EVERY_SECONDS)
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Begins to handle every line that waits and is not being handled."""
        await asyncio.to_thread(self._kept.split_new)
        for line in await asyncio.to_thread(self._kept.open_updates):
            name = line[0].update.line
            if name not in self._lines:
                self._lines[name] = asyncio.create_task(self._handle_line(name, line))

    async def settle(self) -> None:
        """Until nothing is being handled."""
        while tasks := [*self._lines.values(), *self._typing]:
            await asyncio.gather(*tasks)

    async def close(self) -> None:
        for task in (*self._lines.values(), *self._typing):
            task.cancel()
        await asyncio.gather(*self._lines.values(), *self._typing, return_exceptions=True)

    async def _handle_line(self, name: str, line: list[KeptUpdate]) -> None:
        try:
            async with self._at_once, self._parts.sessions.turn_of(f"{WHATSAPP}:{name}"):
                for kept in line:
                    if not await self._handle(kept):
                        break
        except DialogueUnavailable:  # Redis, or another gateway is at it
            log.warning("a line of updates waits")
        except Exception:
            log.exception("a line of updates could not be handled")
        finally:
            self._lines.pop(name, None)

    async def _handle(self, kept: KeptUpdate) -> bool:
        """False when it has to be tried again before the next of its line may follow."""
        if not await asyncio.to_thread(self._kept.is_open, kept):
            return True
        try:
            await self._handle_one(kept)
        except DialogueUnavailable:
            raise
        except Exception as error:
            return await self._put_off(kept, error)
        return True

    async def _put_off(self, kept: KeptUpdate, error: Exception) -> bool:
        log.warning("update %s not handled (%s)", kept.id, type(error).__name__)
        told = f"{type(error).__name__}: {error}" if isinstance(error, DeliveryError) else type(error).__name__
        permanent = isinstance(error, (KeyError, TypeError, ValueError, _NotOurs)) or (
            isinstance(error, DeliveryError) and error.permanent
        )
        if not permanent and kept.tries + 1 < _TRIES:
            until = self._parts.now() + _FIRST_PAUSE * 2**kept.tries
            await asyncio.to_thread(self._kept.put_off, kept, told, until)
            return False
        say = None
        if kept.update.kind == "message" and not isinstance(error, _NotOurs):
            person = await asyncio.to_thread(self._kept.person_behind, kept.update)
            say = _bubble(person, wording.NOT_RECEIVED)
        await asyncio.to_thread(self._kept.failed, kept, told, say=say)
        return True

    async def _handle_one(self, kept: KeptUpdate) -> None:
        one = kept.update
        if one.kind == "unreadable":
            raise ValueError("not shaped like an update")
        if one.to != self._parts.settings.whatsapp_phone_id:
            raise _NotOurs("outro número")
        if one.kind == "status":
            await asyncio.to_thread(self._parts.whatsapp_sent.status, one)
            await asyncio.to_thread(self._kept.handled, kept)
        elif new_number := change_of_number(one.body):
            await asyncio.to_thread(self._kept.number_changed, one, new_number)
            await asyncio.to_thread(self._kept.handled, kept)
        else:
            await self._handle_message(kept)

    async def _handle_message(self, kept: KeptUpdate) -> None:
        incoming = read_message(kept.update.body)
        person = await asyncio.to_thread(self._kept.person_behind, kept.update)
        state = await asyncio.to_thread(self._parts.inbox.open, person.conversation, WHATSAPP, None)
        self._show_typing(kept.update, state)
        if incoming.media:
            await self._take_file(kept, person, state, incoming, incoming.media)
        elif incoming.choice is not None:
            await self._take_choice(kept, person, state, incoming)
        elif incoming.text is not None:
            await self._take_text(kept, person, state, incoming.text)
        else:
            await self._take_other(kept, person, state, incoming)

    def _show_typing(self, one: Update, state: ConversationState) -> None:
        if state.with_human or one.body.get("type") in ("reaction", "system"):
            return
        task = asyncio.create_task(self._parts.graph.show_typing(one.wamid))
        self._typing.add(task)
        task.add_done_callback(self._typing.discard)

    async def _take_text(self, kept: KeptUpdate, person: Person, state: ConversationState, text: str) -> None:
        text = _clean(text)
        if len(text) > self._parts.settings.max_text_chars:
            await self._say(kept, person, wording.TOO_LONG)
        elif choice := _pointed_at(state, text) or await self._named(state, text):
            await self._choose(kept, person, state, choice)
        else:
            await self._keep(person, state, CustomerMessage(kept.update.wamid, text, more=True))
            await asyncio.to_thread(self._kept.handled, kept)

    async def _named(self, state: ConversationState, text: str) -> Choice | None:
        """The option whose title was typed. A payload is no title; while something waits for its answer, words are words."""
        choice = choice_named(state, text)
        if choice is None or choice.value == text:
            return None
        if await asyncio.to_thread(self._parts.inbox.open_turns, state.id, close_held=True):
            return None
        return choice

    async def _take_choice(
        self, kept: KeptUpdate, person: Person, state: ConversationState, incoming: Incoming
    ) -> None:
        """By its id. A choice that was kept before we died is only played on: what is offered now came after it."""
        offered = next((one for one in state.offered if choice_id(one.value) == incoming.choice), None)
        known = await asyncio.to_thread(self._parts.inbox.find, person.conversation, kept.update.wamid)
        if known:
            await self._play(kept, person)
        elif offered:
            await self._choose(kept, person, state, offered)
        elif incoming.kind == "button":  # a template's quick reply says what it says
            await self._take_text(kept, person, state, incoming.text or "")
        else:
            await self._say(kept, person, wording.OLD_CHOICE)

    async def _choose(self, kept: KeptUpdate, person: Person, state: ConversationState, choice: Choice) -> None:
        await self._keep(person, state, CustomerMessage(kept.update.wamid, choice.title, choice.value))
        await self._play(kept, person)

    async def _play(self, kept: KeptUpdate, person: Person) -> None:
        await self._parts.turns.catch_up(person.conversation)
        await asyncio.to_thread(self._kept.handled, kept)

    async def _take_file(
        self, kept: KeptUpdate, person: Person, state: ConversationState, incoming: Incoming, media: Media
    ) -> None:
        """Downloads at once: the link expires. A file that is refused is told to the person and to the ticket."""
        wamid, caption = kept.update.wamid, _clean(incoming.text or "") or None
        try:
            file_id, heard = await self._keep_file(person, media, is_audio=incoming.kind == "audio")
        except RequestRefused as error:
            await asyncio.to_thread(self._parts.refused_files.note, person.conversation, wamid, media.name, str(error))
            if caption:
                await self._keep(person, state, CustomerMessage(wamid, caption, more=True))
            await self._say(kept, person, wording.REFUSED.format(reason=error))
            return
        text = caption or heard
        await self._keep(person, state, CustomerMessage(wamid, text, attachments=(file_id,), more=True))
        if incoming.kind == "audio" and not text and not state.with_human:
            await self._say(kept, person, wording.NOT_HEARD if self._parts.transcriber else wording.AUDIO)
        else:
            await asyncio.to_thread(self._kept.handled, kept)

    async def _keep_file(self, person: Person, media: Media, *, is_audio: bool) -> tuple[str, str | None]:
        """The id of the file, and the text of a speech that could be heard."""
        limit = self._parts.settings.max_upload_bytes
        got = await self._parts.graph.download(media.id, limit)
        name, mime = check_file(media.name, got.content, limit)
        attachments = self._parts.attachments
        file = await asyncio.to_thread(attachments.save, person.conversation, name, mime, got.content)
        transcriber = self._parts.transcriber if is_audio else None
        return file.id, await transcriber.text_of(attachments.path(file)) if transcriber else None

    async def _take_other(self, kept: KeptUpdate, person: Person, state: ConversationState, incoming: Incoming) -> None:
        """What the dialogue cannot read. A human who took over sees what came instead."""
        withdrawn = incoming.kind in ("reaction", "system") and incoming.told is None
        if not withdrawn and not state.with_human:
            await self._say(kept, person, wording.unreadable(incoming.kind))
            return
        if not withdrawn:
            told = incoming.told or "Mensagem de um tipo que não se abre aqui"
            await self._keep(person, state, CustomerMessage(kept.update.wamid, f"[{told}]", more=True))
        await asyncio.to_thread(self._kept.handled, kept)

    async def _keep(self, person: Person, state: ConversationState, message: CustomerMessage) -> None:
        proven = state.verified_email
        company = await asyncio.to_thread(self._parts.people.company_in, WHATSAPP, proven)
        requester = Requester(person.conversation, WHATSAPP, proven, person.name, company)
        await asyncio.to_thread(self._parts.inbox.keep, person.conversation, message, requester)

    async def _say(self, kept: KeptUpdate, person: Person, sentence: str) -> None:
        await asyncio.to_thread(self._kept.handled, kept, say=_bubble(person, sentence))


class _NotOurs(Exception):
    """An update for another number of the same account."""


def _bubble(person: Person, sentence: str) -> tuple[str, dict[str, Any]]:
    return person.conversation, BotMessage(sentence).as_dict()


def _pointed_at(state: ConversationState, text: str) -> Choice | None:
    """The option that "3" or "a terceira" means, where the options were shown with numbers."""
    if not state.offered or not is_numbered([choice.title for choice in state.offered]) or not has_words(text):
        return None
    place = option_by_position(text, len(state.offered))
    return state.offered[place] if place is not None else None


def _clean(text: str) -> str:
    """Without what no database keeps: NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()

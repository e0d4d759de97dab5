"""Carries the outbox's WhatsApp notices: renders a bubble, sends its parts in order, takes another way when it must.

A part is noted before the network is asked to take it, and again once it has. One that is noted but not known as taken
is in doubt: the answer was lost, or we died. Every message carries the name of its notice and part, so that its status
tells that it was taken (WhatsAppSent.status); it is sent again only when a status would have come and did not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot.channels.whatsapp_rendering import Form, render, template_parameter
from bot.errors import DeliveryError, Unanswered
from bot.notifications.deliver import OutboxWorker
from bot.store.outbox import Notice, Outbox
from bot.store.whatsapp_inbox import Person
from bot.store.whatsapp_sent import WhatsAppSent, tracker

# So many bubbles are on their way at the same time, never two of one conversation.
_AT_ONCE = 4
# A minute less than the network's own 24 hours, for what is on its way when they end.
WINDOW = timedelta(hours=23, minutes=59)
# An answer is awaited for 15 seconds, and statuses come within seconds after that.
_ASKING, _IN_DOUBT = timedelta(seconds=15), timedelta(seconds=45)
# While nothing at all is heard of the network, no status has not come either: at most so long.
_DEAF = timedelta(minutes=5)
_LOOK_AGAIN = timedelta(seconds=5)


class Graph(Protocol):
    """What is needed of bot.channels.whatsapp_graph.GraphApi; see there."""

    async def send(self, to: str, form: Form, tracker: str) -> str: ...
    async def send_template(self, to: str, name: str, language: str, parameter: str, tracker: str) -> str: ...


class WhatsAppDeliverer(OutboxWorker):
    """`template` is NAME:LANGUAGE of an approved template with one parameter, or empty."""

    idle_seconds = 0.5

    def __init__(
        self, outbox: Outbox, sent: WhatsAppSent, graph: Graph, template: str, now: Callable[[], datetime]
    ) -> None:
        super().__init__(outbox, now)
        self._sent, self._graph, self._template = sent, graph, template

    async def run(self) -> None:
        await asyncio.gather(*(super(WhatsAppDeliverer, self).run() for _ in range(_AT_ONCE)))

    def _claim(self) -> Notice | None:
        return self._outbox.claim(by_whatsapp=True)

    async def _carry(self, notice: Notice) -> None:
        person = await asyncio.to_thread(self._sent.person, notice.recipient)
        if person is None:
            raise DeliveryError("ninguém por trás desta conversa", permanent=True)
        if self._is_open(person):
            await self._send_parts(notice, person)
        elif self._template:
            await self._send_template(notice, person)
        else:
            raise DeliveryError("mais de 24 horas sem mensagem da pessoa", permanent=True)

    def _is_open(self, person: Person) -> bool:
        """True within 24 hours of the person's last message: only then may anything be said freely."""
        return person.last_inbound_at is not None and self._now() < person.last_inbound_at + WINDOW

    async def _send_parts(self, notice: Notice, person: Person) -> None:
        done = await asyncio.to_thread(self._sent.parts, notice.key)
        for part, form in enumerate(render(notice.payload["body"])):
            if part not in done:
                send = partial(self._graph.send, person.address, form, tracker(notice.key, part))
                await self._send(notice, part, "whatsapp", send)

    async def _send_template(self, notice: Notice, person: Person) -> None:
        if await asyncio.to_thread(self._sent.parts, notice.key):
            return
        name, _, language = self._template.partition(":")
        parameter = template_parameter(notice.payload["body"])
        send = partial(self._graph.send_template, person.address, name, language, parameter, tracker(notice.key, 0))
        await self._send(notice, 0, "template", send)

    async def _send(self, notice: Notice, part: int, way: str, send: Callable[[], Awaitable[str]]) -> None:
        """Raises _InDoubt while nobody knows whether an earlier try went through, and DeliveryError."""
        await asyncio.to_thread(self._settle_doubt, notice, part)
        await asyncio.to_thread(self._sent.sending, notice.key, part)
        try:
            wamid = await send()
        except Unanswered:
            raise
        except DeliveryError:
            await asyncio.to_thread(self._sent.refused, notice.key, part)
            raise
        await asyncio.to_thread(self._sent.taken, notice, part, wamid, way)

    def _settle_doubt(self, notice: Notice, part: int) -> None:
        asked_at = self._sent.asked_at(notice.key, part)
        if asked_at is None:
            return
        waited = self._now() - asked_at
        tells = waited >= _IN_DOUBT and self._sent.heard_since(asked_at + _ASKING)
        if not tells and waited < _DEAF:
            raise _InDoubt

    async def _put_off(self, notice: Notice, error: Exception) -> None:
        """Waiting for news of an earlier try is no try."""
        if isinstance(error, _InDoubt):
            await asyncio.to_thread(self._outbox.put_back, notice, self._now() + _LOOK_AGAIN)
        else:
            await super()._put_off(notice, error)

    async def _give_up(self, notice: Notice, error: Exception) -> None:
        await asyncio.to_thread(self._sent.by_other_way, notice, self._told(error))

    def _told(self, error: Exception) -> str:
        return str(error) if isinstance(error, DeliveryError) else type(error).__name__

    def _wait(self, attempts: int) -> timedelta:
        """Somebody is waiting for the answer: two seconds at first, then doubling, at most an hour."""
        return min(timedelta(seconds=2) * 2**attempts, timedelta(hours=1))


class _InDoubt(Exception):
    """The network was asked before, and a status may still tell that it took the message."""

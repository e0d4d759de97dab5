"""Carries the outbox's WhatsApp notices: renders a bubble, sends its parts in order, takes another way when it must.

A part that the network took is noted at once and not sent again. Where nobody knows whether it was taken, the next try
waits until a status would have told: every message carries the name of its notice and part (WhatsAppSent.status).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
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
# Statuses come within seconds; so long an answer that never came is taken for one that may have been a yes.
_IN_DOUBT = timedelta(seconds=30)


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
                wamid = await self._graph.send(person.address, form, tracker(notice.key, part))
                await asyncio.to_thread(self._sent.taken, notice, part, wamid, "whatsapp")

    async def _send_template(self, notice: Notice, person: Person) -> None:
        if await asyncio.to_thread(self._sent.parts, notice.key):
            return
        name, _, language = self._template.partition(":")
        parameter = template_parameter(notice.payload["body"])
        wamid = await self._graph.send_template(person.address, name, language, parameter, tracker(notice.key, 0))
        await asyncio.to_thread(self._sent.taken, notice, 0, wamid, "template")

    async def _give_up(self, notice: Notice, error: Exception) -> None:
        await asyncio.to_thread(self._sent.by_other_way, notice, self._told(error))

    def _told(self, error: Exception) -> str:
        return str(error) if isinstance(error, DeliveryError) else type(error).__name__

    def _wait(self, attempts: int, error: Exception) -> timedelta:
        return _wait(attempts, in_doubt=isinstance(error, Unanswered))


def _wait(attempts: int, *, in_doubt: bool) -> timedelta:
    """Somebody is waiting for the answer: two seconds at first, then doubling, at most an hour."""
    wait = min(timedelta(seconds=2) * 2**attempts, timedelta(hours=1))
    return max(wait, _IN_DOUBT) if in_doubt else wait

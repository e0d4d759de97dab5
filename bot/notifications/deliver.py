"""The deliverer: takes due rows of the outbox, one after the other, and has them carried.

1. claim the oldest due row (conditional update; a dead deliverer's claim runs out);
2. hand it to the carrier of its kind;
3. note it as delivered, put it off with a longer and longer wait, or end it when it can never succeed.
A row that breaks its carrier is put off like any other failure, so that it stops nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import DeliveryError
from bot.store.outbox import Notice, Outbox

log = logging.getLogger(__name__)

_MAX_ATTEMPTS = 12


class Carrier(Protocol):
    async def carry(self, notice: Notice) -> str | None:
        """Brings a notice to whom it is for; gives the message's own id where it has one. Raises DeliveryError."""
        ...


class OutboxWorker(ABC):
    """The loop above. What is claimed, how it is carried and how long a failure waits is for the channel to say."""

    idle_seconds = 1.0

    def __init__(self, outbox: Outbox, now: Callable[[], datetime]) -> None:
        self._outbox, self._now = outbox, now

    async def run(self) -> None:
        """Delivers until cancelled."""
        while True:
            try:
                delivered = await self.deliver_due()
            except Exception:
                log.exception("the outbox could not be read")
                delivered = 0
            if not delivered:
                await asyncio.sleep(self.idle_seconds)

    async def deliver_due(self) -> int:
        """Delivers everything that is due now; gives how many rows were taken."""
        taken = 0
        while notice := await asyncio.to_thread(self._claim):
            await self._deliver(notice)
            taken += 1
        return taken

    async def _deliver(self, notice: Notice) -> None:
        try:
            message_id = await self._carry(notice)
        except Exception as error:
            await self._put_off(notice, error)
        else:
            await asyncio.to_thread(self._outbox.delivered, notice, message_id)

    async def _put_off(self, notice: Notice, error: Exception) -> None:
        permanent = isinstance(error, DeliveryError) and error.permanent
        last = permanent or notice.attempts + 1 >= _MAX_ATTEMPTS
        log.warning("notice %s not delivered (%s)", notice.id, type(error).__name__)
        if last:
            await self._give_up(notice, error)
        retry_at = None if last else self._now() + self._wait(notice.attempts)
        await asyncio.to_thread(self._outbox.failed, notice, self._told(error), retry_at)

    @abstractmethod
    def _claim(self) -> Notice | None: ...

    @abstractmethod
    async def _carry(self, notice: Notice) -> str | None:
        """Gives the message's own id where it has one. Raises DeliveryError."""

    def _wait(self, attempts: int) -> timedelta:
        return wait_before_retry(attempts)

    def _told(self, error: Exception) -> str:
        return f"{type(error).__name__}: {error}"

    @abstractmethod
    async def _give_up(self, notice: Notice, error: Exception) -> None:
        """What is left to do for a notice that will not arrive this way."""


class Deliverer(OutboxWorker):
    """`carriers` by kind of notice."""

    def __init__(self, outbox: Outbox, carriers: Mapping[str, Carrier], now: Callable[[], datetime]) -> None:
        super().__init__(outbox, now)
        self._carriers = carriers

    def _claim(self) -> Notice | None:
        return self._outbox.claim()

    async def _carry(self, notice: Notice) -> str | None:
        carrier = self._carriers.get(notice.kind)
        if carrier is None:
            raise DeliveryError(f"aviso de tipo desconhecido: {notice.kind}", permanent=True)
        return await carrier.carry(notice)

    async def _give_up(self, notice: Notice, error: Exception) -> None:
        """Nothing: the outbox tells it on the ticket."""


def wait_before_retry(attempts: int) -> timedelta:
    """Half a minute, then doubling, at most six hours."""
    return min(timedelta(seconds=30) * 2**attempts, timedelta(hours=6))

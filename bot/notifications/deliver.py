"""The deliverer: takes due rows of the outbox, one after the other, and has them carried.

1. claim the oldest due row (conditional update; a dead deliverer's claim runs out);
2. hand it to the carrier of its kind;
3. note it as delivered, put it off with a longer and longer wait, or end it when it can never succeed.
A row that breaks its carrier is put off like any other failure, so that it stops nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.errors import DeliveryError
from bot.store.outbox import Notice, Outbox

log = logging.getLogger(__name__)

_MAX_ATTEMPTS = 12
_IDLE_SECONDS = 1.0


class Carrier(Protocol):
    async def carry(self, notice: Notice) -> str | None:
        """Brings a notice to whom it is for; gives the message's own id where it has one. Raises DeliveryError."""
        ...


class Deliverer:
    """`carriers` by kind of notice."""

    def __init__(self, outbox: Outbox, carriers: Mapping[str, Carrier], now: Callable[[], datetime]) -> None:
        self._outbox, self._carriers, self._now = outbox, carriers, now

    async def run(self) -> None:
        """Delivers until cancelled."""
        while True:
            try:
                delivered = await self.deliver_due()
            except Exception:
                log.exception("the outbox could not be read")
                delivered = 0
            if not delivered:
                await asyncio.sleep(_IDLE_SECONDS)

    async def deliver_due(self) -> int:
        """Delivers everything that is due now; gives how many rows were taken."""
        taken = 0
        while notice := await asyncio.to_thread(self._outbox.claim):
            await self._deliver(notice)
            taken += 1
        return taken

    async def _deliver(self, notice: Notice) -> None:
        try:
            carrier = self._carriers.get(notice.kind)
            if carrier is None:
                raise DeliveryError(f"aviso de tipo desconhecido: {notice.kind}", permanent=True)
            message_id = await carrier.carry(notice)
        except Exception as error:
            await self._put_off(notice, error)
        else:
            await asyncio.to_thread(self._outbox.delivered, notice, message_id)

    async def _put_off(self, notice: Notice, error: Exception) -> None:
        permanent = isinstance(error, DeliveryError) and error.permanent
        last = permanent or notice.attempts + 1 >= _MAX_ATTEMPTS
        log.warning("notice %s not delivered (%s)", notice.id, type(error).__name__)
        retry_at = None if last else self._now() + wait_before_retry(notice.attempts)
        await asyncio.to_thread(self._outbox.failed, notice, f"{type(error).__name__}: {error}", retry_at)


def wait_before_retry(attempts: int) -> timedelta:
    """Half a minute, then doubling, at most six hours."""
    return min(timedelta(seconds=30) * 2**attempts, timedelta(hours=6))

"""The deliverer: takes due rows of the outbox, one after the other, and sends them.

1. claim the oldest due row (conditional update; a dead deliverer's claim runs out);
2. write the letter from the row and the ticket as it is now;
3. send; note it as delivered, put it off with a longer and longer wait, or end it when it can never succeed.
A row that breaks the writer is put off like any other failure, so that it stops nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

from bot.channels.mailbox import Mailbox
from bot.errors import DeliveryError
from bot.notifications.wording import Letters
from bot.store.outbox import Notice, Outbox
from bot.store.ticket_store import SqlTicketStore

log = logging.getLogger(__name__)

_MAX_ATTEMPTS = 12
_IDLE_SECONDS = 1.0


class Deliverer:
    def __init__(
        self, outbox: Outbox, tickets: SqlTicketStore, letters: Letters, mailbox: Mailbox, now: Callable[[], datetime]
    ) -> None:
        self._outbox, self._tickets, self._letters, self._mailbox, self._now = outbox, tickets, letters, mailbox, now

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
            letter = await asyncio.to_thread(self._write, notice)
            await self._mailbox.send(letter)
        except Exception as error:
            await self._put_off(notice, error)
        else:
            await asyncio.to_thread(self._outbox.delivered, notice)

    async def _put_off(self, notice: Notice, error: Exception) -> None:
        permanent = isinstance(error, DeliveryError) and error.permanent
        last = permanent or notice.attempts + 1 >= _MAX_ATTEMPTS
        log.warning("notice %s not delivered (%s)", notice.id, type(error).__name__)
        retry_at = None if last else self._now() + wait_before_retry(notice.attempts)
        await asyncio.to_thread(self._outbox.failed, notice, f"{type(error).__name__}: {error}", retry_at)

    def _write(self, notice: Notice) -> EmailMessage:
        if notice.kind == "ticket_copy":
            ticket = self._tickets.by_number(notice.payload["number"])
            if ticket is None:
                raise DeliveryError(f"chamado {notice.payload['number']} não existe", permanent=True)
            return self._letters.ticket_copy(notice, ticket)
        letters = self._letters
        writer = {"code": letters.code, "sign_in": letters.sign_in, "handover": letters.handover}.get(notice.kind)
        if writer is None:
            raise DeliveryError(f"aviso de tipo desconhecido: {notice.kind}", permanent=True)
        return writer(notice, self._now())


def wait_before_retry(attempts: int) -> timedelta:
    """Half a minute, then doubling, at most six hours."""
    return min(timedelta(seconds=30) * 2**attempts, timedelta(hours=6))

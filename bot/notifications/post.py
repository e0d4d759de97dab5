"""Carries notices by e-mail: writes the letter from the row and the ticket as it is now, and posts it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage

from bot.channels.mailbox import Mailbox
from bot.errors import DeliveryError
from bot.notifications.wording import Letters
from bot.store.outbox import Notice
from bot.store.ticket_store import SqlTicketStore


class Post:
    def __init__(
        self, tickets: SqlTicketStore, letters: Letters, mailbox: Mailbox, now: Callable[[], datetime]
    ) -> None:
        self._tickets, self._letters, self._mailbox, self._now = tickets, letters, mailbox, now

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of notices that have a letter."""
        return (*self._letters.of_tickets, *self._letters.others)

    async def carry(self, notice: Notice) -> str:
        """Gives the Message-ID. Raises DeliveryError, and whatever a row that cannot be written breaks with."""
        letter = await asyncio.to_thread(self._write, notice)
        await self._mailbox.send(letter)
        return letter["Message-ID"]

    def _write(self, notice: Notice) -> EmailMessage:
        if plain := self._letters.others.get(notice.kind):
            return plain(notice, self._now())
        number = notice.payload["number"]
        ticket = self._tickets.by_number(number)
        if ticket is None:
            raise DeliveryError(f"chamado {number} não existe", permanent=True)
        return self._letters.of_tickets[notice.kind](notice, ticket)

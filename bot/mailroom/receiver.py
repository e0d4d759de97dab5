"""Brings mail in by whatever way is set, and keeps the clerk at work."""

from __future__ import annotations

import asyncio
import logging
import threading

from bot.channels.mail_in.imap import ImapInbox
from bot.channels.mail_in.lmtp import LmtpDoor
from bot.errors import MailUnavailable
from bot.mailroom.clerk import Clerk

log = logging.getLogger(__name__)

_IDLE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 300.0


class Receiver:
    def __init__(self, clerk: Clerk, inbox: ImapInbox | None, door: LmtpDoor | None) -> None:
        self._clerk, self._inbox, self._door = clerk, inbox, door

    async def run(self) -> None:
        """Receives until cancelled. Raises StartError when LMTP cannot listen."""
        ways = [self._fetch(self._inbox)] if self._inbox else []
        if self._door:
            ways.append(self._door.run())
        await asyncio.gather(self._sort(), *ways)

    async def _sort(self) -> None:
        """Also without any way in: what was released or failed before may be waiting."""
        while True:
            try:
                taken = await asyncio.to_thread(self._clerk.work)
            except Exception as error:  # only its name: what a database complains of holds what people wrote
                log.error("kept mail could not be read (%s)", type(error).__name__)
                taken = 0
            if not taken:
                await asyncio.sleep(_IDLE_SECONDS)

    async def _fetch(self, inbox: ImapInbox) -> None:
        pause, stop = 1.0, threading.Event()
        try:
            while True:
                began = asyncio.get_running_loop().time()
                try:
                    await asyncio.to_thread(inbox.watch, self._clerk.keep, stop)
                except MailUnavailable as error:
                    log.warning("mailbox: %s", error)
                lasted = asyncio.get_running_loop().time() - began
                pause = 1.0 if lasted > _LONGEST_PAUSE_SECONDS else pause
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
        finally:
            stop.set()

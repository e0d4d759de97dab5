"""What the law gives a person (LGPD): all that is stored about them, or that it is gone; and what is kept no longer.

1. the dialogue engine forgets the conversations, each while no turn of it is played;
2. the database forgets, in one transaction;
3. files that nobody has any more and letters in the mail folder go.
Whatever dies in between, doing it again finishes it: only the second step forgets what the others go by.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels.mailbox import FolderMailbox
from bot.conversation.sessions import Sessions
from bot.errors import DialogueUnavailable, TriagemError
from bot.store.attachment_store import AttachmentStore
from bot.store.mail_store import MailStore
from bot.store.personal import Orphans, PersonalData, Selection

log = logging.getLogger(__name__)

_BETWEEN_SWEEPS_SECONDS = 6 * 3600


@dataclass(frozen=True)
class Erased:
    """How many tickets and conversations were emptied, and how many files removed."""

    tickets: int
    conversations: int
    files: int

    def __str__(self) -> str:
        return f"{self.tickets} chamado(s), {self.conversations} conversa(s) e {self.files} arquivo(s)"


class Privacy:
    """`now` gives aware instants. `letters` is the folder that stands for a mail server, None where there is one."""

    def __init__(
        self,
        personal: PersonalData,
        sessions: Sessions,
        attachments: AttachmentStore,
        mails: MailStore,
        letters: FolderMailbox | None,
        now: Callable[[], datetime],
    ) -> None:
        self._personal, self._sessions, self._attachments = personal, sessions, attachments
        self._mails, self._letters, self._now = mails, letters, now

    def export(self, address: str) -> str:
        """Everything as JSON, readable by people too."""
        return json.dumps(self._personal.export(address), ensure_ascii=False, indent=2)

    def found(self, address: str) -> Selection:
        return self._personal.of(address)

    async def erase(self, address: str) -> Erased:
        """Raises TriagemError when a conversation cannot be forgotten; then nothing in the database was erased."""
        erased = await self._erase(await asyncio.to_thread(self._personal.of, address))
        if self._letters:
            await asyncio.to_thread(self._letters.forget, address)
        return erased

    async def sweep(self, days: float, loose_days: float) -> Erased:
        """Erases what was done with for `days`, and uploads on no ticket for `loose_days`. 0 keeps everything."""
        loose = await self._drop_loose(loose_days) if loose_days > 0 else 0
        if days <= 0:
            return Erased(0, 0, loose)
        before = self._now() - timedelta(days=days)
        await self._remove(await asyncio.to_thread(self._personal.drop_letters_before, before))
        erased = await self._erase(await asyncio.to_thread(self._personal.older_than, before))
        return replace(erased, files=erased.files + loose)

    async def run(self, days: float, loose_days: float) -> None:
        """Sweeps again and again until cancelled."""
        while True:
            try:
                await self.sweep(days, loose_days)
            except Exception:
                log.exception("what is old could not be erased; trying again later")
            await asyncio.sleep(_BETWEEN_SWEEPS_SECONDS)

    async def _drop_loose(self, days: float) -> int:
        _, removed = await asyncio.to_thread(self._attachments.sweep, timedelta(days=days))
        return removed

    async def _erase(self, selection: Selection) -> Erased:
        for conversation in selection.conversations:
            await self._forget(conversation)
        orphans = await asyncio.to_thread(self._personal.erase, selection) if selection else Orphans()
        await self._remove(orphans)
        if selection.conversations:
            await self._sessions.forget_history()
        return Erased(len(selection.tickets), len(selection.conversations), len(orphans.files))

    async def _remove(self, orphans: Orphans) -> None:
        for sha256 in orphans.files:
            await asyncio.to_thread(self._attachments.remove, sha256)
        for sha256 in orphans.mails:
            await asyncio.to_thread(self._mails.remove, sha256)

    async def _forget(self, conversation: str) -> None:
        try:
            async with self._sessions.turn_of(conversation):
                await self._sessions.forget(conversation)
        except DialogueUnavailable as error:
            sentence = "O Redis do serviço não responde, e nada foi apagado. Com o serviço no ar, tente de novo."
            raise TriagemError(sentence) from error

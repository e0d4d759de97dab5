"""Uploaded files: the bytes on disk under their content hash, the rest in the database."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, and_, delete, false, func, insert, or_, select

from bot.errors import InvalidRequest
from bot.store.engine import Database
from bot.store.tables import attachments, tickets
from bot.store.ticket_rows import visible
from bot.tickets.draft import Requester
from bot.tickets.ticket import Attachment


class AttachmentStore:
    """`limit` is how many files one conversation may hold that are on no ticket yet."""

    def __init__(self, database: Database, directory: Path, now: Callable[[], datetime], limit: int) -> None:
        self._database, self._directory, self._now, self._limit = database, directory, now, limit

    def save(self, conversation: str, name: str, mime: str, content: bytes) -> Attachment:
        """Keeps the bytes first and the row after, so that a row always has its file.

        Raises InvalidRequest when the conversation holds too many files already.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        self._write(sha256, content)
        file = Attachment(uuid4().hex, name, mime, len(content), sha256)
        with self._database.write() as connection:
            loose = and_(attachments.c.conversation_id == conversation, attachments.c.ticket_id.is_(None))
            if (
                connection.execute(select(func.count()).select_from(attachments).where(loose)).scalar_one()
                >= self._limit
            ):
                raise InvalidRequest(f"Cada chamado aceita até {self._limit} anexos.")
            connection.execute(
                insert(attachments).values(
                    id=file.id, conversation_id=conversation, name=name, mime=mime, size=file.size,
                    sha256=sha256, created_at=self._now(),
                )
            )  # fmt: skip
        return file

    def of_conversation(self, conversation: str, ids: tuple[str, ...]) -> list[Attachment]:
        """Those of `ids` that were uploaded in this conversation."""
        query = select(attachments).where(attachments.c.conversation_id == conversation, attachments.c.id.in_(ids))
        with self._database.read() as connection:
            found = {row.id: _attachment(row) for row in connection.execute(query)}
        return [found[id] for id in ids if id in found]

    def find(self, id: str, requester: Requester) -> Attachment | None:
        """None also for a file the requester may not see."""
        of_ticket = select(tickets.c.id).where(visible(requester))
        own = attachments.c.conversation_id == requester.conversation if requester.conversation else false()
        allowed = or_(attachments.c.ticket_id.in_(of_ticket), own)
        with self._database.read() as connection:
            row = connection.execute(select(attachments).where(attachments.c.id == id, allowed)).first()
        return _attachment(row) if row else None

    def discard(self, conversation: str, ids: Sequence[str]) -> None:
        """Forgets those of `ids` that came to be on no ticket, so that they do not count against the limit."""
        loose = and_(attachments.c.conversation_id == conversation, attachments.c.ticket_id.is_(None))
        with self._database.write() as connection:
            connection.execute(delete(attachments).where(attachments.c.id.in_(ids), loose))

    def remove(self, sha256: str) -> None:
        """Removes the bytes of a file, unless somebody has them again."""
        with self._database.write() as connection:
            if not connection.execute(select(attachments.c.id).where(attachments.c.sha256 == sha256)).first():
                (self._directory / sha256[:2] / sha256).unlink(missing_ok=True)

    def path(self, file: Attachment) -> Path:
        return self._directory / file.sha256[:2] / file.sha256

    def _write(self, sha256: str, content: bytes) -> None:
        target = self._directory / sha256[:2] / sha256
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{uuid4().hex}")
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(target)


def _attachment(row: Row[Any]) -> Attachment:
    return Attachment(row.id, row.name, row.mime, row.size, row.sha256)

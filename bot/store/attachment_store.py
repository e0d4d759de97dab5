"""Uploaded files: the bytes on disk under their content hash, the rest in the database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, false, func, insert, or_, select

from bot.store.content import put
from bot.store.engine import Database, lock_against_inserts
from bot.store.tables import attachments, conversations, tickets
from bot.store.ticket_rows import visible
from bot.tickets.draft import Requester
from bot.tickets.files import FileLimits
from bot.tickets.pictures import thumbnail
from bot.tickets.ticket import Attachment

_THUMBNAIL = ".webp"
# A draft is rarely older. What was left behind before does not fill up the conversation for ever.
_DRAFT = timedelta(days=1)


class AttachmentStore:
    """`limits` count what a conversation uploaded in the last day that is on no ticket yet, for it may all go onto one."""

    def __init__(self, database: Database, directory: Path, now: Callable[[], datetime], limits: FileLimits) -> None:
        self._database, self._directory, self._now, self._limits = database, directory, now, limits

    def check_room(self, conversation: str) -> None:
        """Raises InvalidRequest when not even an empty file would be taken: to be asked before one is read."""
        with self._database.read() as connection:
            self._check_room(connection, conversation, 0)

    def save(
        self, conversation: str, name: str, mime: str, content: bytes, *, id: str | None = None, number: str = ""
    ) -> Attachment:
        """Keeps the bytes first and the row after, so that a row always has its file.

        What is saved again under the same `id` is there already. Raises InvalidRequest when the conversation, together
        with the ticket `number` for which the file is meant, holds too many files or too large ones already.
        """
        file = Attachment(id or uuid4().hex, name, mime, len(content), hashlib.sha256(content).hexdigest())
        self._keep(file, content)
        with self._database.write() as connection:
            # Two uploads at once count one after the other.
            connection.execute(select(conversations.c.id).where(conversations.c.id == conversation).with_for_update())
            if id and connection.execute(select(attachments.c.id).where(attachments.c.id == id)).first():
                return file
            self._check_room(connection, conversation, file.size, number)
            connection.execute(
                insert(attachments).values(
                    id=file.id, conversation_id=conversation, name=name, mime=mime, size=file.size,
                    sha256=file.sha256, created_at=self._now(),
                )
            )  # fmt: skip
            self._keep(file, content)  # a sweep may have come between; from here on it sees the row
        return file

    def of_conversation(self, conversation: str, ids: tuple[str, ...]) -> list[Attachment]:
        """Those of `ids` that were uploaded in this conversation."""
        query = select(attachments).where(attachments.c.conversation_id == conversation, attachments.c.id.in_(ids))
        with self._database.read() as connection:
            found = {row.id: _attachment(row) for row in connection.execute(query)}
        return [found[id] for id in ids if id in found]

    def find(self, id: str, requester: Requester) -> Attachment | None:
        """None also for a file the requester may not see."""
        if not id.isalnum():
            return None
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
        path = self._directory / sha256[:2] / sha256
        with self._database.write() as connection:
            lock_against_inserts(connection, attachments)
            if not connection.execute(select(attachments.c.id).where(attachments.c.sha256 == sha256)).first():
                path.unlink(missing_ok=True)
                path.with_suffix(_THUMBNAIL).unlink(missing_ok=True)

    def path(self, file: Attachment) -> Path:
        return self._directory / file.sha256[:2] / file.sha256

    def thumbnail(self, file: Attachment) -> Path | None:
        """The small picture, made when it is first asked for; None for what shows none. Takes up to a second."""
        path = self.path(file).with_suffix(_THUMBNAIL)
        if not path.exists():
            # An empty file remembers that there is none.
            put(path, thumbnail(self.path(file).read_bytes()) or b"", self._now())
        return path if path.stat().st_size else None

    def sweep(self, older_than: timedelta) -> tuple[int, int]:
        """Removes what is on no ticket after `older_than`, and bytes as old that no file bears any more.

        Such bytes are left behind where a process dies between bytes and row. Returns how many files were given up
        and how many were removed from disk. May run at any time, beside uploads.
        """
        before = self._now() - older_than
        old = and_(attachments.c.ticket_id.is_(None), attachments.c.created_at < before)
        with self._database.write() as connection:
            given_up = connection.execute(delete(attachments).where(old)).rowcount
        return given_up, sum(self._sweep_folder(folder, before) for folder in sorted(self._directory.glob("??")))

    def _sweep_folder(self, folder: Path, before: datetime) -> int:
        with self._database.write() as connection:
            lock_against_inserts(connection, attachments)
            of_folder = select(attachments.c.sha256).where(attachments.c.sha256.startswith(folder.name))
            borne = set(connection.execute(of_folder).scalars())
            left = [path for path in folder.iterdir() if _is_left(path, borne, before)]
            for path in left:
                path.unlink()
        return len(left)

    def _check_room(self, connection: Connection, conversation: str, size: int, number: str = "") -> None:
        loose = and_(attachments.c.conversation_id == conversation, attachments.c.ticket_id.is_(None))
        recent = attachments.c.created_at > self._now() - _DRAFT
        on_ticket = attachments.c.ticket_id.in_(select(tickets.c.id).where(tickets.c.number == number))
        count, total = held(connection, or_(and_(loose, recent), on_ticket))
        self._limits.check(count + 1, total + size)

    def _keep(self, file: Attachment, content: bytes) -> None:
        if not self.path(file).exists():
            put(self.path(file), content, self._now())


def held(connection: Connection, which: ColumnElement[bool]) -> tuple[int, int]:
    """How many files, and how many bytes together."""
    query = select(func.count(), func.coalesce(func.sum(attachments.c.size), 0)).where(which)
    count, total = connection.execute(query).one()
    return count, int(total)


def _is_left(path: Path, borne: set[str], before: datetime) -> bool:
    """True for old bytes that are no file's content or small picture: orphans and writes that were cut off."""
    needed = path.stem in borne and path.suffix in ("", _THUMBNAIL)
    try:
        return not needed and path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:  # an upload gave its finished file the real name
        return False


def _attachment(row: Row[Any]) -> Attachment:
    return Attachment(row.id, row.name, row.mime, row.size, row.sha256)

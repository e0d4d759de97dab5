"""Files that a form brought: all of them checked before any is kept, and none kept that no message took."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from bot.assembly import Assembly
from bot.tickets.files import check_file


@contextlib.contextmanager
def kept_files(parts: Assembly, conversation: str, contents: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, ...]]:
    """Ids of files given as (name, content), kept in a conversation. Raises RequestRefused."""
    limit = parts.settings.max_upload_bytes
    checked = [(*check_file(name, content, limit), content) for name, content in contents]
    ids: list[str] = []
    try:
        for file in checked:
            ids.append(parts.attachments.save(conversation, *file).id)
        yield tuple(ids)
    finally:
        parts.attachments.discard(conversation, ids)

"""Bytes on disk: whole or not at all, also when the machine stops right here."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from uuid import uuid4


def put(target: Path, content: bytes, at: datetime) -> None:
    """When it returns, the bytes survive a power cut. `at` becomes the time of the file. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".{uuid4().hex}")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.utime(partial, (at.timestamp(), at.timestamp()))
    partial.rename(target)

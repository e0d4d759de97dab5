"""Bytes on disk under their content hash: the same bytes lie there once, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import uuid4


class ContentFolder:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def keep(self, content: bytes) -> str:
        """Gives the SHA-256; when it returns, the bytes survive a power cut. Raises OSError."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_suffix(f".{uuid4().hex}")
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(target)
        return sha256

    def path(self, sha256: str) -> Path:
        return self._directory / sha256[:2] / sha256

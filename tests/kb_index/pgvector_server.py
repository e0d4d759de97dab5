"""A private PostgreSQL with pgvector: the one that the package `pgserver` brings, since Debian 12 has no pgvector."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from kb_index.errors import VectorsUnusable
from kb_index.pgvector_store import Address
from tests.bot.postgres import Postgres


class PgvectorServer(Postgres):
    """Its programs are copied to where a user other than root may run them."""

    def __init__(self) -> None:
        super().__init__()
        self._copied = Path(tempfile.mkdtemp(prefix="triagem-pgvector-"))
        self._copied.chmod(0o755)

    def start(self) -> None:
        found = importlib.util.find_spec("pgserver")
        assert found and found.origin, "the package pgserver is not installed"
        for name in ("pgserver/pginstall", "pgserver.libs"):
            shutil.copytree(Path(found.origin).parents[1] / name, self._copied / name)
        programs = self._copied / "pgserver" / "pginstall" / "bin"
        with patch.dict(os.environ, PATH=f"{programs}:{os.environ['PATH']}"):
            super().start()
        self._wait()

    def stop(self) -> None:
        super().stop()
        shutil.rmtree(self._copied, ignore_errors=True)

    def _wait(self) -> None:
        end = time.monotonic() + 30
        while True:
            try:
                return Address.parse(self.url).connect(timeout=5).close()
            except VectorsUnusable:
                assert time.monotonic() < end, "PostgreSQL did not start"
                time.sleep(0.1)

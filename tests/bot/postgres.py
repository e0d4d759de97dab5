"""A private PostgreSQL, where its programs are on the machine; never one that serves somebody else."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

_FOLDERS = ("/usr/local/bin", "/usr/lib/postgresql/*/bin")


def program(name: str) -> Path | None:
    """`initdb` or `postgres`, on PATH or where Debian puts them."""
    if found := shutil.which(name):
        return Path(found)
    return next((path for folder in _FOLDERS for path in sorted(Path("/").glob(f"{folder[1:]}/{name}"))), None)


def is_here() -> bool:
    return program("initdb") is not None and program("postgres") is not None


class Postgres:
    """Listens on a unix socket only. The server refuses to run as root, so root lends it another user."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="triagem-pg-"))
        self._user = _ordinary_user()
        if self._user:
            shutil.chown(self._folder, self._user)
        self.url = f"postgresql://postgres@/postgres?unix_sock={self._folder}/.s.PGSQL.5432"

    def start(self) -> None:
        data = self._folder / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").wait()
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off")
        self._server = self._run("postgres", "-D", data, "-k", self._folder, *options)

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)  # the fast stop, which does not wait for clients to leave
        self._server.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, name: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        command = [str(part) for part in (program(name), *arguments)]
        log = (self._folder / f"{name}.log").open("wb")
        return subprocess.Popen(command, cwd=self._folder, user=self._user, stdout=log, stderr=log)


def _ordinary_user() -> str | None:
    """None when we are not root; else a user who owns nothing of ours."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"

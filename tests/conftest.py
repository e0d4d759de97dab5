"""What is made once for a whole run: a private Redis and the severity model of the real company."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.settings import ROOT
from bot.sla.matrix import load_matrix
from bot.sla.severity import SeverityModel
from bot.sla.severity_training import train_from
from tests.stack import Stack

COMPANY = ROOT / "company"

# How long one example takes says more of the machine than of the code.
settings.register_profile("triagem", deadline=None)
settings.load_profile("triagem")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of our own on a unix socket, which nothing else on the machine can reach."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is not on PATH; Debian's package `redis-server` gives it")
    socket = tmp_path_factory.mktemp("redis") / "redis.sock"
    command = [
        program,
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(socket.parent),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _wait_for(socket, server)
    yield f"unix://{socket}?db=0"
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def severity_model() -> SeverityModel:
    """Trained on the company's own texts: about a quarter of a minute of CPU."""
    return train_from(COMPANY, load_matrix(COMPANY / "sla_matrix.csv"), ROOT / "nlu_data" / "goals")


def _wait_for(socket: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while not socket.exists():
        assert server.poll() is None and time.monotonic() < end, "redis-server did not start"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole service, on state of its own. What was built for an earlier run is kept, everything else is not."""
    home = ROOT / "var" / "test"
    for entry in home.glob("*"):
        if entry.name not in ("models", "kb_index"):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    with Stack(home) as running:
        yield running

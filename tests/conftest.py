"""What is made once for a whole run: a private Redis and the severity model of the real company."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.build import build_severity
from bot.settings import ROOT, Settings
from bot.sla.severity import SeverityModel
from tests.stack import BUILT, Stack

COMPANY = ROOT / "company"
# What is built here is kept from one run to the next, and by `scripts/test.sh` built beforehand.
HOME = ROOT / "var" / "test"

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
    """Of the company's own texts: what the whole service's tests use too, trained only where it is not there yet."""
    settings = Settings(home=HOME, company_dir=COMPANY)
    build_severity(settings, lambda _: None)
    return SeverityModel.load(settings.models_dir / "severity.joblib")


def _wait_for(socket: Path, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 20
    while not socket.exists():
        assert server.poll() is None and time.monotonic() < end, "redis-server did not start"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The whole service, on state of its own. What was built for an earlier run is kept, everything else is not."""
    for entry in HOME.glob("*"):
        if entry.name not in BUILT:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    with Stack(HOME) as running:
        yield running

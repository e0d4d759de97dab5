"""The processes of a run: each in a group of its own, stopped with the run, and what they use."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Running:
    """A process and its children; `began` is when it was started, on `time.perf_counter`'s clock."""

    pid: int
    began: float

    def cpu_s(self) -> float:
        """Processor seconds so far, user and system; the kernel counts in steps of 10 ms."""
        return sum(sum(one.cpu_times()[:2]) for one in self._tree())

    def rss_mb(self) -> float:
        """Resident memory in MB, pages that processes share counted in each."""
        return sum(one.memory_info().rss for one in self._tree()) / 1e6

    def _tree(self) -> list[psutil.Process]:
        root = psutil.Process(self.pid)
        return [root, *root.children(recursive=True)]


@contextmanager
def running(command: Sequence[str | Path], log: Path, cwd: Path, environment: Mapping[str, str]) -> Iterator[Running]:
    """Runs `command` while the context lasts; ends its whole group after it."""
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**_inherited(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield Running(process.pid, began)
    finally:
        _end(process)


def _inherited() -> dict[str, str]:
    # Without compiled files each start would compile Rasa anew: that is not what is measured.
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

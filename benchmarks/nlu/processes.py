"""Runs a command to its end and says what it took, with a sign of life while it runs."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import ROOT

_SIGN_OF_LIFE_S = 60
_POLL_S = 0.02


class Failed(RuntimeError):
    """The command ended with an error; nothing was measured."""


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds of a process and its children; the peak is of the largest among them, in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def cost_of(what: str, command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> Cost:
    """Runs `command` from the root of the project, its output in `log`. Raises `Failed`."""
    print(f"{what}…", flush=True)
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, env=_inherited() | dict(environment),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        status, used = _end_of(process.pid, what, began)
    except BaseException:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{what}: o processo terminou com {process.returncode}; veja {log}")
    cost = Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)
    print(f"{what}: {cost.wall_s:.1f} s, CPU {cost.cpu_s:.1f} s, até {cost.peak_mb:.0f} MB", flush=True)
    return cost


def _end_of(pid: int, what: str, began: float) -> tuple[int, resource.struct_rusage]:
    """The kernel's account of the process, which holds that of the children it waited for."""
    told = began
    while True:
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, used
        if time.perf_counter() - told > _SIGN_OF_LIFE_S:
            told = time.perf_counter()
            print(f"  {what}: {told - began:.0f} s…", flush=True)
        time.sleep(_POLL_S)


def _inherited() -> dict[str, str]:
    # Without compiled files each start would compile Rasa anew: that is not what is measured.
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in unwanted}

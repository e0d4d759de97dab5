"""Calls that start at the same moment, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

R = TypeVar("R")


def at_once(times: int, call: Callable[[], R]) -> list[R]:
    """What each of `times` calls gives; an error in any of them is raised here."""
    together = threading.Barrier(times)

    def run() -> R:
        together.wait(10)
        return call()

    with ThreadPoolExecutor(times) as threads:
        return [future.result(30) for future in [threads.submit(run) for _ in range(times)]]

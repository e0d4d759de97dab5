"""The words of the random walk, from messages.yml."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import yaml

from benchmarks.conversations.watch import Move

_FILE = Path(__file__).with_name("messages.yml")


class Messages:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._lists: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))

    def words(self, name: str) -> str:
        """One text of a list."""
        return self._random.choice(self._lists[name])

    def fragments(self) -> list[str]:
        """One thought, as it is typed in several messages."""
        return self._random.choice(self._lists["fragments"])

    def opening(self) -> Move:
        return _move("opening", self._random.choice(self._lists["openings"]))

    def answer_to(self, asking: str) -> Move:
        """Something sensible for the open question."""
        return _move("answer", self._random.choice(self._lists["answers"][asking]))


def _move(kind: str, said: str | dict[str, Any]) -> Move:
    if isinstance(said, str):
        return Move(kind, said)
    return Move(kind, said["say"], frozenset(said.get("tells", ())))

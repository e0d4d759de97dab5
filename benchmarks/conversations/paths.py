"""Eight customers of paths.yml, each played to the ticket: how many turns it takes, and what is asked although said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.conversations.service import PEOPLE, Service

_FILE = Path(__file__).with_name("paths.yml")
_PATIENCE = 25


@dataclass(frozen=True)
class Course:
    """How one customer fared. `turns` is None when no ticket came of it."""

    name: str
    kind: str
    turns: int | None
    asked: tuple[str, ...]
    asked_although_said: tuple[str, ...]


def play_all(service: Service) -> list[Course]:
    """Raises httpx.HTTPError."""
    return [_play(service, path) for path in yaml.safe_load(_FILE.read_text("utf-8"))]


def _play(service: Service, path: dict[str, Any]) -> Course:
    talk = service.conversation(PEOPLE[0] if path["person"] == "known" else None)
    answer, asked = talk.say(path["opens"]), []
    while not answer["outcome"] and len(asked) < _PATIENCE:
        asked.append(str(answer["asking"]))
        answer = talk.say(path["answers"].get(answer["asking"], "não sei"))
    again = [name for place, name in enumerate(asked) if name in path["tells"] or name in _once(asked[:place])]
    turns = len(asked) + 1 if answer["outcome"] == "ticket" else None
    return Course(path["name"], path["kind"], turns, tuple(asked), tuple(again))


def _once(asked: list[str]) -> set[str]:
    """Of what was asked before, what may not be asked again."""
    return {*asked} - {"impact"}

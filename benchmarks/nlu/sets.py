"""The messages of a measuring set whose reading is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class UnusableSet(RuntimeError):
    """The folder does not hold what is measured; the message says what is missing."""


@dataclass(frozen=True)
class MeasuringSet:
    """Records as `intents.jsonl` ("text", "goal") and `five_w.jsonl` ("text" and the five whys) hold them."""

    folder: Path
    intents: list[dict[str, Any]]
    five_w: list[dict[str, Any]]

    @classmethod
    def load(cls, folder: Path) -> MeasuringSet:
        """Raises `UnusableSet`."""
        return cls(folder, *(_records(folder / name) for name in ("intents.jsonl", "five_w.jsonl")))

    @property
    def texts(self) -> list[str]:
        """Those of the goals first."""
        return [record["text"] for record in [*self.intents, *self.five_w]]


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        records = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except FileNotFoundError as error:
        raise UnusableSet(f"{path} não existe") from error
    except json.JSONDecodeError as error:
        raise UnusableSet(f"{path} tem uma linha que não é JSON: {error}") from error
    if not records:
        raise UnusableSet(f"{path} está vazio")
    return records

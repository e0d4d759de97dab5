"""The same dialogues over the webhook and over the web, in one service, and what differs between their tickets."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from benchmarks.whatsapp.script import Played, Script, Talk, play, read
from tests.stack import ANA
from tests.whatsapp_talk import Line

_AT_ONCE = 4
# What a ticket says; its number, its channel and what follows from the minute in which it was filed may differ.
FIELDS = (
    "status", "product", "module", "type", "subject", "who", "what", "where", "when", "why", "contact", "severity",
    "sla_row", "creator", "company", "attachments", "articles_shown",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One part of a dialogue over both roads."""

    name: str
    web: Played
    whatsapp: Played

    @property
    def differences(self) -> list[str]:
        """Names of the fields, without their words: a file may be one that nothing is to be learned from."""
        if self.web.outcome != self.whatsapp.outcome:
            return ["outcome"]
        web, whatsapp = comparable(self.web.ticket), comparable(self.whatsapp.ticket)
        return [name for name in web if web[name] != whatsapp[name]]


def comparable(ticket: dict[str, Any] | None) -> dict[str, Any]:
    """The fields that must not depend on the road. A file is what it is called and how long it is."""
    if ticket is None:
        return {}
    told = {name: ticket[name] for name in FIELDS}
    opened = ticket["timeline"][0]["body"]
    files = sorted((file["name"], file["mime"], file["size"]) for file in ticket["attachments"])
    return told | {"attachments": files, "said": opened.get("said"), "checks": opened.get("checks")}


def play_all(line: Line, path: Path) -> list[Pair]:
    """Every dialogue is played by the same person, each time in a conversation of its own."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        pairs = pool.map(lambda item: list(_play(line, *item)), read(path).items())
        return [pair for of_dialogue in pairs for pair in of_dialogue]


def _play(line: Line, name: str, scripts: list[Script]) -> Iterator[Pair]:
    web = _parts(line.stack.talk(ANA), scripts)
    whatsapp = _parts(line.talk(ANA), scripts)
    for number, (first, second) in enumerate(zip_longest(web, whatsapp), 1):
        yield Pair(f"{name}.{number}" if len(scripts) > 1 else name, first, second)


def _parts(talk: Talk, scripts: list[Script]) -> list[Played]:
    return [play(talk, deepcopy(script)) for script in scripts]


def table(pairs: list[Pair]) -> str:
    lines = [
        "| diálogo | desfecho | perguntas na web, no WhatsApp | campos comparados | diferentes |",
        "|---|---|---|---|---|",
    ]
    for pair in pairs:
        asked = f"{len(pair.web.asked)}, {len(pair.whatsapp.asked)}"
        compared = len(comparable(pair.web.ticket))
        lines.append(f"| {pair.name} | {pair.web.outcome} | {asked} | {compared} | {len(pair.differences)} |")
    return "\n".join(lines)

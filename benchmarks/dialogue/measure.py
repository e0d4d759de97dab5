"""The measurements, each on a side that runs."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import mean, median

import yaml

from benchmarks.dialogue.processes import Running
from benchmarks.dialogue.sides import ASSISTANT, Said, Side, Talk, WrongAnswer

_SCRIPT = yaml.safe_load(Path(ASSISTANT / "conversation.yml").read_text("utf-8"))
TURNS: list[Said] = _SCRIPT["turns"]
_REJECTED: Said = _SCRIPT["rejected"]
_QUESTION_OF_TEXT = 4  # so many turns bring the form to its first question that takes a text
_START_LIMIT_S = 180
# "Turn n" is the turns within two of it, of all conversations.
_EARLY, _LATE, _AROUND = 10, 200, 2


@dataclass
class Start:
    """Seconds from the process's start to its first answer, its processor seconds and its memory then."""

    wall_s: float
    cpu_s: float
    rss_mb: float


@dataclass
class Load:
    """Turns played with `at_once` conversations at once; rounds are added up."""

    at_once: int
    turns_ms: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return len(self.turns_ms) / self.wall_s

    def cpu_ms(self, *processes: str) -> float:
        """A turn's processor time in these processes, ms."""
        return 1000 * sum(self.cpu_s[name] for name in processes) / len(self.turns_ms)

    def percentile(self, percent: float) -> float:
        """Nearest rank, ms."""
        ordered = sorted(self.turns_ms)
        return ordered[ceil(len(ordered) * percent / 100) - 1]


@dataclass(frozen=True)
class Growth:
    """A form turn with a rejected answer around turn 10 and turn 200: wall ms, and Rasa's processor ms."""

    early_ms: float
    late_ms: float
    early_cpu_ms: float
    late_cpu_ms: float


def until_first_answer(side: Side, port: int, process: Running) -> Start:
    """Asks until there is an answer. Raises `WrongAnswer` after three minutes."""
    while time.perf_counter() - process.began < _START_LIMIT_S:
        try:
            _talk(side, port).say(TURNS[0])
        except OSError:
            time.sleep(0.05)
        else:
            return Start(time.perf_counter() - process.began, process.cpu_s(), process.rss_mb())
    raise WrongAnswer(f"{side.name} não respondeu em {_START_LIMIT_S} s")


def play(load: Load, side: Side, port: int, conversations: int, processes: dict[str, Running]) -> None:
    """Plays `conversations`, `load.at_once` of them at once, and adds what they took to `load`."""
    before, began = _cpu(processes), time.perf_counter()
    customers = ThreadPoolExecutor(load.at_once)
    try:
        for turns in customers.map(lambda _: _converse(_talk(side, port)), range(conversations)):
            load.turns_ms += turns
    finally:
        customers.shutdown(wait=False, cancel_futures=True)  # after an error nobody waits for the others
    load.wall_s += time.perf_counter() - began
    for name, seconds in _cpu(processes).items():
        load.cpu_s[name] = load.cpu_s.get(name, 0.0) + seconds - before[name]


def grow(side: Side, port: int, rasa: Running, conversations: int) -> Growth:
    """Conversations, one after the other, whose form rejects every answer from turn 5 on."""
    played = [_rejected_turns(_talk(side, port), rasa) for _ in range(conversations)]
    early, late = (
        [one for turns in played for one in turns[turn - _AROUND - 1 : turn + _AROUND]] for turn in (_EARLY, _LATE)
    )
    # The mean, not the median, of processor times: they come in steps of 10 ms.
    walls = [median(wall for wall, _ in turns) for turns in (early, late)]
    return Growth(*walls, *(mean(cpu for _, cpu in turns) for turns in (early, late)))


def _rejected_turns(talk: Talk, rasa: Running) -> list[tuple[float, float]]:
    """Wall ms and Rasa's processor ms of each turn."""
    turns = []
    for turn in range(1, _LATE + _AROUND + 1):
        before = rasa.cpu_s()
        wall = _timed(talk, TURNS[turn - 1] if turn <= _QUESTION_OF_TEXT else _REJECTED)
        turns.append((wall, 1000 * (rasa.cpu_s() - before)))
    talk.close()
    return turns


def _talk(side: Side, port: int) -> Talk:
    return side.talk(port, uuid.uuid4().hex)


def _converse(talk: Talk) -> list[float]:
    turns = [_timed(talk, said) for said in TURNS]
    talk.close()
    return turns


def _timed(talk: Talk, said: Said) -> float:
    began = time.perf_counter()
    talk.say(said)
    return 1000 * (time.perf_counter() - began)


def _cpu(processes: dict[str, Running]) -> dict[str, float]:
    return {name: process.cpu_s() for name, process in processes.items()}

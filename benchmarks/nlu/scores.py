"""How right the reading of a message is: its goal, and the five whys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import mean
from typing import Any

from benchmarks.words import word_f1, words
from bot.catalog import WHYS

Slots = Mapping[str, str | None]
"""A text or None for each of `WHYS`."""
_GOALS = {"start_over": "restart"}  # Rasa would act by itself on an intent of the latter name


@dataclass(frozen=True)
class Scores:
    """Shares of one. `likeliest` counts the first goal of the ranking, whatever the fallback made of it."""

    goals: float
    likeliest: float
    slot_f1: float
    exact: float
    empty_kept: float


def score(goals: Sequence[tuple[str, str | None, str]], slots: Sequence[tuple[Slots, Slots]]) -> Scores:
    """Of (goal read, likeliest goal, right goal) and of (slots read, right slots); neither may be empty."""
    pairs = [(read[why], right[why]) for read, right in slots for why in WHYS]
    return Scores(
        goals=mean(goal_of(read) == right for read, _, right in goals),
        likeliest=mean(goal_of(likeliest) == right for _, likeliest, right in goals),
        slot_f1=mean(word_f1(read, right) for read, right in pairs if read or right),
        exact=mean(words(read) == words(right) for read, right in pairs if right),
        empty_kept=mean(not read for read, right in pairs if not right),
    )


def goal_of(intent: str | None) -> str | None:
    """The name that the interface gives to an intent."""
    return _GOALS.get(intent, intent) if intent else None


def surest(spans: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """One text for each why: of several spans the surest, the first of equals."""
    best: dict[str, Mapping[str, Any]] = {}
    for span in spans:
        if span["slot"] not in best or span["confidence"] > best[span["slot"]]["confidence"]:
            best[span["slot"]] = span
    return {why: best[why]["text"] if why in best else None for why in WHYS}


def percentile(values: Sequence[float], percent: float) -> float:
    """Nearest rank."""
    return sorted(values)[ceil(len(values) * percent / 100) - 1]

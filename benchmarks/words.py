"""How alike two texts are by their words: the measure of the five whys."""

from __future__ import annotations

import re
from collections import Counter

from bot.text import fold


def words(text: str | None) -> list[str]:
    """Without case, accents and marks."""
    return re.findall(r"\w+", fold(text or ""))


def word_f1(one: str | None, other: str | None) -> float:
    """Each word counted as often as it stands there; 0 when a side has none."""
    mine, theirs = Counter(words(one)), Counter(words(other))
    return 2 * (mine & theirs).total() / ((mine.total() + theirs.total()) or 1)

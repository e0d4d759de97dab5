"""What is counted: confusions, calibration, and how well two spans agree."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import sqrt

_BINS = 10
_Z95 = 1.96


def percent(share: float | None) -> str:
    """`87,5%`; a dash where there was nothing to measure."""
    return "–" if share is None else f"{100 * share:.1f}%".replace(".", ",")


@dataclass(frozen=True)
class Confusion:
    """How often `wanted` was answered with `got`; rows are what was wanted, columns what was got."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: Counter[tuple[str, str]]

    def count(self, wanted: str, got: str) -> int:
        return self.counts[wanted, got]

    def total(self, wanted: str) -> int:
        return sum(self.counts[wanted, got] for got in self.columns)

    def share(self, wanted: str, got: str) -> float:
        """Of the cases that wanted `wanted`, between 0 and 1."""
        return self.counts[wanted, got] / self.total(wanted)

    def swaps(self) -> list[tuple[str, str, int]]:
        """What was taken for what and how often, the most frequent first."""
        return [(wanted, got, count) for (wanted, got), count in self.counts.most_common() if wanted != got]


def confusion(pairs: Sequence[tuple[str, str]], order: Iterable[str] = ()) -> Confusion:
    """Of pairs (wanted, got). Labels stand as in `order`, then as they first come up; one without cases is left out."""
    wanted, got = ({pair[side] for pair in pairs} for side in (0, 1))
    labels = dict.fromkeys([*order, *(pair[0] for pair in pairs), *(pair[1] for pair in pairs)])
    return Confusion(
        tuple(label for label in labels if label in wanted),
        tuple(label for label in labels if label in got),
        Counter(pairs),
    )


@dataclass(frozen=True)
class Bin:
    """Cases of like confidence: their mean confidence, the share that was right, and its 95 % interval (Wilson)."""

    confidence: float
    right: float
    count: int
    low: float
    high: float


@dataclass(frozen=True)
class Reliability:
    """`error` is the expected calibration error: the mean distance of confidence and accuracy, weighted by cases."""

    bins: tuple[Bin, ...]
    confidence: float
    right: float
    error: float


def reliability(outcomes: Sequence[tuple[float, bool]]) -> Reliability | None:
    """Of pairs (confidence, right), in bins of a tenth; None without any."""
    if not outcomes:
        return None
    bins = tuple(_bin(list(group)) for _, group in groupby(sorted(outcomes), key=lambda one: _place(one[0])))
    total = len(outcomes)
    return Reliability(
        bins,
        confidence=sum(confidence for confidence, _ in outcomes) / total,
        right=sum(right for _, right in outcomes) / total,
        error=sum(bin.count * abs(bin.confidence - bin.right) for bin in bins) / total,
    )


def _place(confidence: float) -> int:
    return min(int(confidence * _BINS), _BINS - 1)


def _bin(outcomes: Sequence[tuple[float, bool]]) -> Bin:
    count = len(outcomes)
    right = sum(right for _, right in outcomes) / count
    low, high = wilson(right, count)
    return Bin(sum(confidence for confidence, _ in outcomes) / count, right, count, low, high)


def wilson(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a share seen in `count` cases."""
    squared = _Z95**2 / count
    middle = (share + squared / 2) / (1 + squared)
    reach = _Z95 * sqrt(share * (1 - share) / count + squared / (4 * count)) / (1 + squared)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


@dataclass(frozen=True)
class Piece:
    """A stretch of a sentence; `marks` of wanted, found."""

    text: str
    marks: tuple[str, ...] = ()


def marked(text: str, wanted: str | None = None, found: str | None = None) -> tuple[Piece, ...]:
    """The sentence cut where the two spans begin and end. Of a span said twice, the place nearest to the other counts."""
    spans = {"wanted": _span(text, wanted), "found": _span(text, found, near=text.find(wanted or ""))}
    cuts = sorted({0, len(text), *(place for span in spans.values() if span for place in span)})
    return tuple(
        Piece(text[start:end], tuple(mark for mark, span in spans.items() if span and span[0] <= start < span[1]))
        for start, end in pairwise(cuts)
    )


def _span(text: str, part: str | None, near: int = 0) -> tuple[int, int] | None:
    starts = [match.start() for match in re.finditer(re.escape(part), text)] if part else []
    if not starts:
        return None
    start = min(starts, key=lambda place: abs(place - near))
    return start, start + len(part or "")

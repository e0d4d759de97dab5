"""Which row of the SLA matrix a text speaks of.

Two looks at the same TF-IDF of words and letters: the row itself; and where it fails (product and module) times how it
fails (kind). A row must look likely to both: of the ways to join them the geometric mean told clear reports from
ambiguous ones best (area under the curve .967 on benchmarks/sets, .953 for the arithmetic mean with the severity alone
as a third look). They are trained in `severity_training`; here they are only asked, so that a process which asks for no
severity imports no scikit-learn.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any, Protocol

import joblib

from bot.errors import StartError
from bot.sla.matrix import Matrix, SlaRow
from bot.text import plain

# How much a row keeps of its probability when the known product or module is not its own.
_ELSEWHERE = 0.003


class Kind:
    """How something fails, read from the wording of a row."""

    DOWN = "down"
    SLOW_ALL = "slow_all"
    SLOW_PART = "slow_part"
    BLOCKS = "blocks"
    WORKS = "works"
    UNSAID = "unsaid"
    """Not told. No row is of this kind."""
    ALL = (DOWN, SLOW_ALL, SLOW_PART, BLOCKS, WORKS)


def kind_of(row: SlaRow) -> str:
    """The kind of failure that a row's service text describes."""
    service = plain(row.service)
    if "lentidao" in service:
        return Kind.SLOW_PART if "parcial" in service else Kind.SLOW_ALL
    if re.search(r"\bnao impeditivo", service):
        return Kind.WORKS
    if "indisponivel" in service and "parcial" not in service:
        return Kind.DOWN
    return Kind.BLOCKS


def place_of(row: SlaRow) -> str:
    return f"{row.product}|{row.module}"


Belief = dict[str, float]
"""Row id → probability; sums to 1."""


Shares = dict[Any, float]
"""Label → probability."""


class Features(Protocol):
    """Texts as rows of numbers."""

    def transform(self, texts: list[str], /) -> Any: ...


class Classifier(Protocol):
    """Gives each of its classes a probability, (texts, classes)."""

    classes_: Any

    def predict_proba(self, features: Any, /) -> Any: ...


@dataclass
class SeverityModel:
    """Trained on the company's own texts. Rows are those of the matrix it was trained with."""

    matrix: Matrix
    features: Features
    row: Classifier
    place: Classifier
    kind: Classifier
    answer: Classifier
    is_incident: Classifier

    def predict(self, text: str, *, product: str | None = None, module: str | None = None) -> Belief:
        """Probability of each row. What is known of the place narrows the rows; it excludes none for certain."""
        words = self._vector(text)
        by_row, by_place = _distribution(self.row, words), _distribution(self.place, words)
        by_kind = _distribution(self.kind, words)
        told, untold = self._told(by_row, by_place, by_kind), self._untold(by_place)
        unsaid = by_kind.get(Kind.UNSAID, 0.0)
        return _normal(
            {
                row.id: ((1 - unsaid) * told[row.id] + unsaid * untold[row.id]) * _fit_of_place(row, product, module)
                for row in self.matrix.rows
            }
        )

    def incident(self, text: str) -> float:
        """The probability that the text is an incident at all."""
        return _distribution(self.is_incident, self._vector(text))[True]

    def _told(self, by_row: Shares, by_place: Shares, by_kind: Shares) -> Belief:
        """For a text that says where and how it fails."""
        return _normal(
            {row.id: sqrt(by_row[row.id] * by_place[place_of(row)] * by_kind[kind_of(row)]) for row in self.matrix.rows}
        )

    def _untold(self, by_place: Shares) -> Belief:
        """For a text that says where, but not how it fails: the rows of a place are equally likely."""
        size = Counter(place_of(row) for row in self.matrix.rows)
        return {row.id: by_place[place_of(row)] / size[place_of(row)] for row in self.matrix.rows}

    def kinds(self, text: str) -> dict[str, float]:
        """Probability of each kind of failure, from a few words that answer how it fails."""
        return _distribution(self.answer, self._vector(text))

    def _vector(self, text: str) -> Any:
        return self.features.transform([plain(text)])

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        joblib.dump(self, path, compress=3)

    @classmethod
    def load(cls, path: Path) -> SeverityModel:
        """`path` must be a file this installation wrote itself: it is a pickle. Raises StartError without one."""
        try:
            return joblib.load(path)
        except Exception as error:  # what is not there, was cut off, or was written by other versions of libraries
            problem = "Falta o modelo de severidade" if not path.exists() else "O modelo de severidade não abre"
            raise StartError(f"{problem}. Rode `python -m bot build`.") from error


def likeliest(belief: Belief) -> str:
    """The id of the row most believed in."""
    return max(belief, key=belief.__getitem__)


def _fit_of_place(row: SlaRow, product: str | None, module: str | None) -> float:
    """1 when the row may speak of that product and module. A row of the whole product speaks of all its modules."""
    if product and row.product != product and product not in _modules(row):
        return _ELSEWHERE
    if module and module != product and module not in _modules(row):
        return 0.5 if row.module == row.product else _ELSEWHERE
    return 1.0


def _modules(row: SlaRow) -> list[str]:
    """A matrix key may name two modules, with a slash between them."""
    return [part.strip() for part in row.module.split("/")]


def _normal(scores: dict[str, float]) -> dict[str, float]:
    total = sum(scores.values()) or 1.0
    return {row: score / total for row, score in scores.items()}


def _distribution(model: Classifier, features: Any) -> Shares:
    probabilities = model.predict_proba(features)[0]
    return {label: float(p) for label, p in zip(list(model.classes_), probabilities, strict=True)}

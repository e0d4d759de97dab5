"""Which vectors are nearest to a question's: one interface, over this process's memory or over a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class VectorSearch(Protocol):
    """Vectors of length 1, shape (n, d), known by their places 0 to n - 1. A score is the cosine to `query`, (d,)."""

    def nearest(self, query: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """Places and scores of the nearest, best first; fewer than `limit` where there are no more."""
        ...

    def scores(self, query: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Those of `places`, in their order."""
        ...

    def landscape(self, query: np.ndarray, hint: np.ndarray) -> np.ndarray:
        """One score a vector, (n,). `hint`, (n,), tells which ones matter beside the nearest: the higher, the more.

        Where vectors are too many to score all, those that neither matter nor are near get the lowest score of all.
        """
        ...

    def arrays(self) -> dict[str, np.ndarray]:
        """What an index on disk keeps in order to open them again."""
        ...


@dataclass(frozen=True)
class ExactVectors:
    """All vectors in memory, and every one compared: nothing to build, nothing approximate."""

    matrix: np.ndarray

    def nearest(self, query: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        scores = self.matrix @ query
        best = top(scores, limit)
        best = best[np.argsort(-scores[best], kind="stable")]
        return best, scores[best]

    def scores(self, query: np.ndarray, places: np.ndarray) -> np.ndarray:
        return self.matrix[places] @ query

    def landscape(self, query: np.ndarray, hint: np.ndarray) -> np.ndarray:
        return self.matrix @ query

    def arrays(self) -> dict[str, np.ndarray]:
        return {"matrix": self.matrix}


def top(values: np.ndarray, limit: int) -> np.ndarray:
    """Places of the `limit` highest values, in no order."""
    limit = min(limit, len(values))
    return np.argpartition(values, len(values) - limit)[len(values) - limit :] if limit else np.array([], np.intp)

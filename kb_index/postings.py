"""Lexical search in plain numpy: BM25 and TF-IDF as one kind of table, terms by texts.

The TF-IDF weights are scikit-learn's (sublinear, smooth, L2); importing it would cost a server two seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from kb_index.terms import ANALYSERS

# With the usual 1.2 a word that recurs in a whole article counts too little: it found 1.6 points fewer at first place.
_K1, _B = 2.0, 0.75


class Weighting(StrEnum):
    """BM25 adds up saturated weights; TF-IDF is the cosine of query and text."""

    BM25 = "bm25"
    TFIDF = "tfidf"


@dataclass(frozen=True)
class Postings:
    """For each term the texts that hold it, one row after another.

    `terms` gives a term's row; row r is `texts[starts[r]:starts[r + 1]]` with `weights` beside it, and
    `rarity[r]` its inverse document frequency. `size` is the number of texts.
    """

    weighting: Weighting
    analyser: str
    terms: dict[str, int]
    rarity: np.ndarray
    starts: np.ndarray
    texts: np.ndarray
    weights: np.ndarray
    size: int

    @classmethod
    def build(cls, weighting: Weighting, analyser: str, texts: Sequence[str]) -> Postings:
        bags = [Counter(ANALYSERS[analyser](text)) for text in texts]
        terms = {term: row for row, term in enumerate(sorted(set[str]().union(*bags)))}
        rows = np.array([terms[term] for bag in bags for term in bag], np.int32)
        columns = np.repeat(np.arange(len(texts), dtype=np.int32), [len(bag) for bag in bags])
        frequency = np.array([number for bag in bags for number in bag.values()], np.float32)
        holders = np.bincount(rows, minlength=len(terms))
        rarity = _rarity(weighting, holders, len(texts))
        weigh = _bm25_weights if weighting is Weighting.BM25 else _cosine_weights
        weights = weigh(rows, columns, frequency, rarity, len(texts))
        order = np.argsort(rows, kind="stable")
        starts = np.concatenate([[0], np.cumsum(holders)]).astype(np.int32)
        return cls(weighting, analyser, terms, rarity, starts, columns[order], weights[order], len(texts))

    def scores(self, query: str) -> np.ndarray:
        """How well each text fits, 0 to 1, shape (size,), float32.

        Words of the query that no text holds count against every text, so that scores of different queries compare.
        """
        rows, weights = self._weigh(Counter(ANALYSERS[self.analyser](query)))
        if not len(rows):
            return np.zeros(self.size, np.float32)
        spans = [slice(self.starts[row], self.starts[row + 1]) for row in rows]
        lengths = self.starts[rows + 1] - self.starts[rows]
        products = np.concatenate([self.weights[span] for span in spans]) * np.repeat(weights, lengths)
        texts = np.concatenate([self.texts[span] for span in spans])
        return np.bincount(texts, products, self.size).astype(np.float32)

    def coverage(self, query: str, text: int) -> np.ndarray:
        """What one text leaves out of the query, shape (3,), each 0 to 1: the share of the query's weight in terms that
        the text lacks, the share in terms that every text lacks, and the weight of the heaviest term lacking.
        """
        bag = dict.fromkeys(ANALYSERS[self.analyser](query))
        if not bag or not len(self.rarity):
            return np.zeros(3)
        rows = np.array([self.terms.get(term, -1) for term in bag])
        rarest = float(self.rarity.max())
        rarity = np.where(rows >= 0, self.rarity[rows], rarest)
        lacking = np.array([row < 0 or text not in self.texts[self.starts[row] : self.starts[row + 1]] for row in rows])
        total = rarity.sum()
        heaviest = rarity[lacking].max(initial=0.0) / rarest
        return np.array([rarity[lacking].sum() / total, rarity[rows < 0].sum() / total, heaviest])

    def _weigh(self, bag: Counter[str]) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the query's known terms and their weights; the unknown ones enter the norm alone."""
        rows = np.array([self.terms.get(term, -1) for term in bag], np.int32)
        rarest = self.rarity.max(initial=1)
        rarity = np.where(rows >= 0, self.rarity[rows], rarest) if len(self.rarity) else np.ones(len(rows))
        if self.weighting is Weighting.BM25:
            weights = rarity / max(rarity.sum() * (_K1 + 1), 1e-9)
        else:
            weights = rarity * (1 + np.log(np.fromiter(bag.values(), np.float32, len(bag))))
            weights = weights / max(np.linalg.norm(weights), 1e-9)
        return rows[rows >= 0], weights[rows >= 0]


def _rarity(weighting: Weighting, holders: np.ndarray, size: int) -> np.ndarray:
    if weighting is Weighting.BM25:
        return np.log(1 + (size - holders + 0.5) / (holders + 0.5)).astype(np.float32)
    return (np.log((1 + size) / (1 + holders)) + 1).astype(np.float32)


def _cosine_weights(
    rows: np.ndarray, columns: np.ndarray, frequency: np.ndarray, rarity: np.ndarray, size: int
) -> np.ndarray:
    weights = (1 + np.log(frequency)) * rarity[rows]
    norms = np.sqrt(np.bincount(columns, weights**2, size))
    return (weights / norms[columns]).astype(np.float32)


def _bm25_weights(
    rows: np.ndarray, columns: np.ndarray, frequency: np.ndarray, rarity: np.ndarray, size: int
) -> np.ndarray:
    """Without the rarity, which a query's term brings along."""
    lengths = np.bincount(columns, frequency, size)
    length_factor = 1 - _B + _B * lengths / max(lengths.mean(), 1)
    return (frequency * (_K1 + 1) / (frequency + _K1 * length_factor[columns])).astype(np.float32)

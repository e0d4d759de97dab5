"""Lexical search in plain numpy: BM25 and TF-IDF as one kind of table, terms by texts.

The TF-IDF weights are scikit-learn's (sublinear, smooth, L2); importing it would cost a server two seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kb_index.terms import ANALYSERS

_K1, _B = 1.2, 0.75


@dataclass(frozen=True)
class Weighting:
    """BM25 sums the saturated weights of the query's terms; TF-IDF is the cosine of query and text."""

    analyser: str
    cosine: bool


BM25 = Weighting("stems", cosine=False)
TFIDF_WORDS = Weighting("stem_pairs", cosine=True)
TFIDF_LETTERS = Weighting("letters", cosine=True)


@dataclass(frozen=True)
class Postings:
    """For each term the texts that hold it, one row after another.

    `terms` gives a term's row; row r is `texts[starts[r]:starts[r + 1]]` with `weights` beside it, and
    `rarity[r]` its inverse document frequency. `size` is the number of texts.
    """

    weighting: Weighting
    terms: dict[str, int]
    rarity: np.ndarray
    starts: np.ndarray
    texts: np.ndarray
    weights: np.ndarray
    size: int

    @classmethod
    def build(cls, weighting: Weighting, texts: Sequence[str]) -> Postings:
        """Raises ValueError without texts."""
        if not texts:
            raise ValueError("no texts")
        counts = [Counter(ANALYSERS[weighting.analyser](text)) for text in texts]
        terms = {term: row for row, term in enumerate(sorted(set().union(*counts)))}
        rows = np.array([terms[term] for count in counts for term in count], np.int32)
        columns = np.repeat(np.arange(len(texts), dtype=np.int32), [len(count) for count in counts])
        frequency = np.array([number for count in counts for number in count.values()], np.float32)
        holders = np.bincount(rows, minlength=len(terms))
        rarity = _rarity(weighting, holders, len(texts))
        weights = (_cosine_weights if weighting.cosine else _bm25_weights)(rows, columns, frequency, rarity)
        order = np.argsort(rows, kind="stable")
        starts = np.concatenate([[0], np.cumsum(holders)]).astype(np.int32)
        return cls(weighting, terms, rarity, starts, columns[order], weights[order], len(texts))

    def scores(self, query: str, held_out: int | None = None) -> np.ndarray:
        """How well each text fits, 0 to 1, shape (size,), float32.

        Words of the query that no text holds count against every text, so that scores of different queries
        compare. `held_out` is a text to be treated as if it had never been indexed.
        """
        rows, weights = self._weigh(Counter(ANALYSERS[self.weighting.analyser](query)), held_out)
        if not len(rows):
            return np.zeros(self.size, np.float32)
        spans = [slice(self.starts[row], self.starts[row + 1]) for row in rows]
        texts = np.concatenate([self.texts[span] for span in spans])
        products = np.concatenate([self.weights[span] for span in spans]) * np.repeat(weights, self._lengths(rows))
        scores = np.bincount(texts, products, self.size).astype(np.float32)
        if held_out is not None:
            scores[held_out] = 0
        return scores

    def _weigh(self, counts: Counter[str], held_out: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the query's known terms and their weights; the unknown ones enter the norm alone."""
        known = {term: self.terms[term] for term in counts if term in self.terms}
        if held_out is not None:
            known = {term: row for term, row in known.items() if not self._only_in(row, held_out)}
        rarest = float(self.rarity.max())
        rarity = np.array([self.rarity[known[term]] if term in known else rarest for term in counts], np.float32)
        frequency = np.fromiter(counts.values(), np.float32, len(counts))
        weights = rarity * (1 + np.log(frequency)) if self.weighting.cosine else rarity
        norm = np.linalg.norm(weights) if self.weighting.cosine else weights.sum() * (_K1 + 1)
        kept = np.array([term in known for term in counts], bool)
        return np.fromiter(known.values(), np.int32, len(known)), weights[kept] / (norm or 1)

    def _only_in(self, row: int, text: int) -> bool:
        first, last = self.starts[row], self.starts[row + 1]
        return bool(last - first == 1 and self.texts[first] == text)

    def _lengths(self, rows: np.ndarray) -> np.ndarray:
        return self.starts[rows + 1] - self.starts[rows]


def _rarity(weighting: Weighting, holders: np.ndarray, size: int) -> np.ndarray:
    if weighting.cosine:
        return (np.log((1 + size) / (1 + holders)) + 1).astype(np.float32)
    return np.log(1 + (size - holders + 0.5) / (holders + 0.5)).astype(np.float32)


def _cosine_weights(rows: np.ndarray, columns: np.ndarray, frequency: np.ndarray, rarity: np.ndarray) -> np.ndarray:
    weights = (1 + np.log(frequency)) * rarity[rows]
    norms = np.sqrt(np.bincount(columns, weights**2))
    return (weights / norms[columns]).astype(np.float32)


def _bm25_weights(rows: np.ndarray, columns: np.ndarray, frequency: np.ndarray, rarity: np.ndarray) -> np.ndarray:
    lengths = np.bincount(columns, frequency)
    length_factor = (1 - _B + _B * lengths / lengths[lengths > 0].mean())[columns]
    return (frequency * (_K1 + 1) / (frequency + _K1 * length_factor)).astype(np.float32)

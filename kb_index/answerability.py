"""Whether any article answers a message: a logistic regression, applied in plain numpy.

It looks at how well the best article fits, at the vector of the message, at the messages nearest to it of which it is
known whether an article answers them, and at its wording, also with the topics masked: that tells "# caiu de novo" from
"como transfiro #", which speak of the same topic. Learned by `calibration`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kb_index.matching import Evidence
from kb_index.terms import stems

_NEAREST = 10
_TOPIC, _NUMBER, _START, _END = "#", "0", "^", "$"


def wording(text: str, topics: frozenset[str]) -> list[str]:
    """Stems and neighbouring pairs of them, as written and with topics masked, and the mark of a question or a cry."""
    written = _with_pairs([_mask(stem, frozenset()) for stem in stems(text)])
    masked = _with_pairs([_mask(stem, topics) for stem in stems(text)])
    differing = [mask for term, mask in zip(written, masked, strict=True) if term != mask]
    return written + differing + re.findall(r"[?!]", text)[:1]


def fit_features(evidence: Evidence) -> np.ndarray:
    """How well the best article fits and how far it leads, shape (13,). Needs one article that may be found.

    How long the message is stays out: what people ask of an article and the rest were not gathered at equal length.
    """
    best, second = np.resize(evidence.ranking()[:2], 2)
    allowed = evidence.fused >= 0
    searches = (evidence.bm25, evidence.letters, evidence.dense)
    own = [scores[best] for scores in searches]
    most = [scores[allowed].max() for scores in searches]
    leads = [scores[best] - scores[second] for scores in (*searches[:2], evidence.fused)]
    return np.array([*own, *most, *leads, evidence.fused[best], *evidence.lacking])


def likeness(vectors: np.ndarray, known: np.ndarray, itself: bool = False) -> np.ndarray:
    """Mean cosine of each of the `vectors`, (m, d), to the nearest of those `known`, (n, d), which may hold it `itself`."""
    # einsum keeps to one thread: on a busy machine the threads of a matrix product wait for each other 10 ms a message.
    descending = -np.sort(-np.einsum("md,nd->mn", vectors, known), axis=1)
    nearest = descending[:, int(itself) : _NEAREST + itself]
    return nearest.mean(axis=1) if nearest.size else np.zeros(len(vectors), np.float32)


@dataclass(frozen=True)
class Answerability:
    """Weights of the three groups of features, and the confidence from which an article is offered.

    `terms` gives the place of a wording's term in `rarity` and `term_weights`; fit features, and after them the
    likenesses to `asked` and `others`, are standardised with `fit_mean` and `fit_scale` first. `asked` are the vectors of
    the ways of asking, `others` those of messages without an answer.
    """

    topics: frozenset[str]
    terms: dict[str, int]
    rarity: np.ndarray
    term_weights: np.ndarray
    fit_mean: np.ndarray
    fit_scale: np.ndarray
    fit_weights: np.ndarray
    vector_weights: np.ndarray
    asked: np.ndarray
    others: np.ndarray
    intercept: float
    threshold: float

    def confidence(self, text: str, vector: np.ndarray, evidence: Evidence) -> float:
        """Probability that an article answers, if messages with and without an answer were equally many."""
        nearness = [likeness(vector[None], known)[0] for known in (self.asked, self.others)]
        return self.judge(text, vector, np.array([*fit_features(evidence), *nearness]))

    def judge(self, text: str, vector: np.ndarray, fit: np.ndarray) -> float:
        """The same, of fit features and likenesses that are known already."""
        standard = (fit - self.fit_mean) / self.fit_scale
        total = standard @ self.fit_weights + vector @ self.vector_weights + self._wording_score(text) + self.intercept
        return float(1 / (1 + np.exp(-total)))

    def _wording_score(self, text: str) -> float:
        bag = Counter(term for term in wording(text, self.topics) if term in self.terms)
        if not bag:
            return 0.0
        places = np.array([self.terms[term] for term in bag])
        weights = (1 + np.log(np.fromiter(bag.values(), float, len(bag)))) * self.rarity[places]
        return float(weights @ self.term_weights[places] / np.linalg.norm(weights))


def _with_pairs(terms: list[str]) -> list[str]:
    bounded = [_START, *terms, _END]
    return bounded + [f"{left} {right}" for left, right in pairwise(bounded)]


def _mask(stem: str, topics: frozenset[str]) -> str:
    if stem.isdigit():
        return _NUMBER
    return _TOPIC if stem in topics else stem

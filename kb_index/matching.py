"""How well each article fits a question, by three kinds of search.

An article is searched as one text (title, ways of asking, body): on questions it had not seen this found the right
article nearly twice as often as the best of its single sentences (benchmarks/articles). Passages are only chosen
among those of an article already found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb_index.article import Article
from kb_index.postings import Postings, Weighting
from kb_index.terms import words
from kb_index.vectors import ExactVectors, VectorSearch

# Weights of the fused score; of .4, .6, .8 and 1.2 for the dense part .6 found most of benchmarks/sets.
_BM25, _LETTERS, _DENSE = 0.5, 0.5, 0.6
# What an article of the module that the person named gains, in fused score: it decides between near ties only.
_SAME_MODULE = 0.1

Vectors = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Searchable:
    """The texts of one article that are searched: `asked` are its title and ways of asking."""

    asked: tuple[str, ...]
    passages: tuple[str, ...]

    @classmethod
    def of(cls, article: Article) -> Searchable:
        return cls((article.title, *article.questions), tuple(article.passages()))

    @property
    def texts(self) -> tuple[str, ...]:
        return self.asked + self.passages


@dataclass(frozen=True)
class Evidence:
    """One value an article in each, shape (n,). `fused` is between 0 and 1, and -1 for what may not be found."""

    bm25: np.ndarray
    letters: np.ndarray
    dense: np.ndarray
    fused: np.ndarray
    lacking: np.ndarray
    """What the best article leaves out of the question, shape (3,): see `Postings.coverage`."""

    def ranking(self) -> np.ndarray:
        """Places of the articles that may be found, best first."""
        order = np.argsort(-self.fused, kind="stable")
        return order[self.fused[order] >= 0]


@dataclass(frozen=True)
class Matcher:
    """`centres` are the articles' vectors; `passage_owner[p]` is the article of passage p, in ascending order.

    `asked` leads from the folded words of a title or a way of asking to its article.
    """

    bm25: Postings
    letters: Postings
    centres: VectorSearch
    asked: Mapping[str, int]
    passages: tuple[str, ...]
    passage_owner: np.ndarray
    passage_terms: Postings
    passage_vectors: VectorSearch

    @classmethod
    def build(cls, articles: Sequence[Searchable], vectors: Vectors) -> Matcher:
        """`vectors` holds every text of every article."""
        whole = ["\n".join(article.texts) for article in articles]
        passages = tuple(passage for article in articles for passage in article.passages)
        return cls(
            bm25=Postings.build(Weighting.BM25, "stems", whole),
            letters=Postings.build(Weighting.TFIDF, "letters", whole),
            centres=ExactVectors(np.array([_centre(article, vectors) for article in articles], np.float32)),
            asked={_spoken(text): place for place, article in enumerate(articles) for text in article.asked},
            passages=passages,
            passage_owner=np.repeat(np.arange(len(articles)), [len(article.passages) for article in articles]),
            passage_terms=Postings.build(Weighting.TFIDF, "stems", passages),
            passage_vectors=ExactVectors(np.array([vectors[passage] for passage in passages], np.float32)),
        )

    def evidence(
        self, query: str, vector: np.ndarray, allowed: np.ndarray | None = None, preferred: np.ndarray | None = None
    ) -> Evidence:
        """`vector` is the query's, shape (d,); `allowed` and `preferred` say it of each article, shape (n,) of bool."""
        bm25, letters = self.bm25.scores(query), self.letters.scores(query)
        within = np.ones(len(bm25), bool) if allowed is None else allowed
        dense = self.centres.landscape(vector, np.where(within, bm25 + letters, -1.0))
        fused = _fuse(bm25, letters, dense, within)
        if preferred is not None:
            fused = np.minimum(fused + _SAME_MODULE * preferred, 1)
        fused = np.where(within, self._known_first(query, fused), -1.0)
        return Evidence(bm25, letters, dense, fused, self.bm25.coverage(query, int(fused.argmax())))

    def best_passages(self, query: str, vector: np.ndarray, found: Iterable[int]) -> list[str]:
        """For each article in `found` the passage that comes nearest to the question."""
        terms = self.passage_terms.scores(query)
        return [self.passages[self._best_passage(place, terms, vector)] for place in found]

    def _best_passage(self, place: int, terms: np.ndarray, vector: np.ndarray) -> int:
        own = np.arange(*np.searchsorted(self.passage_owner, (place, place + 1)))
        return own[(terms[own] + _DENSE * self.passage_vectors.scores(vector, own)).argmax()]

    def _known_first(self, query: str, fused: np.ndarray) -> np.ndarray:
        """What is asked in the very words of a title or a way of asking goes to that article."""
        place = self.asked.get(_spoken(query))
        if place is None:
            return fused
        fused = 0.99 * fused
        fused[place] = 1
        return fused


def _fuse(bm25: np.ndarray, letters: np.ndarray, dense: np.ndarray, within: np.ndarray) -> np.ndarray:
    parts = _BM25 * _spread(bm25, within) + _LETTERS * _spread(letters, within) + _DENSE * _spread(dense, within)
    return parts / (_BM25 + _LETTERS + _DENSE)


def _spoken(text: str) -> str:
    return " ".join(words(text))


def _centre(article: Searchable, vectors: Vectors) -> np.ndarray:
    mean = np.mean([vectors[text] for text in article.texts], axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _spread(scores: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Stretched so that the worst of `within` is 0 and the best 1; all 0 where they are alike."""
    if not within.any():
        return np.zeros(len(scores))
    low, high = scores[within].min(), scores[within].max()
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))

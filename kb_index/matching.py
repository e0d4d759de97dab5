"""How well each article fits a question, by three kinds of search.

An article is searched as one text (title, ways of asking, body): on questions it had not seen, this found the right
article twice as often as the best of its single sentences (benchmarks/articles). Passages are only chosen among
those of an article already found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kb_index.article import Article
from kb_index.postings import Postings, Weighting

# Weights of the fused score. The dense part counts least: the encoder that ships has read little Portuguese.
_BM25, _LETTERS, _DENSE = 0.5, 0.5, 0.4

Vectors = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """One value an article in each, shape (n,): raw scores, and `fused` between 0 and 1 for this question."""

    bm25: np.ndarray
    letters: np.ndarray
    dense: np.ndarray
    fused: np.ndarray

    def ranking(self) -> np.ndarray:
        """Places of the articles, best first."""
        return np.argsort(-self.fused, kind="stable")


@dataclass(frozen=True)
class Matcher:
    """`centres` are the articles' vectors, shape (n, d); `passage_owner[p]` the article of passage p."""

    bm25: Postings
    letters: Postings
    centres: np.ndarray
    passages: tuple[str, ...]
    passage_owner: np.ndarray
    passage_terms: Postings
    passage_vectors: np.ndarray

    @classmethod
    def build(cls, articles: Sequence[Article], vectors: Vectors) -> Matcher:
        """`vectors` holds every text of `texts_of`."""
        whole = ["\n".join(texts_of(article)) for article in articles]
        passages = [article.passages() for article in articles]
        flat = tuple(passage for own in passages for passage in own)
        return cls(
            bm25=Postings.build(Weighting.BM25, "stems", whole),
            letters=Postings.build(Weighting.TFIDF, "letters", whole),
            centres=np.array([_centre(article, vectors) for article in articles], np.float32),
            passages=flat,
            passage_owner=np.repeat(np.arange(len(articles)), [len(own) for own in passages]),
            passage_terms=Postings.build(Weighting.TFIDF, "stems", flat),
            passage_vectors=np.array([vectors[passage] for passage in flat], np.float32),
        )

    def evidence(self, query: str, vector: np.ndarray, allowed: np.ndarray | None = None) -> Evidence:
        """`vector` is the query's, shape (d,); `allowed` says which articles may be found, shape (n,)."""
        bm25, letters, dense = self.bm25.scores(query), self.letters.scores(query), self.centres @ vector
        within = np.ones(len(dense), bool) if allowed is None else allowed
        parts = [(_BM25, bm25), (_LETTERS, letters), (_DENSE, dense)]
        fused = sum(weight * _spread(scores, within) for weight, scores in parts) / (_BM25 + _LETTERS + _DENSE)
        return Evidence(bm25, letters, dense, np.where(within, fused, -1.0))

    def best_passages(self, query: str, vector: np.ndarray, found: Sequence[int]) -> list[str]:
        """For each article in `found` the passage that comes nearest to the question."""
        lexical, dense = self.passage_terms.scores(query), self.passage_vectors @ vector
        return [self._best_passage(lexical, dense, place) for place in found]

    def _best_passage(self, lexical: np.ndarray, dense: np.ndarray, place: int) -> str:
        own = np.flatnonzero(self.passage_owner == place)
        everything = np.ones(len(own), bool)
        scores = _spread(lexical[own], everything) + _DENSE * _spread(dense[own], everything)
        return self.passages[own[int(scores.argmax())]]


def texts_of(article: Article) -> list[str]:
    """Everything of an article that is searched."""
    return [article.title, *article.questions, *article.passages()]


def _centre(article: Article, vectors: Vectors) -> np.ndarray:
    mean = np.mean([vectors[text] for text in texts_of(article)], axis=0)
    return mean / max(float(np.linalg.norm(mean)), 1e-9)


def _spread(scores: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Stretched so that the worst of `within` is 0 and the best 1; all 0 where they are alike."""
    if not within.any():
        return np.zeros(len(scores))
    low, high = scores[within].min(), scores[within].max()
    return (scores - low) / (high - low) if high > low else np.zeros(len(scores))

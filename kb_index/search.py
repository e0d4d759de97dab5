"""Finds the article that answers a question, or says that there is none. Neither torch nor scikit-learn is needed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kb_index.article import Article
from kb_index.encoder import Encoder, OnnxEncoder
from kb_index.errors import EncoderError, IndexUnusable, KnowledgeBaseError
from kb_index.index import Index, IndexFolder
from kb_index.terms import stems, words

DEFAULT_INDEX = Path("var/kb_index")
# Nobody asks a question this long; what is longer would only cost time.
_LONGEST_QUERY = 2000
_LOOK_AGAIN_SECONDS = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hit:
    """An article found: `passage` is the part of its body nearest to the question, `score` between 0 and 1."""

    article_id: str
    title: str
    passage: str
    url: str
    score: float

    def has_in_title(self, topic: str) -> bool:
        """Whether every word of `topic` stands there in some form; words of one or two letters do not count."""
        wanted = {stem for stem in stems(topic) if len(stem) > 2}
        return bool(wanted) and wanted <= set(stems(self.title))


@dataclass(frozen=True)
class Answer:
    """`results` are the nearest articles, best first, also when `answerable` is false: then none should be offered.

    `confidence` is the probability that one answers, if messages with and without an answer were equally many.
    """

    answerable: bool
    confidence: float
    results: list[Hit]


NOTHING = Answer(answerable=False, confidence=0.0, results=[])


class ArticleSearch:
    """One version of the index with its encoder; never changes, so any number of threads may share it."""

    def __init__(self, index: Index, encoder: Encoder) -> None:
        self._index, self.encoder = index, encoder
        self._by_id = {article.id: article for article in index.articles}
        self._products = np.array([_name(article.product) for article in index.articles])
        self._modules = np.array([_name(article.module) for article in index.articles])

    @classmethod
    def open(
        cls, directory: Path = DEFAULT_INDEX, encoder: Encoder | None = None, database: str | None = None
    ) -> ArticleSearch:
        """Reads the index in use; `database` is the address of its vectors, where the index was built with one.

        Raises IndexUnusable, also if `encoder` is not the one the index was made with, and VectorsUnusable.
        """
        index = IndexFolder(directory).load(database)
        encoder = encoder or _encoder_for(index, directory)
        if encoder.card != index.card:
            problem = f"O índice foi feito com o codificador {index.card}, e este é {encoder.card}."
            raise IndexUnusable(directory, problem)
        return cls(index, encoder)

    def search(self, query: str, product: str | None = None, module: str | None = None, limit: int = 5) -> Answer:
        """Articles of another product are left out, those of no product stay; `module` decides near ties.

        Raises VectorsUnusable if they are in a database that does not answer.
        """
        query = query[:_LONGEST_QUERY]
        allowed = self._allowed(product)
        if not words(query) or not allowed.any():
            return NOTHING
        vector = self.encoder.encode_queries([query])[0]
        preferred = self._modules == _name(module) if module else None
        evidence = self._index.matcher.evidence(query, vector, allowed, preferred)
        confidence = self._index.answerability.confidence(query, vector, evidence)
        results = self._hits(query, vector, evidence.ranking()[: max(limit, 0)], evidence.fused)
        return Answer(confidence >= self._index.answerability.threshold, confidence, results)

    def article(self, article_id: str) -> Article | None:
        return self._by_id.get(article_id)

    def articles(self) -> list[Article]:
        return list(self._index.articles)

    def _allowed(self, product: str | None) -> np.ndarray:
        if not product:
            return np.ones(len(self._products), bool)
        return np.isin(self._products, ["", _name(product)])

    def _hits(self, query: str, vector: np.ndarray, found: np.ndarray, scores: np.ndarray) -> list[Hit]:
        passages = self._index.matcher.best_passages(query, vector, found)
        return [
            self._hit(self._index.articles[place], passage, float(scores[place]))
            for place, passage in zip(found, passages, strict=True)
        ]

    @staticmethod
    def _hit(article: Article, passage: str, score: float) -> Hit:
        return Hit(article.id, article.title, passage, article.url, round(score, 4))


class LiveSearch:
    """An ArticleSearch that follows the index: a newer one is read in the background and then takes its place.

    `clock` gives seconds and only goes forward. A newer index that cannot be read is reported in the log, once, and
    the one in use goes on.
    """

    def __init__(
        self,
        directory: Path = DEFAULT_INDEX,
        encoder: Encoder | None = None,
        clock: Callable[[], float] = time.monotonic,
        database: str | None = None,
    ) -> None:
        """Raises IndexUnusable if there is no index to begin with, VectorsUnusable if its `database` is away."""
        self._directory, self._given, self._clock, self._database = directory, encoder, clock, database
        self._folder = IndexFolder(directory)
        self._seen = self._folder.changed_at()
        self._search = ArticleSearch.open(directory, encoder, database)
        self._looked_at = clock()
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None

    def search(self, query: str, product: str | None = None, module: str | None = None, limit: int = 5) -> Answer:
        return self.current().search(query, product, module, limit)

    def article(self, article_id: str) -> Article | None:
        return self.current().article(article_id)

    def articles(self) -> list[Article]:
        return self.current().articles()

    def current(self) -> ArticleSearch:
        """The search in use, without waiting; looks for a newer index at most every two seconds."""
        now = self._clock()
        with self._lock:
            if now - self._looked_at >= _LOOK_AGAIN_SECONDS:
                self._looked_at = now
                self._follow()
            return self._search

    def wait(self) -> None:
        """Until an index that is being read in the background is in use."""
        if self._reader:
            self._reader.join()

    def _follow(self) -> None:
        changed_at = self._folder.changed_at()
        reading = self._reader is not None and self._reader.is_alive()
        if changed_at is None or changed_at == self._seen or reading:
            return
        self._seen = changed_at
        self._reader = threading.Thread(target=self._read, name="kb-index-reader", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            search = self._reopen()
        except KnowledgeBaseError:
            _log.exception("the new index of %s was not taken into use", self._directory)
            return
        with self._lock:
            self._search = search

    def _reopen(self) -> ArticleSearch:
        """With the encoder in use, unless the new index was made with another one."""
        try:
            return ArticleSearch.open(self._directory, self._search.encoder, self._database)
        except IndexUnusable:
            return ArticleSearch.open(self._directory, self._given, self._database)


def _encoder_for(index: Index, directory: Path) -> Encoder:
    try:
        return OnnxEncoder(IndexFolder(directory).encoder(index.card.folder_name))
    except EncoderError as error:
        raise IndexUnusable(directory, str(error)) from error


def _name(name: str | None) -> str:
    return (name or "").casefold()

"""Builds the index from the articles. Only texts that are new are encoded, and nothing at all if nothing changed.

A first build exports the sentence encoder (half a minute) and encodes every text; torch is imported then only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb_index.article import Article, load_articles
from kb_index.encoder import SHIPPED, Encoder, ModelSource, OnnxEncoder, export_onnx, is_exported
from kb_index.index import FORMAT, Index, IndexFolder
from kb_index.matching import Matcher, Searchable, Vectors

if TYPE_CHECKING:
    from kb_index.calibration import Calibration
    from kb_index.pgvector_store import VectorShelf

HERE = Path(__file__).parent
DEFAULT_ARTICLES = HERE / "articles"
DEFAULT_UNANSWERABLE = HERE / "unanswerable.yml"
_CHUNK = 128

# What is being done, how much of it is done, and how much there is (0: not known).
Progress = Callable[[str, int, int], None]


def silent(_step: str, _done: int, _total: int) -> None:
    """The progress nobody looks at."""


@dataclass(frozen=True)
class Report:
    """What a build did. `kept` and `refused` are shares of messages with and without an answer, cross-validated.

    If nothing had changed, `rebuilt` is false and the figures are those of the build before.
    """

    rebuilt: bool
    articles: int
    changed: int
    removed: int
    encoded: int
    threshold: float
    kept: float
    refused: float
    refused_by_kind: Mapping[str, float]


def build(
    articles_dir: Path,
    index_dir: Path,
    *,
    source: ModelSource = SHIPPED,
    encoder: Encoder | None = None,
    unanswerable: Path = DEFAULT_UNANSWERABLE,
    database: str | None = None,
    progress: Progress = silent,
) -> Report:
    """Brings the index up to date; who reads the old one may go on.

    `encoder` replaces the one that would be exported from `source`. `database` is the address of a PostgreSQL that
    keeps the vectors in place of the index (`pgvector_store`). Raises ArticleError, EncoderError and VectorsUnusable,
    and then leaves the index as it was.
    """
    folder = IndexFolder(index_dir)
    articles = load_articles(articles_dir)
    encoder = encoder or _exported(folder, source, progress)
    shelf = _shelf(database, encoder, articles)
    key = _key(articles, unanswerable, encoder, shelf is not None)
    before = _Previous.read(folder)
    if before.key == key and before.report and not (shelf and shelf.lacks_any()):
        return before.report
    return _rebuild(folder, key, articles, unanswerable, encoder, before, shelf, progress)


def _rebuild(
    folder: IndexFolder,
    key: str,
    articles: list[Article],
    unanswerable: Path,
    encoder: Encoder,
    before: _Previous,
    shelf: VectorShelf | None,
    progress: Progress,
) -> Report:
    from kb_index.calibration import calibrate, load_unanswerable  # scikit-learn: two seconds that an idle build saves

    searchable = [Searchable.of(article) for article in articles]
    others = load_unanswerable(unanswerable)
    vectors, encoded = _encode(searchable, others, encoder, before.vectors_for(encoder), progress)
    progress("Calibrando as respostas", 0, 0)
    matcher = Matcher.build(searchable, vectors)
    calibration = calibrate(searchable, matcher, vectors, others)
    report = _report(articles, before, calibration, encoded)
    if shelf:
        progress("Gravando os vetores no banco", 0, 0)
        matcher = _moved(matcher, shelf)
    index = Index(tuple(articles), matcher, calibration.answerability, encoder.card)
    folder.publish(key, lambda ready: _write(ready, index, vectors, report))
    if shelf:
        shelf.forget_others()
    return report


def _shelf(database: str | None, encoder: Encoder, articles: Sequence[Article]) -> VectorShelf | None:
    """The place of these articles' vectors in the database, if there is one."""
    if not database:
        return None
    from kb_index.pgvector_store import VectorShelf, content_key  # a fifth of a second, for those who use it

    searchable = [Searchable.of(article) for article in articles]
    keys = {
        "articles": [content_key(article.texts) for article in searchable],
        "passages": [content_key([passage]) for article in searchable for passage in article.passages],
    }
    return VectorShelf(database, encoder.card, {table: np.array(own, np.int64) for table, own in keys.items()})


def _moved(matcher: Matcher, shelf: VectorShelf) -> Matcher:
    """The same, with its vectors in the database."""
    centres, passages = (part.arrays()["matrix"] for part in (matcher.centres, matcher.passage_vectors))
    return replace(matcher, centres=shelf.keep("articles", centres), passage_vectors=shelf.keep("passages", passages))


def _report(articles: list[Article], before: _Previous, calibration: Calibration, encoded: int) -> Report:
    hashes = _hashes(articles)
    return Report(
        rebuilt=True,
        articles=len(articles),
        changed=sum(before.hashes.get(article_id) != digest for article_id, digest in hashes.items()),
        removed=len(before.hashes.keys() - hashes.keys()),
        encoded=encoded,
        threshold=calibration.answerability.threshold,
        kept=calibration.kept,
        refused=calibration.refused,
        refused_by_kind=calibration.refused_by_kind,
    )


@dataclass(frozen=True)
class _Previous:
    """What the build before left for this one; empty if there was none or it cannot be read."""

    key: str | None
    hashes: Mapping[str, str]
    model: str | None
    vectors: Vectors
    report: Report | None

    @classmethod
    def read(cls, folder: IndexFolder) -> _Previous:
        version = folder.current()
        try:
            if version is None:
                raise FileNotFoundError(folder.directory)
            left = json.loads((version / "build.json").read_text("utf-8"))
            vectors = np.load(version / "vectors.npy", allow_pickle=False)
            texts = dict(zip(left["texts"], vectors, strict=True))
            report = replace(Report(**left["report"]), rebuilt=False, changed=0, removed=0, encoded=0)
            return cls(version.name, left["hashes"], left["model"], texts, report)
        except (OSError, ValueError, KeyError, TypeError):
            return cls(None, {}, None, {}, None)

    def vectors_for(self, encoder: Encoder) -> Vectors:
        return self.vectors if self.model == str(encoder.card) else {}


def _write(ready: Path, index: Index, vectors: Vectors, report: Report) -> None:
    index.save(ready)
    np.save(ready / "vectors.npy", np.array(list(vectors.values()), np.float32))
    left = {
        "texts": list(vectors),
        "hashes": _hashes(index.articles),
        "model": str(index.card),
        "report": asdict(report),
    }
    (ready / "build.json").write_text(json.dumps(left, ensure_ascii=False), "utf-8")


def _exported(folder: IndexFolder, source: ModelSource, progress: Progress) -> OnnxEncoder:
    target = folder.encoder(source.folder_name())
    if not is_exported(target):
        progress("Preparando o codificador de frases", 0, 0)
        export_onnx(source, target)
    return OnnxEncoder(target)


def _encode(
    articles: Sequence[Searchable],
    others: Mapping[str, Sequence[str]],
    encoder: Encoder,
    known: Vectors,
    progress: Progress,
) -> tuple[dict[str, np.ndarray], int]:
    """Vector by text, and how many had to be encoded. What people ask is a query, also where an article tells it."""
    queries = [text for article in articles for text in article.asked]
    queries += [text for texts in others.values() for text in texts]
    passages = [text for article in articles for text in article.passages]
    wanted = dict.fromkeys([*queries, *passages])
    vectors = {text: known[text] for text in wanted if text in known}
    before = len(vectors)
    for encode, texts in ((encoder.encode_queries, queries), (encoder.encode_passages, passages)):
        new = [text for text in dict.fromkeys(texts) if text not in vectors]
        for start in range(0, len(new), _CHUNK):
            progress("Codificando textos", len(vectors) - before, len(wanted) - before)
            chunk = new[start : start + _CHUNK]
            vectors.update(zip(chunk, encode(chunk), strict=True))
    return vectors, len(wanted) - before


def _key(articles: Sequence[Article], unanswerable: Path, encoder: Encoder, in_database: bool) -> str:
    """Names a version by all that it is made of, our own code included."""
    code = [file.read_text("utf-8") for file in sorted(HERE.glob("*.py"))]
    others = unanswerable.read_text("utf-8") if unanswerable.is_file() else ""
    made_of = [article.as_dict() for article in articles]
    return _hash([FORMAT, str(encoder.card), made_of, others, code, in_database])


def _hashes(articles: Sequence[Article]) -> dict[str, str]:
    """Digest of each article by its id."""
    return {article.id: _hash(article.as_dict()) for article in articles}


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

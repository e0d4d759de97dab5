"""The index as it lies on disk: one folder a version, never changed once it stands.

    index/
      current                     one line: the version in use; replaced in one step
      versions/<key>/             index.json, arrays.npz; build.json, vectors.npy for the next build
      encoders/<name>/            the exported sentence encoder

A reader thus finds either the old or the new index, whole, and may go on with the old one. An index may keep its
vectors in a database instead (`pgvector_store`); then arrays.npz holds their keys.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from kb_index.answerability import Answerability
from kb_index.article import Article
from kb_index.encoder import EncoderCard
from kb_index.errors import IndexUnusable, VectorsUnusable
from kb_index.matching import Matcher
from kb_index.postings import Postings, Weighting
from kb_index.vectors import ExactVectors, VectorSearch

FORMAT = 3
# Parts of the matcher, and the tables that hold them where a database keeps the vectors.
VECTOR_TABLES = {"centres": "articles", "passage_vectors": "passages"}
_KEPT_VERSIONS = 2


@dataclass(frozen=True)
class Index:
    """Everything a search needs but the encoder, whose card it names."""

    articles: tuple[Article, ...]
    matcher: Matcher
    answerability: Answerability
    card: EncoderCard

    def save(self, folder: Path) -> None:
        arrays: dict[str, np.ndarray] = {}
        plain = {
            "format": FORMAT,
            "card": asdict(self.card),
            "articles": [article.as_dict() for article in self.articles],
            "matcher": _split(self.matcher, "matcher", arrays),
            "answerability": _split(self.answerability, "answerability", arrays),
        }
        (folder / "index.json").write_text(json.dumps(plain, ensure_ascii=False), "utf-8")
        np.savez(folder / "arrays.npz", allow_pickle=False, **arrays)

    @classmethod
    def load(cls, folder: Path, database: str | None = None) -> Index:
        """`database` is the address of the one that keeps the vectors, where one does.

        Raises VectorsUnusable, and OSError, ValueError or KeyError if the folder holds no index of this format.
        """
        plain = json.loads((folder / "index.json").read_text("utf-8"))
        if plain["format"] != FORMAT:
            raise ValueError(f"format {plain['format']}")
        with np.load(folder / "arrays.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        card = EncoderCard(**plain["card"])
        return cls(
            articles=tuple(Article.from_dict(article) for article in plain["articles"]),
            matcher=_matcher(plain["matcher"], arrays, _vectors(arrays, card, database)),
            answerability=_answerability(plain["answerability"], arrays),
            card=card,
        )


class IndexFolder:
    """The folder that keeps the versions, the encoders and the pointer to the version in use."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._pointer = directory / "current"

    def encoder(self, name: str) -> Path:
        return self.directory / "encoders" / name

    def current(self) -> Path | None:
        """The folder of the version in use, if one was built."""
        try:
            return self._version(self._pointer.read_text("utf-8").strip())
        except FileNotFoundError:
            return None

    def changed_at(self) -> int | None:
        """When the pointer last changed, in nanoseconds; None without one."""
        try:
            return self._pointer.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def load(self, database: str | None = None) -> Index:
        """The version in use. Raises IndexUnusable, and VectorsUnusable if they are in a database."""
        folder = self.current()
        if folder is None:
            raise IndexUnusable(self.directory, f"Não há índice em {self.directory}.")
        try:
            return Index.load(folder, database)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise IndexUnusable(self.directory, f"O índice {folder.name} não pode ser lido ({error}).") from error

    def publish(self, key: str, write: Callable[[Path], None]) -> None:
        """Writes version `key` and makes it the one in use; older versions but the last go."""
        target = self._version(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as scratch:
            ready = Path(scratch) / "ready"
            ready.mkdir()
            write(ready)
            shutil.rmtree(target, ignore_errors=True)
            ready.replace(target)
        self._point_to(key)
        self._prune(key)

    def _version(self, key: str) -> Path:
        return self.directory / "versions" / key

    def _point_to(self, key: str) -> None:
        new = self._pointer.with_suffix(".new")
        new.write_text(key + "\n", "utf-8")
        new.replace(self._pointer)

    def _prune(self, key: str) -> None:
        others = [folder for folder in (self.directory / "versions").iterdir() if folder.name != key]
        others.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in others[_KEPT_VERSIONS - 1 :]:
            shutil.rmtree(folder, ignore_errors=True)


def _split(part: Any, name: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The plain fields of a dataclass; its arrays go into `arrays` under "<name>.<field>"."""
    plain: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            arrays[f"{name}.{field.name}"] = value
        elif field.name in VECTOR_TABLES:
            arrays.update({f"{name}.{field.name}.{kind}": array for kind, array in value.arrays().items()})
        elif isinstance(value, Postings):
            plain[field.name] = _split(value, f"{name}.{field.name}", arrays)
        else:
            plain[field.name] = sorted(value) if isinstance(value, frozenset) else value
    return plain


def _fields(plain: dict[str, Any], name: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The plain fields of part `name` with its arrays, without those of its own parts."""
    found = {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}
    return {**plain, **{field: array for field, array in found.items() if "." not in field}}


def _postings(plain: dict[str, Any], name: str, arrays: dict[str, np.ndarray]) -> Postings:
    values = _fields(plain, name, arrays)
    values["weighting"] = Weighting(values["weighting"])
    return Postings(**values)


def _vectors(arrays: dict[str, np.ndarray], card: EncoderCard, database: str | None) -> dict[str, VectorSearch]:
    """The vectors of the matcher: those in the index itself, or those whose keys it holds."""
    kept = {name: _fields({}, f"matcher.{name}", arrays) for name in VECTOR_TABLES}
    if all("matrix" in parts for parts in kept.values()):
        return {name: ExactVectors(**parts) for name, parts in kept.items()}
    if not database:
        raise VectorsUnusable("Este índice guarda os vetores num PostgreSQL; informe o endereço do banco de vetores.")
    from kb_index.pgvector_store import VectorDatabase  # a fifth of a second, for those who use it

    opened = VectorDatabase.open(database, card)
    return {name: opened.vectors(VECTOR_TABLES[name], **parts) for name, parts in kept.items()}


def _matcher(plain: dict[str, Any], arrays: dict[str, np.ndarray], vectors: dict[str, VectorSearch]) -> Matcher:
    values: dict[str, Any] = {**_fields(plain, "matcher", arrays), **vectors}
    for name in ("bm25", "letters", "passage_terms"):
        values[name] = _postings(plain[name], f"matcher.{name}", arrays)
    values["passages"] = tuple(values["passages"])
    return Matcher(**values)


def _answerability(plain: dict[str, Any], arrays: dict[str, np.ndarray]) -> Answerability:
    values = _fields(plain, "answerability", arrays)
    values["topics"] = frozenset(values["topics"])
    return Answerability(**values)

"""The folder that articles are imported into. What a person has changed there is never written over.

An imported article says in its field `source` where it came from, with a digest of the file as it was written:
a file that no longer agrees with its digest has been edited by hand.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from kb_index.article import Article
from kb_index.errors import ArticleError

_FRONT = re.compile(r"\A---\s*\n(.*?)\n---\s*(?:\n|\Z)", re.DOTALL)
_DIGEST_LINE = re.compile(r"^  digest: .*\n", re.MULTILINE)


class Outcome(Enum):
    ADDED = "novo"
    UPDATED = "atualizado"
    UNCHANGED = "sem mudança"


@dataclass(frozen=True)
class Origin:
    """The document's system, and the key that this system knows it by."""

    system: str
    key: str


@dataclass(frozen=True)
class Kept:
    """An article that lies in the folder. `pristine`: imported, and as the import left it."""

    file: Path
    text: str
    id: str | None
    origin: Origin | None
    pristine: bool


class Shelf:
    """A folder of articles. Raises ArticleError if it cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        kept = [_kept(file) for file in sorted(folder.glob("*.md"))]
        self._by_origin = {one.origin: one for one in kept if one.origin}
        self._by_id = {one.id: one for one in kept if one.id}

    def find(self, origin: Origin) -> Kept | None:
        return self._by_origin.get(origin)

    def objection(self, article_id: str, origin: Origin) -> str | None:
        """Why an article may not be written: a person's work, or another article's id or file."""
        kept = self.find(origin)
        if kept and not kept.pristine:
            return f"editado à mão depois da importação ({kept.file.name})"
        owner = self._by_id.get(article_id)
        if owner and owner is not kept:
            return f"o id {article_id} já é de {owner.file.name}"
        if not kept and self._place(article_id).exists():
            return f"já existe um arquivo {article_id}.md"
        return None

    def put(self, article: Article, origin: Origin) -> Outcome:
        """Writes where the article lies, though a person may have renamed the file. Ask for objections before."""
        kept = self.find(origin)
        text = render(article, origin)
        if kept and kept.text == text:
            return Outcome.UNCHANGED
        file = kept.file if kept else self._place(article.id)
        _write(file, text)
        self._by_origin[origin] = self._by_id[article.id] = Kept(file, text, article.id, origin, pristine=True)
        return Outcome.UPDATED if kept else Outcome.ADDED

    def _place(self, article_id: str) -> Path:
        return self._folder / f"{article_id}.md"


def render(article: Article, origin: Origin) -> str:
    """The article as a file, with its origin and digest."""
    front: dict[str, Any] = {"id": article.id, "title": article.title}
    front |= {"product": article.product} if article.product else {}
    front |= {"module": article.module} if article.module else {}
    front |= {"questions": list(article.questions)} if article.questions else {}
    front["source"] = {"system": origin.system, "key": origin.key, "digest": ""}
    header = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=10_000)
    text = f"---\n{header}---\n{article.body.strip()}\n"
    return _DIGEST_LINE.sub(f"  digest: sha-{_digest(text)}\n", text, count=1)


def _digest(text: str) -> str:
    """Of all but the digest itself. Blanks at the ends of lines, which editors take away unasked, do not count."""
    lines = [line.rstrip() for line in _DIGEST_LINE.sub("", text, count=1).rstrip().split("\n")]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]


def _kept(file: Path) -> Kept:
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        return Kept(file, "", None, None, pristine=False)
    except OSError as error:
        raise ArticleError(file, None, "o arquivo não pode ser lido; confira as permissões da pasta") from error
    front = _front(text)
    source = front.get("source")
    source = source if isinstance(source, dict) else {}
    origin = Origin(str(source["system"]), str(source["key"])) if {"system", "key"} <= source.keys() else None
    article_id = front.get("id")
    return Kept(
        file=file,
        text=text,
        id=article_id if isinstance(article_id, str) else None,
        origin=origin,
        pristine=source.get("digest") == f"sha-{_digest(text)}",
    )


def _front(text: str) -> dict[str, Any]:
    """Empty if there is none to be read: mending it is for the build to ask."""
    found = _FRONT.match(text)
    try:
        fields = yaml.safe_load(found[1]) if found else None
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date that is none
        return {}
    return fields if isinstance(fields, dict) else {}


def _write(file: Path, text: str) -> None:
    """At once or not at all, so that a build beside it never reads half an article."""
    partial = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, "utf-8", newline="\n")
        partial.replace(file)
    except OSError as error:
        raise ArticleError(file, None, "o artigo não pode ser gravado; confira as permissões da pasta") from error

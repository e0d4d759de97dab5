"""A folder of Markdown and HTML files, each a document; front matter is optional."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from markdown_it import MarkdownIt

from kb_index.errors import ArticleError
from kb_index.importers.conversion import HEADINGS, parse, plain
from kb_index.importers.document import Document, Notes, slug
from kb_index.importers.reading import decode

_MARKDOWN, _HTML = {".md", ".markdown"}, {".html", ".htm", ".xhtml"}
_INDEXES = ("index", "README", "readme")
_FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<>]{1,500})</title>", re.IGNORECASE)
_LARGEST_FILE = 5_000_000  # bytes


class MarkdownFolder:
    """A document's key is the folder's name and the file's path in it."""

    system = "markdown"

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._keys: dict[str, str] = {}

    def documents(self) -> list[Document]:
        if not self._root.is_dir():
            raise ArticleError(self._root, None, "a pasta de origem não existe; confira o caminho")
        files = sorted(self._files())
        self._keys = {place: f"{self._root.name}/{place}" for place in files}
        return [self._document(place) for place in files]

    def html(self, document: Document, notes: Notes) -> str:
        return document.body if _is_html(document.key) else _parser().render(document.body)

    def target(self, href: str, document: Document) -> str | None:
        """Also for addresses without the file's ending or with only the folder's name, as site builders write them."""
        parts = _split(href)
        if parts is None or parts.scheme or parts.netloc or not parts.path:
            return None
        here = posixpath.dirname(document.key.partition("/")[2])
        path = unquote(parts.path)
        place = path.lstrip("/") if path.startswith("/") else posixpath.join(here, path)
        return next((self._keys[name] for name in _spellings(posixpath.normpath(place)) if name in self._keys), None)

    def _files(self) -> Iterator[str]:
        """Paths in the folder; hidden files and links that lead out of it are not ours to read."""
        for file in self._root.rglob("*"):
            place = file.relative_to(self._root)
            hidden = any(part.startswith(".") for part in place.parts)
            inside = file.resolve().is_relative_to(self._root)
            if file.suffix.lower() in _MARKDOWN | _HTML and not hidden and inside and file.is_file():
                yield place.as_posix()

    def _document(self, place: str) -> Document:
        file = self._root / place
        path = Path(place)
        bare = Document(
            self._keys[place], slug(str(path.with_suffix(""))), title=place, body="", path=path.parent.parts
        )
        if file.stat().st_size > _LARGEST_FILE:
            return replace(bare, obstacle="passa de 5 MB")
        text = decode(file.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")
        try:
            front, body = _front_matter(text)
        except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a date that is none
            return replace(bare, obstacle="o cabeçalho não é YAML válido")
        return _described(bare, front, body, path)


def _described(bare: Document, front: dict[str, Any], body: str, path: Path) -> Document:
    questions = front.get("questions")
    own = [text.strip() for text in questions if isinstance(text, str)] if isinstance(questions, list) else []
    draft = front.get("draft") is True or front.get("published") is False
    return replace(
        bare,
        id=slug(_text(front, "id") or bare.id),
        title=_text(front, "title") or _title(body, html=_is_html(path.name)) or _readable(path.stem),
        body=body,
        obstacle="rascunho" if draft else None,
        product=_text(front, "product"),
        module=_text(front, "module"),
        questions=tuple(filter(None, own)),
    )


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Fields and body. Raises YAMLError; what stands between two rules and has no fields is text."""
    found = _FRONT.match(text)
    fields = yaml.safe_load(found[1]) if found else None
    return (fields, text[found.end() :]) if found and isinstance(fields, dict) else ({}, text)


def _text(front: dict[str, Any], name: str) -> str | None:
    value = front.get(name)
    return " ".join(value.split()) or None if isinstance(value, str) else None


def _readable(stem: str) -> str:
    words = " ".join(re.split(r"[\s_-]+", stem)).strip() or stem
    return words[:1].upper() + words[1:]


def _title(body: str, *, html: bool) -> str | None:
    """The first heading, or what the page calls itself; None also for a page too tangled to look for it."""
    try:
        heading = parse(body if html else _parser().render(body)).find(HEADINGS)
    except RecursionError:
        return None
    named = _TITLE.search(body) if html else None
    return (plain(heading) if heading else "") or (" ".join(unescape(named[1]).split()) if named else "") or None


def _spellings(place: str) -> Iterator[str]:
    endings = sorted(_MARKDOWN | _HTML)
    yield place
    yield from (place + ending for ending in endings)
    stem, ending = posixpath.splitext(place)
    yield from (stem + other for other in endings if ending.lower() in _HTML)
    yield from (posixpath.normpath(f"{place}/{name}{ending}") for name in _INDEXES for ending in endings)


def _split(href: str) -> Any:
    try:
        return urlsplit(href)
    except ValueError:
        return None


def _is_html(name: str) -> bool:
    return posixpath.splitext(name)[1].lower() in _HTML


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])

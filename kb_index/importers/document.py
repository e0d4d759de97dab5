"""What every system gives: documents, each of them an article to be."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kb_index.terms import fold

# What was left out of articles that were imported, as a Portuguese phrase, and how often.
Notes = Counter[str]

# Of addresses that name a document of the same export by its title; they never leave this room.
PAGE_SCHEME = "imported-page"

_LONGEST_ID = 80


@dataclass(frozen=True)
class Document:
    """A page of another system.

    `key` is what its system knows it by, whatever becomes of its title; `id` is that of the article. `path` names what
    it lies in (folders, sections, pages), outermost first. `obstacle` says why it cannot be imported; a `restricted`
    one is not for everybody there. `product`, `module` and `questions` are what it says of itself.
    """

    key: str
    id: str
    title: str
    body: str
    path: tuple[str, ...] = ()
    obstacle: str | None = None
    restricted: bool = False
    product: str | None = None
    module: str | None = None
    questions: tuple[str, ...] = ()


class Source(Protocol):
    """An export of one system. Its methods raise ArticleError for an export that cannot be read at all."""

    system: str

    def documents(self) -> Sequence[Document]:
        """All that a reader of the system would call a page, also those that cannot be imported."""
        ...

    def html(self, document: Document, notes: Notes) -> str:
        """The body as HTML, not to be trusted."""
        ...

    def target(self, href: str, document: Document) -> str | None:
        """Key of the document that an address in `document` leads to; None if it leads elsewhere."""
        ...


def slug(text: str) -> str:
    """An id made of a text: lower-case ASCII words joined by hyphens; a text without any gives a number."""
    words = "-".join(re.findall(r"[a-z0-9]+", fold(text)))
    if words and len(words) <= _LONGEST_ID:
        return words
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{words[:_LONGEST_ID].strip('-')}-{digest}".strip("-")

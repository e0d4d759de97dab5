"""What is searched: every title, way of asking and passage of the articles, each a unit of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from kb_index.article import Article


class UnitKind(IntEnum):
    TITLE = 0
    QUESTION = 1
    PASSAGE = 2


@dataclass(frozen=True)
class Unit:
    """`article` is the article's place in the list the units were made from."""

    article: int
    kind: UnitKind
    text: str


def units_of(articles: Sequence[Article]) -> list[Unit]:
    """In order of the articles; at least the title and one passage of each."""
    return [unit for place, article in enumerate(articles) for unit in _units(place, article)]


def _units(place: int, article: Article) -> Iterator[Unit]:
    yield Unit(place, UnitKind.TITLE, article.title)
    for question in article.questions:
        yield Unit(place, UnitKind.QUESTION, question)
    for passage in article.passages():
        yield Unit(place, UnitKind.PASSAGE, passage)

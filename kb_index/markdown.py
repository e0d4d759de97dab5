"""Markdown of an article, as passages of plain text and as safe HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

# What fits under a search hit in a chat window without scrolling.
_SHORTEST, _LONGEST = 200, 350

_TAGS = {
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "strong", "em", "code", "pre",
    "blockquote", "a", "img", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+")


def to_safe_html(markdown: str) -> str:
    """HTML with headings, lists, tables and links; scripts, styles, handlers and odd addresses are gone."""
    html = _parser().render(markdown)
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)


def split_passages(markdown: str) -> list[str]:
    """Plain texts of about 200 to 350 characters; none crosses a heading, a single word longer than that stays whole."""
    return [passage for section in _sections(markdown) for passage in _pack(_pieces(section))]


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _sections(markdown: str) -> Iterator[list[str]]:
    """The blocks (paragraphs, list items, table rows) between two headings."""
    blocks: list[str] = []
    for kind, text in _blocks(_parser().parse(markdown)):
        if kind == "heading":
            yield blocks
            blocks = []
        elif text:
            blocks.append(text)
    yield blocks


def _blocks(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """(kind, plain text) of each block; kind is "heading" or "text"."""
    opener, marker = "", ""
    cells: list[str] | None = None
    for token in tokens:
        if token.type == "list_item_open":
            marker = f"{token.info}. " if token.info else "• "
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            yield "text", " | ".join(cells or [])
            cells = None
        elif token.type.endswith("_open"):
            opener = token.type
        elif token.type in ("fence", "code_block"):
            yield "text", token.content.strip()
        elif token.type == "inline" and cells is not None:
            cells.append(_plain(token))
        elif token.type == "inline":
            yield ("heading" if opener == "heading_open" else "text"), marker + _plain(token)
            marker = ""


def _plain(inline: Token) -> str:
    parts = [_visible(child) for child in inline.children or []]
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _visible(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content if token.type in ("text", "code_inline", "image") else ""


def _pieces(blocks: list[str]) -> Iterator[str]:
    """Blocks, those too long for one passage cut at sentences and, failing that, at words."""
    for block in blocks:
        if len(block) <= _LONGEST:
            yield block
        else:
            yield from _pack(part for sentence in _SENTENCE_END.split(block) for part in _cut(sentence))


def _cut(sentence: str) -> Iterator[str]:
    if len(sentence) <= _LONGEST:
        yield sentence
    else:
        yield from _pack(sentence.split())


def _pack(pieces: Iterator[str] | list[str]) -> Iterator[str]:
    """Joins neighbours until a passage is long enough and the next piece would make it too long."""
    passage = ""
    for piece in pieces:
        joined = f"{passage} {piece}".strip()
        if passage and (len(joined) > _LONGEST or len(passage) >= _SHORTEST):
            yield passage
            passage = piece
        else:
            passage = joined
    if passage:
        yield passage

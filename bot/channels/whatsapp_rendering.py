"""From what the bot says to the forms that WhatsApp has: text, buttons, list, and nothing over a limit.

Limits: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TEXT, BODY = 4096, 1024
BUTTONS, BUTTON = 3, 20
ROWS, ROW_TITLE, ROW_DESCRIPTION, SECTION = 10, 24, 72, 24
CHOICE_ID = 200
# A template's body may have 1024 characters with everything; the rest is for its own words.
TEMPLATE_PARAMETER = 800

_LIST_BUTTON = "Ver opções"
_LIST_SECTION = "Escolha uma opção"
_NO_WORDS = "Escolha uma opção:"
_HOW_TO_ANSWER = "Responda com o número da opção."


@dataclass(frozen=True)
class Option:
    """A button or a row of a list; `id` is what comes back."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True)
class Form:
    """One message of WhatsApp: a text, a text with buttons, or a text with a list."""

    text: str
    buttons: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    list_button: str = _LIST_BUTTON
    section: str = _LIST_SECTION


def render(body: dict[str, Any]) -> list[Form]:
    """`body` is a bubble as it is stored: text, choices (title, value) and articles (title, passage, url)."""
    choices = [(choice["title"], choice["value"]) for choice in body.get("choices") or ()]
    paragraphs = [formatted(body.get("text") or ""), *(_article(card) for card in body.get("articles") or ())]
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    if choices and is_numbered([title for title, _ in choices]):
        text = "\n".join([text, "", *_numbered(choices), *_hint(choices)]).strip()
    if not choices or len(choices) > ROWS:
        return [Form(part) for part in cut(text, TEXT)]
    return _with_options(text or _NO_WORDS, choices)


def choice_id(value: str) -> str:
    """What a choice is sent and comes back as: itself, or where it is too long a mark of it."""
    if len(value) <= CHOICE_ID:
        return value
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def is_numbered(titles: Sequence[str]) -> bool:
    """True when the options stand in the text with numbers: too many for a list, or too long for its rows."""
    return len(titles) > ROWS or any(len(title) > ROW_DESCRIPTION for title in titles)


def template_parameter(body: dict[str, Any]) -> str:
    """A bubble as the one parameter of a template, which may hold neither line breaks nor runs of spaces."""
    text = " ".join(formatted(body.get("text") or "").split())
    return text if len(text) <= TEMPLATE_PARAMETER else text[: TEMPLATE_PARAMETER - 1].rstrip() + "…"


def _with_options(text: str, choices: list[tuple[str, str]]) -> list[Form]:
    *before, last = cut(text, BODY)
    # What does not fit beside the options goes ahead of them, in messages as long as they may be.
    ahead = [Form(part) for part in cut("\n".join(before), TEXT)] if before else []
    if len(choices) <= BUTTONS and all(len(title) <= BUTTON for title, _ in choices) and _differ(choices):
        return [*ahead, Form(last, buttons=tuple(Option(choice_id(value), title) for title, value in choices))]
    return [*ahead, Form(last, rows=_rows(choices))]


def _differ(choices: list[tuple[str, str]]) -> bool:
    return len({title for title, _ in choices}) == len(choices)


def _rows(choices: list[tuple[str, str]]) -> tuple[Option, ...]:
    """Where a title is too long it is cut, and stands whole in the description."""
    numbered = is_numbered([title for title, _ in choices]) or not _differ([(_short(t), v) for t, v in choices])
    rows = []
    for number, (title, value) in enumerate(choices, 1):
        short = _short(f"{number}. {title}" if numbered else title)
        whole = None if short.endswith(title) else _short(title, ROW_DESCRIPTION)
        rows.append(Option(choice_id(value), short, whole))
    return tuple(rows)


def _short(title: str, limit: int = ROW_TITLE) -> str:
    return title if len(title) <= limit else title[: limit - 1].rstrip() + "…"


def _numbered(choices: list[tuple[str, str]]) -> list[str]:
    return [f"{number}. {title}" for number, (title, _) in enumerate(choices, 1)]


def _hint(choices: list[tuple[str, str]]) -> list[str]:
    return ["", _HOW_TO_ANSWER] if len(choices) > ROWS else []


def _article(card: dict[str, Any]) -> str:
    lines = (f"*{card['title']}*", formatted(card.get("passage") or ""), card.get("url") or "")
    return "\n".join(line for line in lines if line)


def formatted(text: str) -> str:
    """Markdown as WhatsApp writes it. Single stars and underscores are left: customers' texts are full of them."""
    text = re.sub(r"(?m)^#{1,6}\s+(.+?)\s*#*$", r"*\1*", text)
    text = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"*\1*", text)
    text = re.sub(r"~~(?=\S)(.+?)(?<=\S)~~", r"~\1~", text)
    text = re.sub(r"!?\[([^\]\n]+)\]\((https?://[^\s)]+)\)", r"\1 (\2)", text)
    return re.sub(r"(?m)^(\s*)[*+] ", r"\1- ", text).strip()


def cut(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters, cut where a paragraph, a line, a sentence or at least a word ends."""
    pieces = []
    while len(text) > limit:
        place = _cut_at(text, limit)
        pieces.append(text[:place].rstrip())
        text = text[place:].lstrip()
    return [piece for piece in (*pieces, text) if piece]


def _cut_at(text: str, limit: int) -> int:
    head = text[: limit + 1]
    for end in (r"\n\s*\n", r"\n", r"[.!?…]\s", r"\s"):
        places = [match.end() for match in re.finditer(end, head) if match.start() < limit]
        # A piece much shorter than it could be reads worse than one cut at a lesser end.
        if places and places[-1] > limit // 3:
            return min(places[-1], limit)
    return limit

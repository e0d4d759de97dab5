"""Products, modules and telephones in a text, as slots."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from actions import phrases
from actions.slots import Slots
from bot.catalog import Catalog
from bot.text import fold


def place_in(catalog: Catalog, text: str, product: str | None = None) -> Slots:
    """Product and module, as far as the text names them. `product` narrows the search."""
    found, module = catalog.place(text, product)
    if found and not module:
        module = catalog.only_module(found)
    return {name: value for name, value in (("product", found), ("module", module)) if value}


# What may stand beside a number and belongs to it: whom to ask for, when to call, an extension.
_BELONGS = re.compile(
    r"\b(?:com\s+(?!certeza)\w+|ramal|manha|tarde|noite|depois|antes|ate|entre|apos|horario|comercial|as\s+\d+\w*|das\s+\d+\w*)\b"
)
_EXTENSION = re.compile(r"\bramal\s*(?:e|eh|:|n[o.º]*|numero)?\s*\d{2,6}\b")
_PARTS = re.compile(r"\s*(?:[,;\n]|\.\s|[!?]\s|\s(?:e|ou|mas)\s)\s*")


def contact_in(text: str) -> Slots:
    """A telephone or an extension as it was typed, with what belongs to it; not the rest of the sentence."""
    match = next(iter(phonenumbers.PhoneNumberMatcher(text, "BR")), None)
    place = (match.start, match.end) if match else _extension(text)
    if place is None:
        return {}
    parts = list(_parts(text))
    first = next(i for i, (start, end) in enumerate(parts) if end > place[0])
    last = first
    while last + 1 < len(parts) and (parts[last][1] < place[1] or _belongs(text, parts[last + 1])):
        last += 1
    start = parts[first][0] if _BELONGS.search(fold(text[parts[first][0] : place[0]])) else place[0]
    return {"contact": phrases.without_no_files(text[start : parts[last][1]]).strip(" .;,")}


def _extension(text: str) -> tuple[int, int] | None:
    match = _EXTENSION.search(fold(text))
    return match.span() if match else None


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of what stands between commas, stops and "e"."""
    start = 0
    for mark in _PARTS.finditer(text):
        yield start, mark.start()
        start = mark.end()
    yield start, len(text)


def _belongs(text: str, part: tuple[int, int]) -> bool:
    words = fold(text[slice(*part)])
    return _BELONGS.search(words) is not None and len(words.split()) <= 6

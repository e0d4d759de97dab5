"""How Portuguese text is compared: without case, accents and doubled spaces."""

from __future__ import annotations

import re
import unicodedata


def fold(text: str) -> str:
    """Lower case without accents, character for character, so that offsets still fit the original."""
    return "".join(_fold_char(char) for char in text)


def _fold_char(char: str) -> str:
    bare = unicodedata.normalize("NFD", char.lower())[:1]
    return bare or char


def plain(text: str) -> str:
    """`fold`, with runs of white space as one space and none at the ends."""
    return re.sub(r"\s+", " ", fold(text)).strip()


def bare(text: str) -> str:
    """`plain` without punctuation: two texts that say the same in the same words."""
    return " ".join(re.sub(r"[^\w\s]", " ", plain(text)).split())


def has_words(text: str) -> bool:
    """False for what carries nothing to read: blank, only emoji, only punctuation."""
    return any(char.isalnum() for char in text)

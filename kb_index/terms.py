"""What counts as a term of a text: stems, or runs of letters.

Accents are folded BEFORE stemming: customers leave them out, and both spellings must meet in one stem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

import Stemmer  # pyrefly: ignore[missing-import]

Analyser = Callable[[str], list[str]]

_MARK = re.compile("[\u0300-\u036f]")  # what an accent becomes when it is taken off its letter
_WORD = re.compile(r"[a-z0-9]+")
_HYPHEN = re.compile(r"(?<=[a-z])-(?=[a-z])")
_STEMMER = Stemmer.Stemmer("portuguese")
_RUNS = (3, 4, 5)


def fold(text: str) -> str:
    """Lower case without accents."""
    lower = text.lower()
    return lower if lower.isascii() else _MARK.sub("", unicodedata.normalize("NFKD", lower))


def words(text: str) -> list[str]:
    """Folded words; "e-mail" and "pop-up" count as the one word that others write."""
    return _WORD.findall(_HYPHEN.sub("", fold(text)))


def stems(text: str) -> list[str]:
    return _STEMMER.stemWords(words(text))


def letters(text: str) -> list[str]:
    """Runs of 3 to 5 letters inside each word, its edges marked by a blank: what survives a typo."""
    return [run for word in words(text) for run in _runs(word)]


@lru_cache(maxsize=20_000)
def _runs(word: str) -> list[str]:
    padded = f" {word} "
    return [padded[start : start + size] for size in _RUNS for start in range(len(padded) - size + 1)]


ANALYSERS: dict[str, Analyser] = {"stems": stems, "letters": letters}

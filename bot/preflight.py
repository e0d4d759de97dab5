"""Checks that a customer can make before filing, offered only for symptoms that they can cure.

Which symptoms those are, and who must be hit, stands in `preflight.yml`: cues, not examples, since nothing may be offered
by mere likeness while something burns.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

from bot.company_data import read_yaml
from bot.text import plain

# Words that may stand between two words of a cue.
_BETWEEN = 3


class Cues(RootModel[list[str]]):
    """Phrases to look for. A cue is words in order; one that ends in `*` stands for all that begin so."""

    root: list[str] = []

    @field_validator("root")
    @classmethod
    def _each_has_words(cls, phrases: list[str]) -> list[str]:
        if empty := [phrase for phrase in phrases if not re.search(r"\w", phrase)]:
            raise ValueError(f"a pista {empty[0]!r} não tem palavras; escreva palavras ou remova-a")
        return phrases

    def found_in(self, text: str) -> bool:
        return bool(self.root) and self._pattern.search(plain(text)) is not None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        between = rf"(?:\W+\w+){{0,{_BETWEEN}}}?\W+"
        return re.compile("|".join(between.join(map(_word, plain(phrase).split())) for phrase in self.root))


def _word(word: str) -> str:
    return rf"\b{re.escape(word.rstrip('*'))}" + (r"\w*" if word.endswith("*") else r"\b")


class Scope(BaseModel):
    """How customers say who is hit. `answers` are whole answers to the question who is; the rest may stand anywhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    answers: list[str] = []
    only_one: Cues = Cues()
    one: Cues = Cues()
    several: Cues = Cues()
    site: Cues = Cues()

    def is_one(self, told: str, who: str | None = None) -> bool | None:
        """True for one person or machine, False for several, None where neither is said."""
        if self.only_one.found_in(told) or plain(who or "") in {plain(answer) for answer in self.answers}:
            return True
        if self.several.found_in(told):
            return False
        return True if self.one.found_in(told) else None


class Check(BaseModel):
    """`advice` is said to the customer, `title` stands on the ticket; `article` is the id of one that shows how."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = Field(min_length=1)
    advice: str = Field(min_length=1)
    article: str | None = None
    site: bool = False
    symptoms: Cues

    @model_validator(mode="after")
    def _cures_something(self) -> Self:
        if not self.symptoms.root:
            raise ValueError("`symptoms` está vazio; diga que sintomas a verificação resolve ou remova-a")
        return self


class Preflight(BaseModel):
    """All checks, by key."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    scope: Scope = Scope()
    checks: dict[str, Check]

    def cure_for(self, symptom: str) -> str | None:
        """The key of the check that can cure a symptom, whoever is hit."""
        return next((key for key, check in self.checks.items() if check.symptoms.found_in(symptom)), None)

    def suits(self, key: str, told: str, who: str | None = None) -> bool | None:
        """Whether a check suits those who are hit; None while that is not told."""
        one = self.scope.is_one(told, who)
        return True if self.checks[key].site and not one and self.scope.site.found_in(told) else one


def load_preflight(directory: Path) -> Preflight:
    """Raises ConfigurationError."""
    return read_yaml(directory / "preflight.yml", Preflight)

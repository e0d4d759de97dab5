"""Products, modules and kinds of request of the company, and how to find them in what people write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from rapidfuzz.distance import DamerauLevenshtein

from bot.answers import option_by_position
from bot.company_data import read_yaml
from bot.text import fold, plain

WHYS = ("who", "what", "where", "when", "why")
TypeName = Literal["report_error", "usability_question", "technical_support", "improvement_request"]
REQUEST_TYPES: tuple[TypeName, ...] = get_args(TypeName)


class RequestType(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    description: str
    aliases: list[str] = []
    whys: list[Literal["who", "what", "where", "when", "why"]] = list(WHYS)


class Module(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    aliases: list[str] = []
    hints: list[str] = []


class Product(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    aliases: list[str] = []
    types: list[TypeName] = Field(min_length=1)
    modules: dict[str, Module] = Field(min_length=1)


@dataclass(frozen=True)
class Mention:
    """A product or module named in a text. `start`, `end` are offsets of the words that name it."""

    product: str
    module: str | None
    start: int
    end: int
    negated: bool


class Catalog(BaseModel):
    """What the company offers. Keys are the names that tickets and the SLA matrix use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    types: dict[TypeName, RequestType]
    products: dict[str, Product] = Field(min_length=1)

    @model_validator(mode="after")
    def _types_are_described(self) -> Self:
        for name, product in self.products.items():
            missing = set(product.types) - set(self.types)
            if missing:
                raise ValueError(f"o produto {name} oferece tipos que não estão em `types`: {sorted(missing)}")
        return self

    def modules(self, product: str) -> dict[str, Module]:
        return self.products[product].modules

    def place_title(self, product: str, module: str | None) -> str:
        """The titles of both, `Product / Module`; what is no longer offered is told by its key."""
        offered = self.products.get(product)
        if offered is None:
            return product
        known = offered.modules.get(module or "")
        return f"{offered.title} / {known.title}" if known else offered.title

    def only_module(self, product: str) -> str | None:
        """The module of a product that has just one: nobody is asked for it."""
        modules = list(self.modules(product))
        return modules[0] if len(modules) == 1 else None

    def option_product(self, text: str) -> str | None:
        """The product that "2" or "a segunda" points at, in the order in which products are offered."""
        place = option_by_position(text, len(self.products))
        return list(self.products)[place] if place is not None else None

    def types_of(self, product: str | None) -> dict[str, RequestType]:
        offered = self.products[product].types if product else list(self.types)
        return {name: self.types[name] for name in offered}

    def mentions(self, text: str) -> list[Mention]:
        """Products and modules named in `text`, by alias, nickname or a small misspelling, in order."""
        folded = fold(text)
        words = [(m.group(), m.start(), m.end()) for m in re.finditer(r"[\w][\w\-]*", folded)]
        found, at = [], 0
        while at < len(words):
            term, length = self._longest_term(words, at)
            if term:
                start, end = words[at][1], words[at + length - 1][2]
                found.append(Mention(term.product, term.module, start, end, _is_negated(folded[:start])))
            at += length if term else 1
        return found

    def place(self, text: str, product: str | None = None) -> tuple[str | None, str | None]:
        """(product, module) that `text` speaks of; None where it does not say. `product` narrows the search.

        The first module named brings its product. A hint counts only when no alias of a module was said.
        """
        mentions = [m for m in self.mentions(text) if not m.negated]
        if product:
            mentions = [m for m in mentions if m.product == product]
        for mention in mentions:
            module = mention.module or self.only_module(mention.product)
            if module:
                return mention.product, module
        if mentions:
            named = mentions[0].product
            return named, self._hinted(text, named)
        return product, self._hinted(text, product) if product else None

    def type_named(self, text: str) -> str | None:
        """The kind of request that a short text names by title or alias."""
        words = plain(text)
        for name, kind in self.types.items():
            if any(_says(words, plain(alias)) for alias in [kind.title, *kind.aliases]):
                return name
        return None

    def _hinted(self, text: str, product: str) -> str | None:
        words = plain(text)
        for name, module in self.modules(product).items():
            if any(_says(words, plain(hint)) for hint in module.hints):
                return name
        return None

    def _longest_term(self, words: list[tuple[str, int, int]], at: int) -> tuple[_Term | None, int]:
        for length in range(min(self._longest_alias, len(words) - at), 0, -1):
            phrase = " ".join(word for word, _, _ in words[at : at + length])
            term = self._terms.get(phrase) or self._misspelt(phrase)
            if term:
                return term, length
        return None, 0

    def _misspelt(self, phrase: str) -> _Term | None:
        """One slip (a letter wrong, missing, doubled or swapped) in a name of six letters or more."""
        if len(phrase) < 6:
            return None
        for alias, term in self._terms.items():
            similar = abs(len(alias) - len(phrase)) <= 1 and len(alias) >= 6 and alias[0] == phrase[0]
            if similar and DamerauLevenshtein.distance(alias, phrase, score_cutoff=1) <= 1:
                return term
        return None

    @cached_property
    def _terms(self) -> dict[str, _Term]:
        return {plain(alias): term for term in self._all_terms() for alias in term.names}

    @cached_property
    def _longest_alias(self) -> int:
        return max(len(alias.split()) for alias in self._terms)

    def _all_terms(self) -> Iterator[_Term]:
        for key, product in self.products.items():
            for name, module in product.modules.items():
                names = module.aliases if name == key else [module.title, name, *module.aliases]
                yield _Term(key, name, tuple(names))
            yield _Term(key, None, (product.title, key, *product.aliases))


@dataclass(frozen=True)
class _Term:
    product: str
    module: str | None
    names: tuple[str, ...]


def _says(words: str, phrase: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", words) is not None


_NEGATION = re.compile(r"\b(?:nao|n|nem)\s+(?:(?:e|era|eh|seria|foi)\s+)?(?:(?:o|a|do|da|no|na|de|em)\s+)?$")


def _is_negated(before: str) -> bool:
    return _NEGATION.search(before) is not None


def load_catalog(directory: Path) -> Catalog:
    """Raises ConfigurationError."""
    return read_yaml(directory / "catalog.yml", Catalog)

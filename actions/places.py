"""Products, modules and telephones in a text, as slots."""

from __future__ import annotations

import phonenumbers

from actions import phrases
from actions.slots import Slots
from bot.catalog import Catalog


def place_in(catalog: Catalog, text: str, product: str | None = None) -> Slots:
    """Product and module, as far as the text names them. `product` narrows the search."""
    found, module = catalog.place(text, product)
    if found and not module:
        module = catalog.only_module(found)
    return {name: value for name, value in (("product", found), ("module", module)) if value}


def contact_in(text: str) -> Slots:
    """A sentence with a telephone number, as it was typed."""
    match = next(iter(phonenumbers.PhoneNumberMatcher(text, "BR")), None)
    if match is None:
        return {}
    sentence = phrases.sentence_around(text, match.start, match.end)
    return {"contact": phrases.without_no_files(sentence)}

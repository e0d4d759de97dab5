"""What a message answers to the open question: a choice in words or by its place, or the words themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from actions import correction_words, fact_words, phrases
from actions.correcting import DIGRESSIONS, asks_aside
from actions.heard import SURE, Heard, Span
from actions.places import contact_in, place_in
from actions.slots import Slots, filled
from bot import answers
from bot.answers import option_by_position
from bot.catalog import REQUEST_TYPES, WHYS, Catalog
from bot.text import has_words, plain

# What stands in a field whose question nobody could answer.
NOT_KNOWN = "não informado"
# "não sei" and no more; "não sei o nome da tela, é a do endereço" tells something.
_LONGEST_UNKNOWN = 5
# How sure a span must be to speak of another field than the one asked for.
SPAN_IN_AN_ANSWER = 0.92
# The same beside a span for the field asked for.
_SPAN_BESIDE_IT = 0.8


class Answering:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def read(self, heard: Heard, slots: Slots) -> Slots:
        """What the message answers to the open question; empty when it does not."""
        asked, text = slots.get("requested_slot"), heard.words
        if not asked or not has_words(text):
            return {}
        if asked in WHYS:
            return self.why(asked, heard, slots)
        reader = {
            "product": self._read_product,
            "module": self._read_module,
            "type": self._read_type,
            "subject": lambda heard, slots: {"subject": heard.words.strip()},
            "article": self._read_article,
            "impact": lambda heard, slots: impact_told(heard.words.strip(), slots),
            "contact": lambda heard, slots: filled({"contact": phrases.without_no_files(heard.words) or None}),
            "attachments": self._read_attachments,
            "email": lambda heard, slots: filled({"email": answers.email_in(heard.words)}),
            "confirm": self._read_confirm,
            "correction": self._read_correction,
        }.get(asked)
        return reader(heard, slots) if reader else {}

    def why(self, asked: str, heard: Heard, slots: Slots) -> Slots:
        """The whole answer, unless it plainly speaks of another why than the one asked for."""
        text = (
            correction_words.corrected(heard.words) if correction_words.takes_back(heard.words) else heard.words.strip()
        )
        if labelled := correction_words.labelled_field(text):
            name, text = labelled
            if name != asked and name in WHYS and not slots.get(name):
                return {name: text}
        if len(text.split()) <= 2 and answers.yes_or_no(text):
            return {}  # "sim" tells nobody, no place and no effect
        if answers.does_not_know(text) and len(text.split()) <= _LONGEST_UNKNOWN:
            known = slots.get("symptom") or slots.get("subject") if asked == "what" else None
            return {asked: known or NOT_KNOWN}
        if asked not in ("when", "what") and asked not in heard.spans and fact_words.tells_when_it_began(text):
            return {"when": text}
        if contact_in(text) and not any(char.isalpha() for char in text):
            return {}  # a bare telephone number is how to be reached, whatever was asked
        others = {k: s for k, s in heard.spans.items() if k != asked and s.confidence >= SPAN_IN_AN_ANSWER}
        if asked not in heard.spans and others and _covers(others.values(), text):
            free = {k: s.value for k, s in others.items() if not slots.get(k)}
            if free:
                return free
        if asked != "what" and asked in heard.spans:
            text = _without_others(text, heard, asked)
        if asked == "when" and self._tells_on(heard, slots):
            return {"what": f"{slots['what'].strip(' .')}. {text}", "answered": "what"}
        if asked == "what" and slots.get("symptom") and plain(slots["symptom"]) not in plain(text):
            text = f"{slots['symptom'].strip(' .')}. {text}"
        return {asked: text}

    def _tells_on(self, heard: Heard, slots: Slots) -> bool:
        """Whoever types in pieces goes on with the symptom where the time was asked for. Once: then it is the answer."""
        words = heard.words
        tells = heard.goal in REQUEST_TYPES or {"what", "why"} & set(heard.spans)
        once = slots.get("what") and slots.get("answered") != "what"
        return bool(tells and once and len(words.split()) >= 3 and not fact_words.speaks_of_time(words))

    def _read_product(self, heard: Heard, slots: Slots) -> Slots:
        place = self._catalog.option_product(heard.words)
        return product_chosen(self._catalog, place) if place else place_in(self._catalog, heard.words)

    def _read_module(self, heard: Heard, slots: Slots) -> Slots:
        modules = list(self._catalog.modules(slots["product"]))
        place = option_by_position(heard.words, len(modules))
        if place is not None:
            return {"module": modules[place]}
        found = place_in(self._catalog, heard.words, slots["product"])
        found = found if found.get("module") else place_in(self._catalog, heard.words)
        whole = slots["product"]  # the module that bears its name is all of it
        if not found.get("module") and whole in modules and (phrases.says_all_of_it(heard.words) or _is_stuck(slots)):
            return {"module": whole}
        return found

    def _read_type(self, heard: Heard, slots: Slots) -> Slots:
        offered = list(self._catalog.types_of(slots.get("product")))
        place = option_by_position(heard.words, len(offered))
        named = offered[place] if place is not None else self._catalog.type_named(heard.words)
        if named is None and heard.goal in REQUEST_TYPES and heard.confidence >= SURE:
            named = heard.goal
        return {"type": named} if named in offered else {}

    def _read_article(self, heard: Heard, slots: Slots) -> Slots:
        if slots.get("check") and phrases.tries_nothing(heard.words):
            return {"article": "skip"}
        if phrases.goes_on(heard.words):
            return {"article": "no"}
        if phrases.is_solved(heard.words):
            return {"article": "yes", "outcome": "deflected"}
        said = answers.yes_or_no(heard.words, heard.goal)
        if said is None or (said and heard.goal in DIGRESSIONS):
            return self._told_on(heard, slots)
        return {"article": "yes", "outcome": "deflected"} if said else {"article": "no"}

    def _told_on(self, heard: Heard, slots: Slots) -> Slots:
        """Whoever goes on telling the problem has not found the answer in an article."""
        if heard.goal not in REQUEST_TYPES or heard.confidence < SURE or len(heard.words.split()) < 4:
            return {}
        return {"article": "no", **({} if slots.get("what") else self.why("what", heard, slots))}

    def _read_attachments(self, heard: Heard, slots: Slots) -> Slots:
        without = plain(heard.words).startswith("sem ") and not heard.words.strip().endswith("?")  # "sem tempo"
        if asks_aside(heard) and not heard.files and not without:
            return {}
        if answers.yes_or_no(heard.words, heard.goal) and not heard.files:
            return {}  # "sim, vou mandar": the file is still to come
        return {"attachments": "given" if heard.files else "none"}

    def _read_confirm(self, heard: Heard, slots: Slots) -> Slots:
        said = answers.yes_or_no(heard.words, heard.goal)
        if said is None:
            return {}
        return {"confirm": "yes", "outcome": "ticket"} if said else {"amending": True}

    def _read_correction(self, heard: Heard, slots: Slots) -> Slots:
        """Which field is wrong, or that none is."""
        named = list(correction_words.named_fields(heard.words))
        if named:
            return reopened(named[0])
        if answers.yes_or_no(heard.words, heard.goal) is not None:
            return reopened("none")
        return {}


def reopened(name: str) -> Slots:
    """A field the person wants to change is empty again, and so asked for; nothing else is lost."""
    if name == "none":
        return {"amending": None, "correction": None, "confirm": "yes", "outcome": "ticket"}
    cleared: Slots = {"amending": None, "correction": None, name: None}
    if name == "product":
        cleared |= {"module": None, "impact_answers": None}
    if name == "what":
        cleared |= {"symptom": None, "opening": None, "impact_answers": None}
    return cleared


def product_chosen(catalog: Catalog, product: str) -> Slots:
    return {"product": product, "module": catalog.only_module(product)}


def _is_stuck(slots: Slots) -> bool:
    """Asked twice in vain: nobody is held up for a module that has no name in the person's words."""
    return (slots.get("attempts") or 0) >= 2


def impact_told(answer: str, slots: Slots) -> Slots:
    """One more answer about the severity. `impact` itself stays open: whether it is asked again is for the desk to say."""
    return {"impact_answers": [*(slots.get("impact_answers") or ()), answer]}


def _without_others(text: str, heard: Heard, asked: str) -> str:
    """The answer without what it tells beside, as a part of its own: "no site, começou há pouco" asked for when."""
    kept = text
    for name, span in heard.spans.items():
        if name not in (asked, "what") and span.confidence >= _SPAN_BESIDE_IT and stands_alone(heard.words, span):
            kept = kept.replace(span.value, "")
    return re.sub(r"^[\s,;.]*(?:e\s+)?|[\s,;]+(?:e\s*)?$", "", re.sub(r"\s*,(?:\s*,)+", ",", kept)) or text


def stands_alone(text: str, span: Span) -> bool:
    """True for a clause of its own: "os operadores, desde ontem". In "quem compra no site" the place is part of who."""
    before, after = text[: span.start].rstrip(" \t"), text[span.end :].lstrip(" \t")
    opens = not before.strip() or before[-1] == "\n" or before[-1] in ",;.:!?-—(" or before.endswith(" e")
    closes = not after.strip() or after[0] == "\n" or after[0] in ",;.:!?-—)" or after.startswith("e ")
    return opens and closes


def _covers(spans: Iterable[Span], text: str) -> bool:
    """True when the spans are nearly all that the text says."""
    said = sum(len(span.value.split()) for span in spans)
    return said >= 0.6 * len(text.split())

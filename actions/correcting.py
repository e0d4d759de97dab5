"""What a message corrects: "na verdade é o …", "o certo é X, não Y", "troca o assunto para …", two fields at once.

A field is replaced, never added to, and by the new value alone: the words that announce it are not part of it.
"""

from __future__ import annotations

import re

from actions import correction_words, fact_words
from actions.heard import BEYOND_DOUBT, SURE, UNMISTAKABLE, Heard
from actions.places import contact_in, place_in
from actions.slots import Slots
from bot import answers
from bot.catalog import WHYS, Catalog
from bot.text import fold, plain

# Goals that are no matter of the draft.
DIGRESSIONS = (
    "track_ticket", "list_tickets", "sla_question", "bot_challenge", "greet", "thanks", "goodbye", "abuse",
    "out_of_scope",
)  # fmt: skip
# Of these, what is about other tickets and never about a field.
_ABOUT_TICKETS = ("track_ticket", "list_tickets")
# Questions answered in free words: there a digression or a correction must be beyond doubt.
OPEN_QUESTIONS = ("subject", *WHYS, "contact")
# "no módulo de relatórios"; with more words it tells a screen or a site besides.
_NAMES_A_MODULE = 5
# Fields of free words, in the order in which an old value is looked for.
_FREE = (*WHYS, "contact", "subject", "symptom")


class Corrections:
    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def read(self, heard: Heard, slots: Slots) -> Slots:
        """New values of what the message corrects; empty when it corrects nothing."""
        asked = slots.get("requested_slot")
        if asked == "confirm" and (_only_agrees(heard) or asks_aside(heard)):
            return {}
        if heard.goal in _ABOUT_TICKETS and heard.confidence >= UNMISTAKABLE:
            return {}  # "aliás, cadê meus chamados?"
        kind = self._kind(heard)
        if not kind and not self._sounds_so(heard, slots):
            return {}
        changed = kind or self._changed(heard, slots)
        known = place_in(self._catalog, heard.words) or self._is_of_kind(heard, slots)
        names_what_is_known = correction_words.takes_back(heard.words) and known
        if not changed and not names_what_is_known:
            return {}
        return {**changed, "amending": None, "correction": None, "attempts": 0}

    def _sounds_so(self, heard: Heard, slots: Slots) -> bool:
        asked = slots.get("requested_slot")
        guessed = heard.goal == "correct_field" and heard.confidence >= SURE and asked not in OPEN_QUESTIONS
        if guessed or asked in ("confirm", "correction") or correction_words.sounds_like_correction(heard.words):
            return True
        labelled = correction_words.labelled_field(heard.words)
        if labelled and labelled[0] != asked and slots.get(labelled[0]):
            return True
        contrast = correction_words.contrast(heard.words) if asked != "impact" else None
        holder = _holder(contrast.old, slots) if contrast else None
        return bool(contrast and holder and not _denied_already(contrast.old, slots[holder]))

    def _kind(self, heard: Heard) -> Slots:
        """Another kind of request: "o tipo é apoio técnico", "é uma dúvida, não um erro"."""
        named, contrast = correction_words.named_fields(heard.words), correction_words.contrast(heard.words)
        between_kinds = contrast and self._catalog.type_named(contrast.old) and self._catalog.type_named(contrast.new)
        only_names_one = correction_words.takes_back(heard.words) and len(heard.words.split()) <= 8 and not contrast
        if not ("type" in named or between_kinds or (only_names_one and _is_a(heard.words))):
            return {}
        kind = self._catalog.type_named(named.get("type") or (contrast.new if contrast else heard.words))
        return {"type": kind} if kind else {}

    def _is_of_kind(self, heard: Heard, slots: Slots) -> bool:
        """ "na verdade isso é uma sugestão" of what is taken for one already."""
        named = self._catalog.type_named(heard.words)
        return len(heard.words.split()) <= 8 and named is not None and named == slots.get("type")

    def _changed(self, heard: Heard, slots: Slots) -> Slots:
        """Fields that the message gives another value than they have."""
        changed = self._moved(heard, slots)
        named = correction_words.named_fields(heard.words)
        changed.update(contact_in(named.get("contact") or heard.words))
        if named.get("contact") and "contact" not in changed:
            changed["contact"] = named["contact"]
        if named.get("subject"):
            changed["subject"] = named["subject"]
        told = self._named(heard, slots, named)
        if not told and not changed:
            told = self._exchanged(heard, slots)
        changed.update(told or self._told_anew(heard, slots, alone=not changed))
        return {**changed, "opening": None} if set(changed) & {*WHYS, "product", "module"} else changed

    def _moved(self, heard: Heard, slots: Slots) -> Slots:
        """Another product or module. Only where that is plain: "você é um robô?" names a product, too."""
        text, asked = heard.words, slots.get("requested_slot")
        moves = correction_words.takes_back(text) or correction_words.contrast(text) or asked == "correction"
        if not (moves or {"product", "module"} & set(correction_words.named_fields(text))):
            return {}
        contrast = correction_words.contrast(text)
        place = place_in(self._catalog, correction_words.right_value(text) or (contrast.new if contrast else text))
        place = place or place_in(self._catalog, text)
        changed = {name: value for name, value in place.items() if value != slots.get(name)}
        if "product" in changed and "module" not in changed:
            changed["module"] = self._catalog.only_module(changed["product"])
        if "module" in changed and slots.get("product") and "product" not in place:
            changed.pop("module")
        if not changed:
            return {}
        return {**changed, **self._moved_with(slots, changed), "impact_answers": None}

    def _moved_with(self, slots: Slots, changed: Slots) -> Slots:
        """A place that only names the product or module of before."""
        told = slots.get("where")
        if not told or len(told.split()) > _NAMES_A_MODULE or not place_in(self._catalog, told):
            return {}
        return {"where": self._catalog.place_title(changed.get("product") or slots["product"], changed.get("module"))}

    def _exchanged(self, heard: Heard, slots: Slots) -> Slots:
        """ "o certo é X, não Y": X in the place of Y, in the field that holds Y or, where none does, in the last one told."""
        contrast = correction_words.contrast(heard.words)
        if contrast is None:
            return {}
        holder = _holder(contrast.old, slots)
        if holder:
            return {holder: _with_new(slots[holder], contrast)}
        last = slots.get("answered")
        if last in _FREE and correction_words.takes_back(heard.words) and not self._speaks_of_place(contrast.new):
            return {last: contrast.new}
        return {}

    def _named(self, heard: Heard, slots: Slots, named: dict[str, str | None]) -> Slots:
        """Whys corrected by name, with the words found for them, or else those that follow the name."""
        told: Slots = {}
        for name in WHYS:
            span = heard.span_of.get(name)
            if span and name in named and slots.get(name):
                told[name] = span.value
            elif (value := named.get(name)) and not (name != "where" and place_in(self._catalog, value)):
                told[name] = correction_words.corrected(value)
        return told

    def _told_anew(self, heard: Heard, slots: Slots, *, alone: bool) -> Slots:
        """A why said anew without its name: "são só os supervisores", "começou foi na quarta"."""
        if alone and correction_words.takes_back(heard.words):
            value = correction_words.corrected(heard.words)
            field = fact_words.field_by_form(value)
            if field and slots.get(field):
                return {field: value}
        if alone and slots.get("who") and (those := correction_words.only_those(heard.words)):
            return {"who": those}
        if len(heard.spans) != 1:
            return {}
        return {
            name: span.value
            for name, span in heard.span_of.items()
            if name in WHYS and slots.get(name) and not self._speaks_of_place(span.value)
        }

    def _speaks_of_place(self, words: str) -> bool:
        """ "o produto é o …" is about the product, whatever why it was taken for."""
        return bool({"product", "module"} & set(correction_words.named_fields(words)) or place_in(self._catalog, words))


_IS_A = re.compile(r"\b(?:e|eh|era|seria)\s+(?:mais\s+)?(?:so\s+)?(?:uma?|de)\b")


def _is_a(words: str) -> bool:
    """ "na verdade isso é uma sugestão": says what kind of thing something is."""
    return _IS_A.search(plain(words)) is not None


def _holder(old: str, slots: Slots) -> str | None:
    """The field of free words that holds `old`, the one told last first."""
    last = slots.get("answered")
    fields = [last, *_FREE] if last in _FREE else [*_FREE]
    return next((name for name in fields if slots.get(name) and _place_of(old, slots[name])), None)


def _denied_already(old: str, value: str) -> bool:
    """ "não grava o cadastro", told again of "o sistema não grava o cadastro", takes nothing back."""
    return re.search(rf"\b(?:nao|n)\s+{re.escape(fold(old))}", fold(value)) is not None


def _place_of(old: str, value: str) -> tuple[int, int] | None:
    """Offsets of `old` in `value`, with or without its preposition or article."""
    for words in (old, correction_words.without_article(old)):
        # "na quarta" is all of "na quarta-feira"
        match = re.search(rf"(?<!\w){re.escape(fold(words))}(?:-\w+)*(?!\w)", fold(value)) if words else None
        if match:
            return match.span()
    return None


def _with_new(value: str, contrast: correction_words.Contrast) -> str:
    """`value` with the new words for the old ones; the new words alone where the old ones were most of it."""
    place = _place_of(contrast.old, value)
    if place is None or len(contrast.old.split()) > len(value.split()) / 2:
        return contrast.new
    whole = plain(value[place[0] : place[1]]) == plain(contrast.old)
    new = contrast.new if whole else correction_words.without_article(contrast.new)
    return f"{value[: place[0]]}{new}{value[place[1] :]}"


def asks_aside(heard: Heard) -> bool:
    """A question or a word beside the matter, that corrects nothing."""
    aside = heard.goal in DIGRESSIONS and heard.confidence >= BEYOND_DOUBT
    return aside and not correction_words.sounds_like_correction(heard.words)


def _only_agrees(heard: Heard) -> bool:
    """ "agora está certo": a yes that names no field and changes none."""
    agrees = answers.yes_or_no(heard.words, heard.goal) is True
    return (
        agrees
        and not correction_words.sounds_like_correction(heard.words)
        and not correction_words.named_fields(heard.words)
    )

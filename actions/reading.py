"""Reads one message against what is known: which fields it fills, corrects or leaves to a rule.

Pure. The order matters and is the policy of the conversation:
a button says exactly what it means; leaving and a human come before anything else; then a correction;
then the answer to the question that is open; then whatever else the message tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from actions import phrases
from actions.correcting import DIGRESSIONS, OPEN_QUESTIONS, Corrections, asks_aside
from actions.heard import BEYOND_DOUBT, SPAN, SURE, Heard, Span
from actions.places import contact_in, place_in
from actions.slots import Slots, emptied
from bot import answers
from bot.answers import option_by_position
from bot.catalog import REQUEST_TYPES, WHYS, Catalog
from bot.text import has_words, plain

SMALL_TALK = ("greet", "thanks", "goodbye", "abuse", "out_of_scope", "bot_challenge")
# Goal → what is confirmed before it happens.
LEAVING = {"cancel": "cancel", "start_over": "restart"}
_MOST_OPTIONS = 12
_SPAN_IN_AN_ANSWER = 0.92
_SPAN_BESIDE = 0.85


@dataclass(frozen=True)
class Reading:
    """`updates` are new slot values. A digression fills nothing: a rule answers it."""

    updates: Slots = field(default_factory=dict)
    digression: bool = False
    curse: bool = False
    """A curse that was not recognised as one for sure: it is answered like one, and the question asked again."""

    @classmethod
    def digress(cls) -> Reading:
        return cls(digression=True)


class Reader:
    """`ticket_prefix` tells ticket numbers from other numbers."""

    def __init__(self, catalog: Catalog, ticket_prefix: str) -> None:
        self._catalog, self._prefix = catalog, ticket_prefix
        self._corrections = Corrections(catalog)

    def opening(self, heard: Heard) -> Slots:
        """What the message that starts an intake already tells."""
        text = heard.words
        updates: Slots = {"attempts": 0}
        kind = heard.goal if heard.goal in REQUEST_TYPES else self._catalog.type_named(text)
        if heard.command in REQUEST_TYPES:
            kind = heard.command
        updates.update(self._place(text, None), type=kind, **contact_in(text))
        updates.update(self._whys_of_opening(heard, kind), **_no_files(text), email=answers.email_in(text))
        updates.update(_gaps(text, updates))
        if kind and not phrases.only_wants_a_ticket(text):
            updates["opening"] = text
        return _filled({**updates, **self._files(heard, {})})

    def read(self, heard: Heard, slots: Slots) -> Reading:
        """One message in the middle of an intake; `slots["requested_slot"]` is the open question."""
        if slots.get("requested_slot") == "resume":
            return Reading(self._resumed(heard, slots))
        if heard.command:
            return self._command(heard, slots)
        leaving = self._leaving(heard, slots)
        if leaving:
            return Reading(leaving)
        if heard.goal == "sla_question" and phrases.supposition(heard.words):
            return Reading.digress()
        correction = self._corrections.read(heard, slots)
        if correction:
            return Reading(correction)
        if self._digresses(heard, slots):
            return Reading.digress()
        if slots.get("requested_slot") in OPEN_QUESTIONS and phrases.only_curses(heard.words):
            return Reading({"attempts": slots.get("attempts") or 0}, curse=True)
        answer = self._answer(heard, slots)
        harvest = self._harvest(heard, {**slots, **answer})
        updates = {**harvest, **answer, **self._files(heard, slots)}
        if slots.get("requested_slot") in answer:
            updates["answered"] = slots["requested_slot"]
        return Reading({**updates, "attempts": 0} if updates else _not_understood(slots))

    # --- commands -----------------------------------------------------------------------------------------------

    def _command(self, heard: Heard, slots: Slots) -> Reading:
        if heard.command == "choose":
            return Reading({**self._chosen(heard.command_values, slots), "attempts": 0})
        if heard.command == "send_attachment":
            return Reading({**self._files(heard, slots), "attempts": 0})
        if heard.command == "cancel":
            return Reading({"leaving": "cancel", "attempts": 0})
        if heard.command == "talk_to_human":
            return Reading({"outcome": "handoff"})
        if heard.command in DIGRESSIONS:
            return Reading.digress()
        return Reading(_not_understood(slots))

    def _chosen(self, values: dict[str, str], slots: Slots) -> Slots:
        field, value = values.get("field", ""), values.get("value", "")
        if field == "product":
            return self._product(value)
        if field == "confirm":
            return {"confirm": "yes", "outcome": "ticket"} if value == "yes" else {"amending": True}
        if field == "article":
            return {"article": value, **({"outcome": "deflected"} if value == "yes" else {})}
        if field == "cancel_confirm":
            return _left("cancelled") if value == "yes" else _stays()
        if field == "restart_confirm":
            return _left("restarted") if value == "yes" else _stays()
        if field == "correction":
            return self._reopened(value)
        if field == "impact":
            return _impact(value, slots)
        if field in ("module", "type", "contact", "attachments", *WHYS):
            return {field: value}
        return {}

    def _reopened(self, name: str) -> Slots:
        """A field the person wants to change is empty again, and so asked for; nothing else is lost."""
        if name == "none":
            return {"amending": None, "correction": None, "confirm": "yes", "outcome": "ticket"}
        cleared: Slots = {"amending": None, "correction": None, name: None}
        if name == "product":
            cleared |= {"module": None, "impact_answers": None}
        if name == "what":
            cleared |= {"symptom": None, "opening": None, "impact_answers": None}
        return cleared

    # --- after a long silence ---------------------------------------------------------------------------------------

    def begins_anew(self, heard: Heard, slots: Slots) -> bool:
        """True for a message that, long after the last one, does not go on with the draft that was left."""
        told = slots.get("symptom") or slots.get("what") or slots.get("subject")
        if not told or heard.command or heard.confidence < SURE:
            return False
        elsewhere = any(slots.get(name) != value for name, value in self._place(heard.words, None).items())
        return heard.goal in ("greet", "open_ticket") or (heard.goal in REQUEST_TYPES and elsewhere)

    def _resumed(self, heard: Heard, slots: Slots) -> Slots:
        values = heard.command_values if heard.command == "choose" else {}
        if heard.goal == "talk_to_human" or heard.command == "talk_to_human":
            return {"outcome": "handoff"}
        said = (
            values["value"] == "yes" if values.get("field") == "resume" else answers.yes_or_no(heard.words, heard.goal)
        )
        if said is None:
            return _not_understood(slots)
        if said:
            return {"resume_with": None, "attempts": 0}
        stored = slots["resume_with"]
        spans = {name: Span(**span) for name, span in stored["spans"].items()}
        first = Heard(stored["text"], stored["goal"], stored["confidence"], spans)
        return {**emptied(), "draft_id": uuid4().hex, **self.opening(first)}

    # --- leaving ------------------------------------------------------------------------------------------------

    def _leaving(self, heard: Heard, slots: Slots) -> Slots:
        asked = slots.get("requested_slot")
        if asked in ("cancel_confirm", "restart_confirm"):
            return self._leaving_confirmed(heard, asked)
        if asked not in OPEN_QUESTIONS:
            if option_by_position(heard.words, _MOST_OPTIONS) is not None:
                return {}  # "a primeira" points at an option, whatever else it sounds like
            if phrases.calls_a_person(heard.words):
                return {"outcome": "handoff"}
        doubtful = asked in OPEN_QUESTIONS and len(heard.words.split()) > 12
        if doubtful or heard.confidence < (BEYOND_DOUBT if asked in OPEN_QUESTIONS else SURE):
            return {}
        if heard.goal == "talk_to_human" and not phrases.names_a_legal_person(heard.words):
            return {"outcome": "handoff"}
        if heard.goal in LEAVING:
            return {"leaving": LEAVING[heard.goal], "attempts": 0}
        return {}

    def _leaving_confirmed(self, heard: Heard, asked: str) -> Slots:
        if heard.goal == "talk_to_human" and heard.confidence >= SURE:
            return {"outcome": "handoff"}
        said = answers.yes_or_no(heard.words, "affirm" if heard.goal in LEAVING else heard.goal)
        if said is None:
            return {}
        return _left("cancelled" if asked == "cancel_confirm" else "restarted") if said else _stays()

    # --- digressions --------------------------------------------------------------------------------------------

    def _digresses(self, heard: Heard, slots: Slots) -> bool:
        asked = slots.get("requested_slot")
        if heard.goal not in DIGRESSIONS:
            return False
        if asked == "impact":  # any words may answer it
            asks = heard.words.strip().endswith("?")
            return heard.confidence >= (SURE if asks else BEYOND_DOUBT)
        if asked not in OPEN_QUESTIONS:
            return heard.confidence >= SURE and not self._answer(heard, slots)
        if heard.goal == "abuse" and len(heard.words.split()) <= 6:
            return heard.confidence >= BEYOND_DOUBT
        if heard.goal in SMALL_TALK:
            short = len(heard.words.split()) <= 3 or heard.words.strip().endswith("?")
            return heard.confidence >= BEYOND_DOUBT and short and not heard.spans
        names_ticket = answers.ticket_number_in(heard.words, self._prefix) is not None
        if names_ticket or heard.words.strip().endswith("?"):
            return heard.confidence >= SURE
        return heard.confidence >= BEYOND_DOUBT and len(heard.words.split()) <= 8

    # --- the open question --------------------------------------------------------------------------------------

    def _answer(self, heard: Heard, slots: Slots) -> Slots:
        """What the message answers to the open question; empty when it does not."""
        asked, text = slots.get("requested_slot"), heard.words
        if not asked or not has_words(text):
            return {}
        if asked in WHYS:
            return self._why(asked, heard, slots)
        reader = {
            "product": self._read_product,
            "module": self._read_module,
            "type": self._read_type,
            "subject": lambda heard, slots: {"subject": heard.words.strip()},
            "article": self._read_article,
            "impact": lambda heard, slots: _impact(heard.words.strip(), slots),
            "contact": lambda heard, slots: _filled({"contact": phrases.without_no_files(heard.words) or None}),
            "attachments": self._read_attachments,
            "email": lambda heard, slots: _filled({"email": answers.email_in(heard.words)}),
            "confirm": self._read_confirm,
            "correction": self._read_correction,
        }.get(asked)
        return reader(heard, slots) if reader else {}

    def _why(self, asked: str, heard: Heard, slots: Slots) -> Slots:
        """The whole answer, unless it plainly speaks of another why than the one asked for."""
        text = phrases.corrected(heard.words) if phrases.takes_back(heard.words) else heard.words.strip()
        if len(text.split()) <= 2 and answers.yes_or_no(text):
            return {}  # "sim" tells nobody, no place and no effect
        others = {k: s for k, s in heard.spans.items() if k != asked and s.confidence >= _SPAN_IN_AN_ANSWER}
        if asked not in heard.spans and others and _covers(others.values(), text):
            free = {k: s.value for k, s in others.items() if not slots.get(k)}
            if free:
                return free
        if asked == "what" and slots.get("symptom") and plain(slots["symptom"]) not in plain(text):
            text = f"{slots['symptom'].strip(' .')}. {text}"
        return {asked: text}

    def _read_product(self, heard: Heard, slots: Slots) -> Slots:
        place = self._catalog.option_product(heard.words)
        return self._product(place) if place else self._place(heard.words, None)

    def _read_module(self, heard: Heard, slots: Slots) -> Slots:
        modules = list(self._catalog.modules(slots["product"]))
        place = option_by_position(heard.words, len(modules))
        if place is not None:
            return {"module": modules[place]}
        found = self._place(heard.words, slots["product"])
        return found if found.get("module") else self._place(heard.words, None)

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
        said = answers.yes_or_no(heard.words, heard.goal)
        if said is None or (said and heard.goal in DIGRESSIONS):
            return self._told_on(heard, slots)
        return {"article": "yes", "outcome": "deflected"} if said else {"article": "no"}

    def _told_on(self, heard: Heard, slots: Slots) -> Slots:
        """Whoever goes on telling the problem has not found the answer in an article."""
        if heard.goal not in REQUEST_TYPES or heard.confidence < SURE or len(heard.words.split()) < 4:
            return {}
        return {"article": "no", **({} if slots.get("what") else self._why("what", heard, slots))}

    def _read_attachments(self, heard: Heard, slots: Slots) -> Slots:
        if asks_aside(heard) and not heard.files:
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
        named = list(phrases.named_fields(heard.words))
        if named:
            return self._reopened(named[0])
        if answers.yes_or_no(heard.words, heard.goal) is not None:
            return self._reopened("none")
        return {}

    # --- everything else the message tells ----------------------------------------------------------------------

    def _harvest(self, heard: Heard, slots: Slots) -> Slots:
        """Facts beside the answer, for fields that are still empty. A title is not searched for whys."""
        text = heard.words
        found: Slots = {}
        if not slots.get("product"):
            found.update(self._place(text, None))
        elif not slots.get("module"):
            found.update({k: v for k, v in self._place(text, slots["product"]).items() if k == "module"})
        asked = slots.get("requested_slot")
        if asked != "subject":
            found.update(self._whys_beside(heard, slots))
        if asked in ("product", "module", "type") and not (slots.get("symptom") or slots.get("what")):
            found.update(_symptom(heard))
        if not slots.get("contact"):
            found.update(contact_in(text))
        if not slots.get("email"):
            found["email"] = answers.email_in(text)
        if not slots.get("attachments"):
            found.update(_no_files(text))
        return _filled(found)

    def _whys_beside(self, heard: Heard, slots: Slots) -> Slots:
        """Whys told beside the answer. In an answer of free words only what surely is none of its own."""
        text, asked = heard.words, slots.get("requested_slot")
        least = _SPAN_IN_AN_ANSWER if asked in OPEN_QUESTIONS else _SPAN_BESIDE
        found: Slots = {}
        for name, span in heard.spans.items():
            told = name != "what" and not slots.get(name)
            only_a_module = name == "where" and asked not in OPEN_QUESTIONS and self._catalog.mentions(span.value)
            if told and not only_a_module and span.confidence >= least and _stands_alone(text, span):
                found[name] = span.value
        return found

    def _whys_of_opening(self, heard: Heard, kind: str | None) -> Slots:
        """All whys of the first message. One that tells little names them roughly: those are asked for in detail.

        A question or a wish is told by the whole sentence; so is an error whose symptom was not made out.
        """
        what = heard.spans.get("what")
        made_out = what is not None and what.confidence >= SPAN
        if heard.goal in REQUEST_TYPES and not made_out and not phrases.only_wants_a_ticket(heard.words):
            told = "what" if kind != "report_error" and len(heard.words.split()) >= 5 else "symptom"
            return {**self._other_whys(heard), told: heard.words.strip()}
        sure = {name: span for name, span in heard.spans.items() if name in WHYS and span.confidence >= SPAN}
        whys: Slots = {name: span.value for name, span in sure.items()}
        if "what" in whys and phrases.wants_a_ticket(whys["what"]):
            whys.pop("what")  # "preciso registrar um erro" is a wish, no symptom
        if "what" in whys:
            whys["what"] = _with_quotes(heard.words, _with_nobody(heard.words, sure), sure)
        if len(whys) >= 3:
            return whys
        if "what" in whys and len(whys["what"].split()) < 9:
            whys["symptom"] = whys.pop("what")
        if "where" in whys and self._catalog.mentions(whys["where"]):
            whys.pop("where")  # "na campanha" only names the module; which one, which screen is still to be told
        return whys

    def _other_whys(self, heard: Heard) -> Slots:
        return {name: s.value for name, s in heard.spans.items() if name in WHYS and s.confidence >= SPAN}

    def _place(self, text: str, product: str | None) -> Slots:
        return place_in(self._catalog, text, product)

    def _product(self, product: str) -> Slots:
        return {"product": product, "module": self._catalog.only_module(product)}

    def _files(self, heard: Heard, slots: Slots) -> Slots:
        if not heard.files:
            return {}
        known = list(slots.get("files") or [])
        return {"files": known + [id for id in heard.files if id not in known], "attachments": "given"}


def _gaps(text: str, told: Slots) -> Slots:
    """Whys that were not made out although plain words tell them; place and effect only of a message that tells the rest."""
    found: Slots = {"who": phrases.who_in(text)} if not told.get("who") else {}
    if sum(bool({**told, **found}.get(why)) for why in WHYS) >= 3:
        found |= {name: read(text) for name, read in _PLAINLY.items() if not told.get(name)}
    return found


_PLAINLY = {"where": phrases.where_in, "why": phrases.effect_in}


def _symptom(heard: Heard) -> Slots:
    """A problem told where something else was asked, as far as it goes."""
    what = heard.spans.get("what")
    if what and what.confidence >= _SPAN_BESIDE and not phrases.wants_a_ticket(what.value):
        return {"symptom": what.value}
    told = heard.goal in REQUEST_TYPES and heard.confidence >= SURE and len(heard.words.split()) >= 5
    return {"symptom": heard.words.strip()} if told and not phrases.only_wants_a_ticket(heard.words) else {}


def _impact(answer: str, slots: Slots) -> Slots:
    """One more answer about the severity. `impact` itself stays open: whether it is asked again is for the desk to say."""
    return {"impact_answers": [*(slots.get("impact_answers") or ()), answer]}


def _left(outcome: str) -> Slots:
    return {"outcome": outcome}


def _stays() -> Slots:
    return {"leaving": None, "cancel_confirm": None, "restart_confirm": None, "attempts": 0}


def _filled(values: Slots) -> Slots:
    return {name: value for name, value in values.items() if value is not None}


_NOBODY = re.compile(r"^(?:ninguem|ngm|nenhum|nenhuma|nem)\b")


def _with_nobody(text: str, spans: dict[str, Span]) -> str:
    """The symptom; "ninguém" before it belongs to it too, or "consegue entrar" would say the opposite."""
    who, what = spans.get("who"), spans["what"]
    if who and _NOBODY.match(plain(who.value)) and who.end <= what.start <= who.end + 2:
        return text[who.start : what.end]
    return what.value


_QUOTED = re.compile(r"[\"“](?P<words>[^\"“”\n]{3,120})[\"”]")


def _with_quotes(text: str, what: str, spans: dict[str, Span]) -> str:
    """The symptom and the message that the screen shows, which often stands outside of its words."""
    shown = [
        m for m in _QUOTED.finditer(text) if not any(s.start <= m.start() and m.end() <= s.end for s in spans.values())
    ]
    return what + "".join(f' ("{match["words"]}")' for match in shown)


def _stands_alone(text: str, span: Span) -> bool:
    """True for a clause of its own: "os operadores, desde ontem". In "quem compra no site" the place is part of who."""
    before, after = text[: span.start].rstrip(" \t"), text[span.end :].lstrip(" \t")
    opens = not before.strip() or before[-1] == "\n" or before[-1] in ",;.:!?-—(" or before.endswith(" e")
    closes = not after.strip() or after[0] == "\n" or after[0] in ",;.:!?-—)" or after.startswith("e ")
    return opens and closes


def _covers(spans: Iterable[Span], text: str) -> bool:
    """True when the spans are nearly all that the text says."""
    said = sum(len(span.value.split()) for span in spans)
    return said >= 0.7 * len(text.split())


def _no_files(text: str) -> Slots:
    return {"attachments": "none"} if phrases.says_no_files(text) else {}


def _not_understood(slots: Slots) -> Slots:
    """Counts the question that was open; from the third time on the wording no longer changes with the count."""
    return {"attempts": min((slots.get("attempts") or 0) + 1, 2)}

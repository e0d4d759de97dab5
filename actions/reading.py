"""Reads one message against what is known: which fields it fills, corrects or leaves to a rule.

Pure. The order matters and is the policy of the conversation:
a button says exactly what it means; leaving and a human come before anything else; then a correction;
then the answer to the question that is open; then whatever else the message tells.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from actions import phrases
from actions.answering import Answering, impact_told, product_chosen, reopened
from actions.correcting import DIGRESSIONS, OPEN_QUESTIONS, Corrections
from actions.heard import BEYOND_DOUBT, SURE, UNMISTAKABLE, Heard, Span
from actions.places import place_in
from actions.slots import Slots, emptied
from actions.telling import Facts, files_of
from bot import answers
from bot.answers import option_by_position
from bot.catalog import REQUEST_TYPES, WHYS, Catalog

SMALL_TALK = ("greet", "thanks", "goodbye", "abuse", "out_of_scope", "bot_challenge")
# Goal → what is confirmed before it happens.
LEAVING = {"cancel": "cancel", "start_over": "restart"}
_MOST_OPTIONS = 12
_FACTS = ("who", "where", "when", "why", "contact")
# Questions to which a no is an answer like any other.
_ANSWERED_NO = ("attachments", "article", "confirm")


@dataclass(frozen=True)
class Reading:
    """`updates` are new slot values. A digression fills nothing: a rule answers it."""

    updates: Slots = field(default_factory=dict)
    digression: bool = False
    aside: str | None = None
    """A response of the domain to say before the open question is asked again."""

    @classmethod
    def digress(cls) -> Reading:
        return cls(digression=True)


class Reader:
    """`ticket_prefix` tells ticket numbers from other numbers."""

    def __init__(self, catalog: Catalog, ticket_prefix: str) -> None:
        self._catalog, self._prefix = catalog, ticket_prefix
        self._corrections, self._answers, self._facts = Corrections(catalog), Answering(catalog), Facts(catalog)

    def opening(self, heard: Heard) -> Slots:
        return self._facts.of_opening(heard)

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
        if aside := _about_the_question(heard):
            return Reading({"attempts": slots.get("attempts") or 0}, aside=aside)
        correction = self._corrections.read(heard, slots)
        if correction:
            return Reading(correction)
        if self._digresses(heard, slots):
            return Reading.digress()
        if slots.get("requested_slot") in OPEN_QUESTIONS and phrases.only_curses(heard.words):
            return Reading({"attempts": slots.get("attempts") or 0}, aside="utter_abuse_midway")
        if _asks_back(heard, slots):
            return Reading({"attempts": slots.get("attempts") or 0}, aside="utter_question_midway")
        answer = self._answers.read(heard, slots)
        harvest = self._facts.beside(heard, {**slots, **answer})
        updates = {**harvest, **answer, **files_of(heard, slots)}
        if slots.get("requested_slot") in answer:
            updates["answered"] = slots["requested_slot"]
        return Reading({**updates, "attempts": 0} if updates else _not_understood(slots))

    # --- commands -----------------------------------------------------------------------------------------------

    def _command(self, heard: Heard, slots: Slots) -> Reading:
        if heard.command == "choose":
            return Reading({**self._chosen(heard.command_values, slots), "attempts": 0})
        if heard.command == "send_attachment":
            return Reading({**files_of(heard, slots), "attempts": 0})
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
            return product_chosen(self._catalog, value)
        if field == "confirm":
            return {"confirm": "yes", "outcome": "ticket"} if value == "yes" else {"amending": True}
        if field == "article":
            return {"article": value, **({"outcome": "deflected"} if value == "yes" else {})}
        if field == "cancel_confirm":
            return _left("cancelled") if value == "yes" else _stays()
        if field == "restart_confirm":
            return _left("restarted") if value == "yes" else _stays()
        if field == "correction":
            return reopened(value)
        if field == "impact":
            return impact_told(value, slots)
        if field in ("module", "type", "contact", "attachments", *WHYS):
            return {field: value}
        return {}

    # --- after a long silence ---------------------------------------------------------------------------------------

    def begins_anew(self, heard: Heard, slots: Slots) -> bool:
        """True for a message that, long after the last one, does not go on with the draft that was left."""
        told = slots.get("symptom") or slots.get("what") or slots.get("subject")
        if not told or heard.command or heard.confidence < SURE:
            return False
        elsewhere = any(slots.get(name) != value for name, value in place_in(self._catalog, heard.words).items())
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
        is_long = asked in OPEN_QUESTIONS and len(heard.words.split()) > 12
        if heard.confidence < (UNMISTAKABLE if is_long else BEYOND_DOUBT if asked in OPEN_QUESTIONS else SURE):
            return {}
        if heard.goal == "talk_to_human" and not phrases.names_a_legal_person(heard.words):
            return {"outcome": "handoff"}
        if heard.goal in LEAVING and not (asked in _ANSWERED_NO and phrases.only_declines(heard.words)):
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
            if heard.words.strip().endswith("?") and heard.confidence >= BEYOND_DOUBT:
                return True  # "você é um robô?" names a product, and does not choose it
            return heard.confidence >= SURE and not self._answers.read(heard, slots)
        if heard.goal == "abuse" and len(heard.words.split()) <= 6:
            return heard.confidence >= BEYOND_DOUBT
        if heard.goal in SMALL_TALK:
            short = len(heard.words.split()) <= 3 or heard.words.strip().endswith("?")
            return heard.confidence >= BEYOND_DOUBT and short and not heard.spans
        names_ticket = answers.ticket_number_in(heard.words, self._prefix) is not None
        if names_ticket or heard.words.strip().endswith("?"):
            return heard.confidence >= SURE
        is_short = len(heard.words.split()) <= 8
        return heard.confidence >= (BEYOND_DOUBT if is_short else UNMISTAKABLE)


def _asks_back(heard: Heard, slots: Slots) -> bool:
    """A question where a fact was asked for: nothing that it says is the answer."""
    asked = slots.get("requested_slot")
    asks = phrases.asks_back(heard.words) or (heard.goal in SMALL_TALK and heard.words.strip().endswith("?"))
    return asked in _FACTS and asks and asked not in heard.span_of


def _about_the_question(heard: Heard) -> str | None:
    """What answers a question about the open question: why it is asked, what if one does not know."""
    if phrases.asks_why_it_is_asked(heard.words):
        return "utter_why_it_is_asked"
    return "utter_if_not_known" if phrases.supposes_not_to_know(heard.words) else None


def _left(outcome: str) -> Slots:
    return {"outcome": outcome}


def _stays() -> Slots:
    return {"leaving": None, "cancel_confirm": None, "restart_confirm": None, "attempts": 0}


def _not_understood(slots: Slots) -> Slots:
    """Counts the question that was open; from the third time on the wording no longer changes with the count."""
    return {"attempts": min((slots.get("attempts") or 0) + 1, 2)}

"""The ticket form: reads each message, decides what is still to be asked, and asks it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace
from uuid import uuid4

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import phrases
from actions.beside import Beside
from actions.context import (
    Services,
    choice,
    file_names,
    heard,
    just_said,
    just_showed_articles,
    requester,
    silence_before,
)
from actions.forms import ReadingForm
from actions.heard import Heard
from actions.reading import Reading
from actions.remedies import problem_of
from actions.slots import Slots, draft_from
from bot.catalog import REQUEST_TYPES, WHYS
from bot.request_type import request_type
from bot.sla.wording import deadline, span
from bot.tickets.desk import subject_from
from bot.tickets.draft import TicketDraft
from bot.tickets.presentation import LABELS

# Longer ones do not fit a button.
_LONGEST_TITLE = 40
# From here on the likeliest row tells the module, too.
_SURE_ROW = 0.8


class ValidateTicketForm(ReadingForm):
    """Reads the message once, then names the next question."""

    def __init__(self, services: Services) -> None:
        self._services, self._remedies, self._beside = services, services.remedies, Beside(services)

    def name(self) -> str:
        return "validate_ticket_form"

    async def read(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        message_id = tracker.latest_message.get("message_id")
        if tracker.slots.get("read_message") == message_id:
            return {}  # at its start the form asks twice about one message
        reading = self._read(tracker)
        if reading.digression:
            return {}
        await self._beside.answer(dispatcher, tracker)
        if reading.aside:
            dispatcher.utter_message(response=reading.aside)
        updates = dict(reading.updates)
        if names := file_names(tracker):
            dispatcher.utter_message(response="utter_files_received", names=", ".join(names))
        updates["read_message"] = message_id
        if phrases.means_the_same(updates.get("contact") or ""):
            updates["contact"] = await self._last_contact(tracker) or updates["contact"]
        if (check := tracker.slots.get("check")) and updates.get("article"):
            updates |= self._remedies.made(check, updates["article"])
        return updates | await asyncio.to_thread(self._first_aid, {**tracker.slots, **updates}, "draft_id" in updates)

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        return await asyncio.to_thread(self._questions, tracker.slots, requester(tracker).address)

    def _read(self, tracker: Tracker) -> Reading:
        """What the message says, in the light of what is known."""
        reader, message = self._services.reader, heard(tracker)
        if not tracker.slots.get("draft_id"):
            return Reading({"draft_id": uuid4().hex, **reader.opening(self._with_kind(_meant(message)))})
        if silence_before(tracker) >= self._services.resume_after and reader.begins_anew(message, tracker.slots):
            return Reading({"resume_with": asdict(self._with_kind(message)), "attempts": 0})
        told_late = tracker.slots.get("requested_slot") in ("product", "module", "type")
        return reader.read(self._with_kind(message) if told_late else message, tracker.slots)

    async def _last_contact(self, tracker: Tracker) -> str | None:
        return await asyncio.to_thread(self._services.tickets.latest_contact, requester(tracker))

    def _with_kind(self, message: Heard) -> Heard:
        if message.goal not in REQUEST_TYPES:
            return message
        kind = request_type(message.goal, message.ranking, self._services.desk.incident(message.words))
        return replace(message, goal=kind or message.goal)

    def _questions(self, slots: Slots, address: str | None) -> list[str]:
        """Every field that must be filled now, in the order in which it is asked."""
        if slots.get("outcome"):
            return []
        if slots.get("resume_with"):
            return ["resume"]
        if slots.get("leaving"):
            return [f"{slots['leaving']}_confirm"]
        if slots.get("amending"):
            return ["correction"]
        return self._fields(slots, address)

    def _fields(self, slots: Slots, address: str | None) -> list[str]:
        """The draft's own fields: what it takes to file it."""
        product = slots.get("product")
        questions = ["product"]
        if product and len(self._services.data.catalog.modules(product)) > 1:
            questions.append("module")
        questions.append("type")
        if not (slots.get("symptom") or slots.get("what")):
            questions.append("subject")
        if slots.get("articles_offered") or slots.get("check"):
            questions.append("article")
        questions += self._whys_left(slots)
        if not _missing(questions, slots) and self._severity_is_open(draft_from(slots)):
            questions.append("impact")
        questions += ["contact", "attachments"]
        if not address:
            questions.append("email")
        return [*questions, "confirm"]

    def _whys_left(self, slots: Slots) -> list[str]:
        """In a fire nobody is held up for the place alone: the module tells most of it."""
        whys = self._whys(slots)
        only_place = [why for why in whys if slots.get(why) is None] == ["where"]
        return [why for why in whys if why != "where"] if only_place and self._remedies.is_fire(slots) else whys

    def _whys(self, slots: Slots) -> list[str]:
        """Those that the kind of request needs, the symptom first and in any case."""
        if not slots.get("type"):
            return []
        needed = self._services.data.catalog.types[slots["type"]].whys
        return ["what", *(why for why in WHYS if why in needed and why != "what")]

    def _severity_is_open(self, draft: TicketDraft) -> bool:
        assessed = self._services.desk.assess(draft)
        return assessed is not None and assessed.question is not None

    def _first_aid(self, slots: Slots, begins: bool) -> Slots:
        """What the message leads to beside its own facts: articles or a check to try, or haste."""
        burning = self._remedies.burning(slots)
        if burning:
            return self._hurry(slots, burning, begins)
        return {} if self._wants_only_a_ticket(slots) else self._remedies.offer(slots)

    def _wants_only_a_ticket(self, slots: Slots) -> bool:
        """Whoever has told all of a problem, or stands at the summary already, is past articles."""
        told = slots.get("type") != "usability_question" and not _missing(self._whys(slots), slots)
        return told or slots.get("requested_slot") in ("confirm", "correction")

    def _hurry(self, slots: Slots, burning: TicketDraft, begins: bool) -> Slots:
        """In a fire a symptom need not be told in detail, nor what is plain of its place."""
        found: Slots = {} if slots.get("what") else {"what": burning.what}
        if begins or not slots.get("module"):
            module = burning.module or self._likeliest_module(burning)
            found |= {"product": burning.product, **({"module": module} if module else {})}
        return found

    def _likeliest_module(self, draft: TicketDraft) -> str | None:
        assessed = self._services.desk.assess(draft)
        sure = assessed and assessed.probability >= _SURE_ROW and assessed.row.product == draft.product
        known = self._services.data.catalog.modules(draft.product) if draft.product else {}
        return assessed.row.module if assessed and sure and assessed.row.module in known else None


def _meant(message: Heard) -> Heard:
    """A curse that begins an intake is a report, whatever its tone: any other was answered by a rule."""
    if message.goal != "abuse":
        return message
    return replace(message, goal=next((name for name in message.ranking if name in REQUEST_TYPES), message.goal))


def _missing(questions: list[str], slots: Slots) -> bool:
    return any(slots.get(name) is None for name in questions)


class AskProduct(Action):
    def __init__(self, services: Services) -> None:
        self._catalog = services.data.catalog

    def name(self) -> str:
        return "action_ask_product"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        buttons = [{"title": p.title, "payload": choice("product", key)} for key, p in self._catalog.products.items()]
        dispatcher.utter_message(response="utter_ask_product", buttons=buttons)
        return []


class AskModule(Action):
    def __init__(self, services: Services) -> None:
        self._catalog = services.data.catalog

    def name(self) -> str:
        return "action_ask_module"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        modules = self._catalog.modules(tracker.slots["product"])
        buttons = [{"title": module.title, "payload": choice("module", key)} for key, module in modules.items()]
        dispatcher.utter_message(response="utter_ask_module", buttons=buttons)
        return []


class AskType(Action):
    def __init__(self, services: Services) -> None:
        self._catalog = services.data.catalog

    def name(self) -> str:
        return "action_ask_type"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        types = self._catalog.types_of(tracker.get_slot("product"))
        described = "\n".join(f"- **{kind.title}**: {kind.description}" for kind in types.values())
        buttons = [{"title": kind.title, "payload": choice("type", key)} for key, kind in types.items()]
        dispatcher.utter_message(response="utter_ask_type", descriptions=described, buttons=buttons)
        return []


class AskArticle(Action):
    """Shows the articles found with the passage that matches, or a check to make; asks whether it solves the problem."""

    def __init__(self, services: Services) -> None:
        self._checks = services.data.preflight.checks

    def name(self) -> str:
        return "action_ask_article"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        check, cards = self._checks.get(tracker.get_slot("check") or ""), tracker.get_slot("articles_offered")
        shown = {"articles": cards} if self._is_new(tracker) else {}
        if check:
            dispatcher.utter_message(
                response="utter_ask_check", title=check.title, advice=check.advice, json_message=shown
            )
            return []
        if shown:
            dispatcher.utter_message(response="utter_articles", json_message=shown)
        dispatcher.utter_message(response="utter_ask_article")
        return []

    def _is_new(self, tracker: Tracker) -> bool:
        return bool(tracker.get_slot("articles_offered")) and not (
            tracker.get_slot("attempts") or just_showed_articles(tracker)
        )


class AskWhat(Action):
    """Asks for the symptom, or for details of one that was only touched on."""

    def name(self) -> str:
        return "action_ask_what"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        symptom = tracker.get_slot("symptom")
        if symptom and not tracker.get_slot("attempts"):
            dispatcher.utter_message(response="utter_ask_what_more", symptom=symptom)
        else:
            dispatcher.utter_message(response="utter_ask_what")
        return []


class AskImpact(Action):
    """The one question that separates the rows still possible."""

    def __init__(self, services: Services) -> None:
        self._desk = services.desk

    def name(self) -> str:
        return "action_ask_impact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        assessed = await asyncio.to_thread(self._desk.assess, draft_from(tracker.slots))
        question = assessed.question if assessed else None
        options = question.options if question else ()
        buttons = [{"title": title, "payload": choice("impact", value)} for title, value in options]
        dispatcher.utter_message(
            response="utter_ask_impact", question=question.text if question else "", buttons=buttons
        )
        return []


class AskContact(Action):
    """Asks how to reach the person, and offers what they gave the last time."""

    def __init__(self, services: Services) -> None:
        self._tickets = services.tickets

    def name(self) -> str:
        return "action_ask_contact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        last = await asyncio.to_thread(self._tickets.latest_contact, requester(tracker))
        known = last is not None and any(char.isdigit() for char in last) and len(last) <= _LONGEST_TITLE
        buttons = [{"title": f"Usar {last}", "payload": choice("contact", last)}] if known and last else []
        dispatcher.utter_message(response="utter_ask_contact", buttons=buttons)
        return []


class AskResume(Action):
    """After a long silence: go on with the draft, or begin another?"""

    def name(self) -> str:
        return "action_ask_resume"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        told = " ".join(problem_of(tracker.slots).split())
        dispatcher.utter_message(response="utter_ask_resume", told=told if len(told) <= 80 else f"{told[:79]}…")
        return []


class AskConfirm(Action):
    """Severity with its reason and both deadlines, the summary, and the question whether to file."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_ask_confirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        draft = draft_from(tracker.slots)
        files = self._services.attachments.of_conversation(tracker.sender_id, draft.attachments)
        summary = self._summary(draft, [file.name for file in files])
        # After a digression or a word that was not understood, what was said still stands above.
        above = "\n".join(just_said(tracker))
        await self._explain_severity(dispatcher, draft, requester(tracker).company, above)
        if summary not in above:
            dispatcher.utter_message(response="utter_summary", summary=summary)
        dispatcher.utter_message(response="utter_ask_confirm")
        return []

    async def _explain_severity(
        self, dispatcher: CollectingDispatcher, draft: TicketDraft, company: str | None, above: str
    ) -> None:
        assessed = await asyncio.to_thread(self._services.desk.assess, draft, company)
        if assessed is None or assessed.reason in above:
            return
        now = self._services.now()
        dispatcher.utter_message(
            response="utter_severity",
            reason=assessed.reason,
            diagnosis=deadline(assessed.diagnosis_due, now),
            diagnosis_hours=span(assessed.terms.diagnosis, assessed.terms),
            solution=deadline(assessed.solution_due, now),
            solution_hours=span(assessed.terms.solution, assessed.terms),
        )

    def _summary(self, draft: TicketDraft, files: list[str]) -> str:
        catalog = self._services.data.catalog
        product, kind = catalog.products[draft.product or ""], catalog.types[draft.type]  # type: ignore[index]
        values = {
            **{name: getattr(draft, name) for name in LABELS if name != "attachments"},
            "product": product.title,
            "module": product.modules[draft.module].title if len(product.modules) > 1 and draft.module else None,
            "type": kind.title,
            "subject": draft.subject or subject_from(draft),
            "attachments": ", ".join(files) or "nenhum",
        }
        return "\n".join(f"- **{LABELS[name]}**: {' '.join(value.split())}" for name, value in values.items() if value)


class AskCorrection(Action):
    """Offers every field for a change."""

    def name(self) -> str:
        return "action_ask_correction"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        buttons = [
            {"title": label, "payload": choice("correction", name)}
            for name, label in LABELS.items()
            if tracker.get_slot(name) or name == "attachments"
        ]
        buttons.append({"title": "Está certo", "payload": choice("correction", "none")})
        dispatcher.utter_message(response="utter_ask_correction", buttons=buttons)
        return []


class MeetCurse(Action):
    """A curse before any problem is told: met kindly; one in which a problem is told begins the intake at once."""

    def name(self) -> str:
        return "action_meet_curse"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        if phrases.reports_with_a_curse(heard(tracker).words):
            dispatcher.utter_message(response="utter_abuse_midway")
            return [FollowupAction("ticket_form")]
        dispatcher.utter_message(response="utter_abuse")
        return []

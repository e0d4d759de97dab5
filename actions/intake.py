"""The ticket form: reads each message, decides what is still to be asked, and asks it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, replace
from uuid import uuid4

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

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
from actions.reading import Heard
from actions.slots import Slots, draft_from
from bot.catalog import REQUEST_TYPES, WHYS
from bot.request_type import request_type
from bot.sla.wording import deadline, span
from bot.tickets.desk import subject_from
from bot.tickets.draft import TicketDraft
from bot.tickets.presentation import LABELS
from kb_index.errors import KnowledgeBaseError
from kb_index.search import Hit

log = logging.getLogger(__name__)

# Longer ones do not fit a button.
_LONGEST_TITLE = 40
# An incident that probably has severity 1 is filed first; articles would only hold it up.
_FIRE_SEVERITY, _FIRE_PROBABILITY = 1, 0.5


class ValidateTicketForm(ReadingForm):
    """Reads the message once, then names the next question."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "validate_ticket_form"

    async def read(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        message_id = tracker.latest_message.get("message_id")
        if tracker.slots.get("read_message") == message_id:
            return {}  # at its start the form asks twice about one message
        updates = self._read(tracker)
        if updates is None:
            return {}
        if names := file_names(tracker):
            dispatcher.utter_message(response="utter_files_received", names=", ".join(names))
        updates["read_message"] = message_id
        return updates | await asyncio.to_thread(self._offer_articles, {**tracker.slots, **updates})

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        return await asyncio.to_thread(self._questions, tracker.slots, requester(tracker).address)

    def _read(self, tracker: Tracker) -> Slots | None:
        """New slot values, or None for a digression, which the form must not take."""
        reader, message = self._services.reader, heard(tracker)
        if not tracker.slots.get("draft_id"):
            return {"draft_id": uuid4().hex, **reader.opening(self._with_kind(message))}
        if silence_before(tracker) >= self._services.resume_after and reader.begins_anew(message, tracker.slots):
            return {"resume_with": asdict(self._with_kind(message)), "attempts": 0}
        reading = reader.read(message, tracker.slots)
        return None if reading.digression else dict(reading.updates)

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
        catalog = self._services.data.catalog
        questions = ["product"]
        if slots.get("product") and len(catalog.modules(slots["product"])) > 1:
            questions.append("module")
        questions.append("type")
        if not (slots.get("symptom") or slots.get("what")):
            questions.append("subject")
        if slots.get("articles_offered"):
            questions.append("article")
        if slots.get("type"):
            questions += [why for why in ("what", *WHYS) if why in catalog.types[slots["type"]].whys or why == "what"]
        if not _missing(questions, slots) and self._severity_is_open(draft_from(slots)):
            questions.append("impact")
        questions += ["contact", "attachments"]
        if not address:
            questions.append("email")
        return [*questions, "confirm"]

    def _severity_is_open(self, draft: TicketDraft) -> bool:
        assessed = self._services.desk.assess(draft)
        return assessed is not None and assessed.question is not None

    def _offer_articles(self, slots: Slots) -> Slots:
        """Looks articles up once, as soon as the problem and its type are known."""
        problem = _problem(slots)
        ready = problem and slots.get("type") and slots.get("product")
        if not ready or slots.get("articles_offered") is not None or slots.get("outcome"):
            return {}
        if self._is_fire(draft_from(slots), problem):
            return {"articles_offered": []}
        try:
            found = self._services.articles.search(problem, product=slots["product"], limit=3)
        except KnowledgeBaseError:
            log.exception("articles could not be searched")  # the ticket goes on without them
            return {"articles_offered": []}
        return {"articles_offered": [_card(hit) for hit in found.results] if found.answerable else []}

    def _is_fire(self, draft: TicketDraft, problem: str) -> bool:
        assessed = self._services.desk.assess(draft if draft.what else replace(draft, what=problem))
        if assessed is None:
            return False
        return sum(p for row, p in assessed.candidates if row.severity == _FIRE_SEVERITY) >= _FIRE_PROBABILITY


def _problem(slots: Slots) -> str:
    """The problem in the customer's words, as far as it is told; empty before that."""
    return slots.get("subject") or slots.get("symptom") or slots.get("what") or ""


def _missing(questions: list[str], slots: Slots) -> bool:
    return any(slots.get(name) is None for name in questions)


def _card(hit: Hit) -> dict:
    """An article as it is shown in a conversation (interface: Conversation)."""
    return {
        "id": hit.article_id,
        "title": hit.title,
        "passage": hit.passage,
        "url": hit.url,
        "score": round(hit.score, 3),
    }


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
    """Shows the articles found with the passage that matches, then asks whether they solve it."""

    def name(self) -> str:
        return "action_ask_article"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        if not tracker.get_slot("attempts") and not just_showed_articles(tracker):
            cards = tracker.get_slot("articles_offered")
            dispatcher.utter_message(response="utter_articles", json_message={"articles": cards})
        dispatcher.utter_message(response="utter_ask_article")
        return []


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
        told = " ".join(_problem(tracker.slots).split())
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
        return "\n".join(f"- **{LABELS[name]}**: {value}" for name, value in values.items() if value)


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

"""What an action is given: the tracker read into our own terms, and the services it may call."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

from actions.heard import Heard, Span
from actions.reading import Reader
from actions.remedies import Remedies
from actions.slots import Slots
from bot.assembly import CompanyData
from bot.store.attachment_store import AttachmentStore
from bot.store.people import People
from bot.store.ticket_store import SqlTicketStore
from bot.store.verification import Verification
from bot.tickets.desk import Desk
from bot.tickets.draft import Requester
from bot.tickets.handling import Handling


@dataclass(frozen=True)
class Services:
    """Everything the actions need, built once at start."""

    data: CompanyData
    reader: Reader
    desk: Desk
    handling: Handling
    tickets: SqlTicketStore
    attachments: AttachmentStore
    verification: Verification
    people: People
    remedies: Remedies
    now: Callable[[], datetime]
    resume_after: timedelta
    """After so long a silence a draft is offered back."""


def heard(tracker: Tracker) -> Heard:
    """The latest message. A command is what a button or a file stands for; its text is none."""
    message = tracker.latest_message
    metadata = message.get("metadata") or {}
    intent = message.get("intent") or {}
    files = tuple(file["id"] for file in metadata.get("attachments") or ())
    entities = message.get("entities") or []
    if metadata.get("is_command"):
        values = {entity["entity"]: entity["value"] for entity in entities}
        return Heard(None, command=intent.get("name"), command_values=values, files=files)
    spans = {e["entity"]: Span(e["value"], float(e.get("confidence_entity") or 0.0), e["start"]) for e in entities}
    ranking = {one["name"]: float(one["confidence"]) for one in message.get("intent_ranking") or ()}
    confidence = float(intent.get("confidence") or 0.0)
    return Heard(message.get("text"), intent.get("name"), confidence, spans, files=files, ranking=ranking)


def asked_beside(tracker: Tracker) -> list[tuple[str, str]]:
    """(goal, words) of what was asked in the same turn beside the latest message (rasa_server/pieces.py)."""
    metadata = tracker.latest_message.get("metadata") or {}
    return [(goal, text) for goal, text in metadata.get("beside") or ()]


def requester(tracker: Tracker) -> Requester:
    """Who talks, as the gateway says; an address typed in the intake is only claimed."""
    metadata = {**(tracker.latest_message.get("metadata") or {})}
    metadata.setdefault("conversation", tracker.sender_id)
    if tracker.get_slot("email"):
        metadata["claimed_email"] = tracker.get_slot("email")
    return Requester.from_metadata(metadata)


def silence_before(tracker: Tracker) -> timedelta:
    """How long the person had said nothing before the latest message."""
    said = [event["timestamp"] for event in tracker.events if event.get("event") == "user"]
    return timedelta(seconds=said[-1] - said[-2]) if len(said) > 1 else timedelta()


def just_said(tracker: Tracker) -> set[str]:
    """Texts of the answer before this one."""
    return {event["text"] for event in _last_answer(tracker) if event.get("text")}


def just_showed_articles(tracker: Tracker) -> bool:
    """True when the answer before this one showed articles."""
    customs = ((event.get("data") or {}).get("custom") or {} for event in _last_answer(tracker))
    return any(custom.get("articles") for custom in customs)


def _last_answer(tracker: Tracker) -> list[dict[str, Any]]:
    """What the bot said between the latest message and the one before it."""
    said, turns = [], 0
    for event in reversed(tracker.events):
        turns += event.get("event") == "user"
        if turns == 2:
            break
        if event.get("event") == "bot":
            said.append(event)
    return said


def slot_events(updates: Slots) -> list[EventType]:
    return [SlotSet(name, value) for name, value in updates.items()]


def choice(field: str, value: str) -> str:
    """The payload of a button that sets one field."""
    return "/choose" + json.dumps({"field": field, "value": value}, ensure_ascii=False)


def file_names(tracker: Tracker) -> list[str]:
    metadata: dict[str, Any] = tracker.latest_message.get("metadata") or {}
    return [file["name"] for file in metadata.get("attachments") or ()]

"""The identity form: an address, and the one-time code that was sent to it."""

from __future__ import annotations

import asyncio

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.context import Services, heard
from actions.forms import ReadingForm
from actions.slots import Slots
from bot import answers


def midway(tracker: Tracker) -> bool:
    """True while a form is open."""
    return bool(tracker.active_loop.get("name"))


def prove_address(dispatcher: CollectingDispatcher, tracker: Tracker, query: str, what: str) -> list[EventType]:
    """An unknown person is shown nothing: the address comes first, unless an intake is open."""
    if midway(tracker):
        dispatcher.utter_message(response="utter_identify_later", what=what)
        return []
    dispatcher.utter_message(response="utter_identify", what=what)
    return [SlotSet("pending_query", query), FollowupAction("identity_form")]


class ValidateIdentityForm(ReadingForm):
    def __init__(self, services: Services) -> None:
        self._verification = services.verification

    def name(self) -> str:
        return "validate_identity_form"

    async def read(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        if not tracker.slots.get("requested_slot"):
            return {}  # the message that led here was a question, not an address
        return await asyncio.to_thread(self._read, tracker)

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        return [] if tracker.slots.get("identified") is not None else ["email", "code"]

    def _read(self, tracker: Tracker) -> Slots:
        message = heard(tracker)
        if message.goal in ("cancel", "start_over", "deny", "talk_to_human") and "@" not in message.words:
            return {"identified": False}
        if tracker.slots["requested_slot"] == "email":
            read = self._send_code(tracker.sender_id, message.words)
        else:
            read = self._check_code(tracker.sender_id, message.words)
        return read or {"attempts": min((tracker.slots.get("attempts") or 0) + 1, 2)}

    def _send_code(self, conversation: str, text: str) -> Slots:
        email = answers.email_in(text)
        if email is None:
            return {}
        self._verification.send_code(conversation, email)
        return {"email": email, "attempts": 0}

    def _check_code(self, conversation: str, text: str) -> Slots:
        if email := answers.email_in(text):  # the address was wrong, here is another
            return self._send_code(conversation, email)
        code = answers.code_in(text)
        if code is None or not self._verification.check(conversation, code):
            return {}
        return {"code": "checked", "identified": True}

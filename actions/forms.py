"""What both forms share: each message is read once, as a whole."""

from __future__ import annotations

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.context import slot_events
from actions.slots import Slots


class ReadingForm(FormValidationAction):
    """The SDK extracts and validates slot by slot; here one reading of the message gives all new values.

    `required_slots` then says what is still to be asked, as in any form of the SDK.
    """

    async def read(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Slots:
        """New slot values; empty for a message that the form does not take, which a rule then answers."""
        raise NotImplementedError

    async def get_extraction_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        return []

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        if answered_by_a_rule(tracker):
            return []
        return slot_events(await self.read(dispatcher, tracker))


def answered_by_a_rule(tracker: Tracker) -> bool:
    """True when the form refused the latest message and a rule took it: the form only asks again then."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action_execution_rejected":
            return True
    return False

"""The actions of the benchmark's assistant: answers of one character are rejected, and submitting empties the form."""

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

TEXT_SLOTS = ("subject", "who", "what", "where", "when", "contact")


class ValidateTicketForm(FormValidationAction):
    def name(self) -> str:
        return "validate_ticket_form"

    def __getattr__(self, name: str) -> Any:
        """`validate_<slot>` for each slot that takes a text."""
        slot = name.removeprefix("validate_")
        if slot == name or slot not in TEXT_SLOTS:
            raise AttributeError(name)
        return lambda value, *_: {slot: value if len(value.strip()) > 1 else None}


class Submit(Action):
    def name(self) -> str:
        return "action_submit"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="Registrado.")
        return [AllSlotsReset()]

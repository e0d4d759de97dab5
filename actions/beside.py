"""What was asked in the same breath as a problem or an answer: it is answered first, then the form asks on."""

from __future__ import annotations

import copy
from typing import cast

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.context import Services, asked_beside
from actions.following import ExplainSla, ListTickets, TrackTicket

_FORM = {"name": "ticket_form"}
_UNREAD = cast(DomainDict, {})  # none of these actions looks at the domain


class Beside:
    """Answers a question with the very action that a rule would call for it."""

    def __init__(self, services: Services) -> None:
        self._actions: dict[str, Action] = {
            "list_tickets": ListTickets(services),
            "track_ticket": TrackTicket(services),
            "sla_question": ExplainSla(services),
        }

    async def answer(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        for goal, text in asked_beside(tracker):
            if action := self._actions.get(goal):
                await action.run(dispatcher, _as_if_said(tracker, text), _UNREAD)
            else:
                dispatcher.utter_message(response=f"utter_{goal}")


def _as_if_said(tracker: Tracker, text: str) -> Tracker:
    """The tracker as if only this had been said, in the middle of an intake."""
    alone = copy.copy(tracker)
    alone.latest_message, alone.active_loop = {**tracker.latest_message, "text": text}, _FORM
    return alone

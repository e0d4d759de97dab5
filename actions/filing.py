"""The ends of an intake: filed, solved by an article, cancelled, begun again, handed to a human."""

from __future__ import annotations

import asyncio
from datetime import datetime

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.context import Services, requester, slot_events
from actions.remedies import Card
from actions.slots import KEPT_SLOTS, Slots, draft_from, emptied
from bot.errors import InvalidRequest
from bot.sla.wording import deadline, moment
from bot.tickets.draft import Requester
from bot.tickets.ticket import Ticket


class FileTicket(Action):
    """Files the draft. The draft's id makes a repeat harmless: it gives the same ticket."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_file_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        who = requester(tracker)
        try:
            ticket, articles = await asyncio.to_thread(self._file, tracker.slots, who)
        except InvalidRequest as error:
            dispatcher.utter_message(response="utter_filing_refused", reason=str(error))
            return slot_events(emptied())
        dispatcher.utter_message(
            response="utter_ticket_filed",
            number=ticket.number,
            deadlines=self._deadlines(ticket),
            copy=f" Enviei uma cópia para {who.address}." if who.address else "",
            json_message={"outcome": "ticket", "ticket": ticket.number},
        )
        if articles:
            dispatcher.utter_message(response="utter_articles_after_filing", json_message={"articles": articles})
        kept = {name: tracker.slots.get(name) for name in KEPT_SLOTS}
        return [*slot_events({**emptied(), **kept}), SlotSet("last_ticket", ticket.number)]

    def _file(self, slots: Slots, who: Requester) -> tuple[Ticket, list[Card]]:
        """The ticket, and articles that waited until it was filed. Raises InvalidRequest."""
        articles = self._services.remedies.after_filing(slots)
        shown = {} if slots.get("articles_offered") else {"articles_offered": articles}
        return self._services.desk.file(draft_from({**slots, **shown}), who), articles

    def _deadlines(self, ticket: Ticket) -> str:
        if ticket.diagnosis_due is None or ticket.solution_due is None:
            return ""
        now = self._services.now()
        diagnosis, solution = (due.astimezone(now.tzinfo) for due in (ticket.diagnosis_due, ticket.solution_due))
        return f" Severidade {ticket.severity}: diagnóstico {deadline(diagnosis, now)} e solução {deadline(solution, now)}."


class End(Action):
    """An intake that ends without a ticket: says so and forgets the draft."""

    def __init__(self, name: str, response: str, outcome: str | None) -> None:
        self._name, self._response, self._outcome = name, response, outcome

    def name(self) -> str:
        return self._name

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        custom = {"outcome": self._outcome} if self._outcome else {}
        dispatcher.utter_message(response=self._response, json_message=custom)
        return slot_events(emptied())


class HandOver(Action):
    """Gives the conversation to a human, with everything told so far as an open draft."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        return "action_hand_over"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        draft = draft_from(tracker.slots)
        await asyncio.to_thread(self._services.desk.hand_over, draft, requester(tracker))
        dispatcher.utter_message(
            response="utter_handed_over", when=self._when(self._services.now()), json_message={"outcome": "handoff"}
        )
        return slot_events(emptied())

    def _when(self, now: datetime) -> str:
        opens = self._services.data.calendar.next_open(now)
        if opens <= now:
            return "A equipe está em horário de atendimento."
        return f"A equipe volta a atender {moment(opens, now)}."

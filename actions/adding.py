"""Facts and files for a ticket that exists already: said in the conversation, kept on the ticket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.context import Services, file_names, heard, requester
from actions.identity import prove_address
from bot import answers
from bot.errors import RequestRefused
from bot.tickets.draft import Requester
from bot.tickets.handling import Said
from bot.tickets.ports import TicketQuery
from bot.tickets.ticket import Ticket

_OFFERED = 3


def addition_in(tracker: Tracker) -> dict[str, Any]:
    """What the latest message adds, as it can wait in a slot."""
    message = heard(tracker)
    return {
        "text": message.text or "",
        "key": f"chat:{tracker.sender_id}:{_message_id(tracker)}",
        "files": list(message.files),
        "names": file_names(tracker),
    }


def waiting_addition(tracker: Tracker) -> dict[str, Any] | None:
    """What was added before it was clear to which ticket."""
    return tracker.get_slot("pending_addition")


def _message_id(tracker: Tracker) -> str:
    return next((event["message_id"] for event in reversed(tracker.events) if event.get("event") == "user"), "")


class Additions:
    """Puts what a person adds on a ticket the person sees."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def number_in(self, text: str) -> str | None:
        return answers.ticket_number_in(text, self._services.data.company.ticket_prefix)

    async def add(
        self, dispatcher: CollectingDispatcher, number: str, who: Requester, addition: dict[str, Any]
    ) -> Ticket | None:
        """None when it could not be added; the person has been told why."""
        said = Said(addition["text"], addition["key"], who.channel, tuple(addition["files"]))
        try:
            ticket = await asyncio.to_thread(self._services.handling.reply, number, who, said)
        except RequestRefused as error:
            dispatcher.utter_message(response="utter_addition_refused", reason=str(error))
            return None
        files = ", ".join(addition["names"])
        dispatcher.utter_message(
            response="utter_added",
            number=ticket.number,
            subject=ticket.subject,
            files=f" (anexos: {files})" if files else "",
        )
        return ticket

    async def sees(self, number: str, who: Requester) -> bool:
        return await asyncio.to_thread(self._services.tickets.find, number, who) is not None

    async def open_ones(self, who: Requester) -> list[Ticket]:
        """The newest tickets that it may be about."""
        query = TicketQuery(scope="mine", unresolved=True, limit=_OFFERED)
        return await asyncio.to_thread(self._services.tickets.find_all, query, who)


class AddInformation(Action):
    """Facts or a file while no intake is open go on the ticket named, on the one just filed, or on one to choose."""

    def __init__(self, services: Services) -> None:
        self._additions = Additions(services)

    def name(self) -> str:
        return "action_add_information"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        message, who = heard(tracker), requester(tracker)
        chosen = message.command_values.get("number") if message.command == "add_to_ticket" else None
        addition = (waiting_addition(tracker) if chosen else None) or addition_in(tracker)
        named = chosen or self._additions.number_in(addition["text"])
        number = named or tracker.get_slot("last_ticket")
        if number and await self._additions.sees(number, who):
            await self._additions.add(dispatcher, number, who, addition)
            return [SlotSet("pending_addition", None)]
        if named and not who.email:
            wait = SlotSet("pending_addition", addition)
            return [wait, *prove_address(dispatcher, tracker, named, f"o chamado {named}")]
        if named:
            dispatcher.utter_message(response="utter_ticket_unknown", number=named)
            return []
        return await self._offer(dispatcher, who, addition)

    async def _offer(
        self, dispatcher: CollectingDispatcher, who: Requester, addition: dict[str, Any]
    ) -> list[EventType]:
        tickets = await self._additions.open_ones(who) if who.email else []
        if not tickets:
            dispatcher.utter_message(response="utter_information_without_ticket")
            return []
        buttons = [
            {"title": f"{ticket.number} — {ticket.subject}"[:80], "payload": _add_to(ticket.number)}
            for ticket in tickets
        ]
        buttons.append({"title": "Abrir um novo", "payload": "/open_ticket"})
        dispatcher.utter_message(response="utter_add_to_which", buttons=buttons)
        return [SlotSet("pending_addition", addition)]


def _add_to(number: str) -> str:
    return "/add_to_ticket" + json.dumps({"number": number})

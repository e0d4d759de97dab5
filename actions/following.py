"""Tickets that exist: one by number, lists, and how deadlines come about."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.adding import Additions, waiting_addition
from actions.context import Services, requester
from actions.identity import midway, prove_address
from actions.listing import listing
from actions.phrases import supposition
from actions.slots import draft_from
from bot import answers
from bot.sla.wording import deadline, finding, moment, table
from bot.tickets.draft import Requester
from bot.tickets.ticket import Status, Ticket

_LISTED = 5
_PENDING = ("pending_query", "pending_addition", "email", "code", "identified", "attempts")


class Answers:
    """Answers questions about tickets for a requester; used right away or once an address is proven."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._prefix = services.data.company.ticket_prefix

    def number_in(self, text: str) -> str | None:
        return answers.ticket_number_in(text, self._prefix)

    async def one(self, dispatcher: CollectingDispatcher, number: str, who: Requester) -> bool:
        """Says how a ticket stands. False when the requester sees no such ticket; then nothing was said."""
        ticket = await asyncio.to_thread(self._services.tickets.find, number, who)
        if ticket is None:
            return False
        dispatcher.utter_message(
            response="utter_ticket_status",
            number=ticket.number,
            subject=ticket.subject,
            status=ticket.status.label,
            deadlines=self._deadlines(ticket),
        )
        return True

    async def several(self, dispatcher: CollectingDispatcher, text: str, who: Requester) -> None:
        """Lists the newest tickets that the words ask for."""
        services = self._services
        creators = await asyncio.to_thread(services.tickets.creators, who)
        asked = listing(text, who, creators, services.data.catalog, services.now(), _LISTED + 1)
        tickets = await asyncio.to_thread(services.tickets.find_all, asked.query, who)
        if not tickets:
            dispatcher.utter_message(response="utter_no_tickets", scope=asked.title)
            return
        lines = "\n".join(f"- **{t.number}** — {t.subject} ({t.status.label})" for t in tickets[:_LISTED])
        more = "\nHá outros: veja todos na página de chamados." if len(tickets) > _LISTED else ""
        dispatcher.utter_message(response="utter_ticket_list", title=f"{asked.title}:", lines=lines + more)

    def unknown(self, dispatcher: CollectingDispatcher, number: str) -> None:
        dispatcher.utter_message(response="utter_ticket_unknown", number=number)

    def _deadlines(self, ticket: Ticket) -> str:
        if ticket.solution_due is None or ticket.status is Status.RESOLVED:
            return ""
        now = self._services.now()
        due = ticket.solution_due.astimezone(now.tzinfo)
        return f" Severidade {ticket.severity}, solução prevista para {deadline(due, now)}."


class TrackTicket(Action):
    def __init__(self, services: Services) -> None:
        self._answers = Answers(services)

    def name(self) -> str:
        return "action_track_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        text = tracker.latest_message.get("text") or ""
        number, who = self._answers.number_in(text) or tracker.get_slot("last_ticket"), requester(tracker)
        if number and await self._answers.one(dispatcher, number, who):
            return []
        if who.email:
            if number:
                self._answers.unknown(dispatcher, number)
            else:
                await self._answers.several(dispatcher, text, who)
            return []
        return prove_address(dispatcher, tracker, number or text, f"o chamado {number}" if number else "chamados")


class ListTickets(Action):
    def __init__(self, services: Services) -> None:
        self._answers = Answers(services)

    def name(self) -> str:
        return "action_list_tickets"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        text, who = tracker.latest_message.get("text") or "", requester(tracker)
        if not who.email:
            return prove_address(dispatcher, tracker, text, "seus chamados")
        await self._answers.several(dispatcher, text, who)
        return []


class AnswerPending(Action):
    """After the identity form: answers the question that led to it, or lets it rest."""

    def __init__(self, services: Services) -> None:
        self._answers, self._additions = Answers(services), Additions(services)
        self._people = services.people

    def name(self) -> str:
        return "action_answer_pending"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        query = tracker.get_slot("pending_query") or ""
        if tracker.get_slot("identified"):
            who = await asyncio.to_thread(self._proven, requester(tracker), str(tracker.get_slot("email")))
            number, addition = self._answers.number_in(query), waiting_addition(tracker)
            if number and addition:
                await self._additions.add(dispatcher, number, who, addition)
            elif number is None:
                await self._answers.several(dispatcher, query, who)
            elif not await self._answers.one(dispatcher, number, who):
                self._answers.unknown(dispatcher, number)
        else:
            dispatcher.utter_message(response="utter_not_identified")
        return [SlotSet(name, None) for name in _PENDING]

    def _proven(self, who: Requester, email: str) -> Requester:
        """As the gateway will know them from their next message on."""
        return replace(who, email=email, company=self._people.company_in(who.channel, email))


class ExplainSla(Action):
    """The targets of each severity, from the matrix and the contract; to a "e se …?" about the draft, what would become of it."""

    def __init__(self, services: Services) -> None:
        self._services, self._rows = services, services.data.matrix.rows

    def name(self) -> str:
        return "action_explain_sla"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        supposed = supposition(tracker.latest_message.get("text") or "")
        if supposed and midway(tracker) and await self._suppose(dispatcher, tracker, supposed):
            return []
        company, contracts = requester(tracker).company, self._services.data.contracts
        targets = {row.severity: contracts.terms(row, company) for row in self._rows}
        dispatcher.utter_message(response="utter_sla_table", lines=table(targets))
        return []

    async def _suppose(self, dispatcher: CollectingDispatcher, tracker: Tracker, words: str) -> bool:
        """False when the draft does not yet tell enough to suppose anything of it."""
        draft = draft_from(tracker.slots)
        if not (draft.product and (draft.what or draft.subject or draft.opening)):
            return False
        assessed = await asyncio.to_thread(self._services.desk.suppose, draft, words, requester(tracker).company)
        if assessed is None:
            return False
        now = self._services.now()
        dispatcher.utter_message(
            response="utter_supposed",
            finding=finding(assessed.row),
            opening=moment(assessed.opened_at, now) if assessed.opened_at > now else "agora",
            diagnosis=deadline(assessed.diagnosis_due, now),
            solution=deadline(assessed.solution_due, now),
        )
        return True

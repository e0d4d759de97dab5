"""What happens to a ticket after it was filed: answers, questions, severity, resolution.

Each act is worked out from the ticket as it is and kept as one `Change`. When somebody else was quicker, it is
worked out again from the ticket as it has become.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import Conflict, InvalidRequest, NotFound
from bot.sla import clock
from bot.sla.clock import Clock, ClockEvent, ClockStatus
from bot.sla.contracts import Contracts
from bot.sla.matrix import Matrix, SlaRow
from bot.text import has_words
from bot.tickets.draft import Requester, only_agents
from bot.tickets.ports import Change, Deadlines, NewMessage, TicketStore
from bot.tickets.ticket import Author, Status, Ticket, TimelineEntry

_TRIES = 5
_LONGEST_TEXT = 20_000
# What people do to a ticket; other entries tell of deliveries, deadlines and files.
_ACTS = ("replied", "asked", "resolved", "reopened", "severity_changed")


class Overtaken(Conflict):
    """Others did something to the ticket after the person last looked at it: `entries`, oldest first."""

    def __init__(self, entries: tuple[TimelineEntry, ...]) -> None:
        super().__init__("O chamado mudou enquanto você escrevia. Confira o que há de novo antes de enviar.")
        self.entries = entries


@dataclass(frozen=True)
class Said:
    """What somebody writes. The same `key` twice is one message; `attachments` are ids of uploads.

    `seen` is how many entries of the timeline the person has looked at; None for those who do not see it.
    """

    text: str
    key: str
    channel: str
    attachments: tuple[str, ...] = ()
    seen: int | None = None


class Handling:
    """All acts raise NotFound for a ticket the requester does not see, and Conflict when others keep being quicker.

    `now` gives aware instants. A customer may reopen within `reopen_within` of the resolution.
    """

    def __init__(
        self,
        store: TicketStore,
        matrix: Matrix,
        contracts: Contracts,
        now: Callable[[], datetime],
        reopen_within: timedelta,
    ) -> None:
        self._store, self._matrix, self._contracts, self._now = store, matrix, contracts, now
        self._reopen_within = reopen_within

    def reply(self, number: str, who: Requester, said: Said, *, diagnosis: bool = False) -> Ticket:
        """An answer. A customer's ends the waiting, and reopens what was resolved lately; an agent's may be the diagnosis."""
        by_agent = who.role == "agent"

        def work(ticket: Ticket) -> Change:
            not_overtaken(ticket, who, said.seen)
            if by_agent:
                events = self._met(ticket, Clock.DIAGNOSIS) if diagnosis else ()
                return self._change(ticket, who, "replied", said=said, events=events, letter="ticket_reply")
            return self._customer_replied(ticket, who, said)

        return self._act(number, who, work, said)

    def _customer_replied(self, ticket: Ticket, who: Requester, said: Said) -> Change:
        if ticket.status is Status.WAITING_CUSTOMER:
            events = clock.resumed(ticket.clock_events, self._now())
            return self._change(
                ticket, who, "replied", said=said, status=Status.OPEN, events=events, letter="ticket_reply"
            )
        if self.may_reopen(ticket):
            events = clock.reopened(ticket.clock_events, self._now())
            return self._change(
                ticket, who, "reopened", said=said, status=Status.OPEN, events=events, letter="ticket_reply"
            )
        # Too late to reopen, but no word of a customer is lost: it is kept, and agents see it.
        return self._change(ticket, who, "replied", said=said, letter="ticket_reply")

    def ask(self, number: str, who: Requester, said: Said) -> Ticket:
        """An agent needs something of the customer: the clocks stand still until the answer."""
        only_agents(who)

        def work(ticket: Ticket) -> Change:
            not_overtaken(ticket, who, said.seen)
            if ticket.status is Status.RESOLVED:
                raise InvalidRequest("Este chamado está resolvido. Reabra-o antes de pedir informações.")
            events = clock.paused(ticket.clock_events, self._now())
            return self._change(
                ticket, who, "asked", said=said, status=Status.WAITING_CUSTOMER, events=events, letter="ticket_question"
            )

        return self._act(number, who, work, said)

    def resolve(self, number: str, who: Requester, said: Said) -> Ticket:
        """The agent says what was done. What is solved has been diagnosed: both clocks end."""
        only_agents(who)

        def work(ticket: Ticket) -> Change:
            not_overtaken(ticket, who, said.seen)
            if ticket.status is Status.RESOLVED:
                raise InvalidRequest("Este chamado já está resolvido.")
            events = self._met(ticket, Clock.SOLUTION)
            return self._change(
                ticket, who, "resolved", said=said, status=Status.RESOLVED, events=events, letter="ticket_resolved"
            )

        return self._act(number, who, work, said)

    def reopen(self, number: str, who: Requester, said: Said) -> Ticket:
        """Raises InvalidRequest when there is nothing to reopen or the time for it is over."""

        def work(ticket: Ticket) -> Change:
            not_overtaken(ticket, who, said.seen)
            if ticket.status is not Status.RESOLVED:
                raise InvalidRequest("Este chamado não está resolvido; escreva nele normalmente.")
            if who.role != "agent" and not self.may_reopen(ticket):
                raise InvalidRequest("O prazo para reabrir este chamado terminou. Abra um novo e cite este número.")
            events = clock.reopened(ticket.clock_events, self._now())
            letter = "ticket_reopened" if who.role == "agent" else None
            return self._change(ticket, who, "reopened", said=said, status=Status.OPEN, events=events, letter=letter)

        return self._act(number, who, work, said)

    def change_severity(self, number: str, who: Requester, row_id: str, reason: str, seen: int | None = None) -> Ticket:
        """Another row of the matrix, with a reason: time already used and pauses count against the new targets."""
        only_agents(who)
        row = self._row(row_id)
        _with_reason(reason)

        def work(ticket: Ticket) -> Change:
            not_overtaken(ticket, who, seen)
            events = self._retargeted(ticket, row)
            before = {"from": ticket.severity, "from_row": ticket.sla_row}
            body = {**before, "to": row.severity, "to_row": row.id, "reason": reason.strip()}
            return self._change(
                ticket, who, "severity_changed", body=body, events=events, row=(row.id, row.severity),
                letter="ticket_severity",
            )  # fmt: skip

        return self._act(number, who, work)

    def deadlines_under(self, ticket: Ticket, row_id: str, reason: str) -> Deadlines:
        """What would become of the deadlines if the row were changed now. Raises what `change_severity` would."""
        row = self._row(row_id)
        _with_reason(reason)
        return self.deadlines((*ticket.clock_events, *self._retargeted(ticket, row)))

    def _row(self, row_id: str) -> SlaRow:
        row = self._matrix.by_id.get(row_id)
        if row is None:
            raise InvalidRequest(f"A linha {row_id[:40]} não está na matriz de SLA.")
        return row

    def _retargeted(self, ticket: Ticket, row: SlaRow) -> tuple[ClockEvent, ...]:
        terms = self._contracts.terms(row, ticket.company)
        if ticket.clock_events:
            return clock.retargeted(ticket.clock_events, row.severity, terms, self._now())
        return clock.started(row.severity, terms, self._now())

    def may_reopen(self, ticket: Ticket) -> bool:
        resolved = ticket.resolved_at if ticket.status is Status.RESOLVED else None
        return resolved is not None and self._now() - resolved <= self._reopen_within

    def _act(self, number: str, who: Requester, work: Callable[[Ticket], Change], said: Said | None = None) -> Ticket:
        if said and self._store.has_message(said.key):  # the same form again, or the same e-mail
            return self._found(number, who)
        for _ in range(_TRIES):
            if self._store.change(work(self._found(number, who))):
                return self._found(number, who)
        raise Conflict("O chamado mudou enquanto você escrevia. Atualize a página e tente de novo.")

    def _found(self, number: str, who: Requester) -> Ticket:
        ticket = self._store.find(number, who)
        if ticket is None:
            raise NotFound(f"O chamado {number[:20]} não existe.")
        return ticket

    def _met(self, ticket: Ticket, which: Clock) -> tuple[ClockEvent, ...]:
        return clock.met(ticket.clock_events, which, self._now())

    def _change(
        self,
        ticket: Ticket,
        who: Requester,
        kind: str,
        *,
        said: Said | None = None,
        body: dict | None = None,
        events: tuple[ClockEvent, ...] = (),
        status: Status | None = None,
        row: tuple[str, int] | None = None,
        letter: str | None = None,
    ) -> Change:
        by_agent = who.role == "agent"
        message = _message(said, Author.AGENT if by_agent else Author.CUSTOMER) if said else None
        return Change(
            number=ticket.number, seen=ticket.version, at=self._now(), actor=who, kind=kind, body=body or {},
            status=status, message=message, clock_events=events, row=row, letter=letter,
            deadlines=self.deadlines((*ticket.clock_events, *events)) if events else None,
            bubble=message.text if message and by_agent else None,
        )  # fmt: skip

    def deadlines(self, log: tuple[ClockEvent, ...]) -> Deadlines:
        """What the log of both clocks says of the deadlines."""
        states = {state.clock: state for state in clock.clocks(log, self._contracts.calendar)}
        dues = {which: state.due for which, state in states.items()}
        running = [state.due for state in states.values() if state.status is ClockStatus.RUNNING and state.due]
        return Deadlines(dues.get(Clock.DIAGNOSIS), dues.get(Clock.SOLUTION), min(running, default=None))


def _with_reason(reason: str) -> None:
    if not has_words(reason):
        raise InvalidRequest("Diga por que a severidade muda; o cliente lê o motivo.")


def not_overtaken(ticket: Ticket, who: Requester, seen: int | None) -> None:
    """Raises Overtaken. What the person did oneself, perhaps by pressing twice, overtakes nobody; nor do mere notices."""
    if seen is not None:
        acts = (entry for entry in ticket.timeline[seen:] if entry.kind in _ACTS)
        others = tuple(entry for entry in acts if entry.actor != who.address)
        if others:
            raise Overtaken(others)


def _message(said: Said, author: Author) -> NewMessage:
    """Raises InvalidRequest for a message without words and files."""
    text = said.text.strip()
    if not text and not said.attachments:
        raise InvalidRequest("Escreva a mensagem antes de enviar.")
    if len(text) > _LONGEST_TEXT:
        raise InvalidRequest(
            f"A mensagem tem mais de {_LONGEST_TEXT} caracteres. Resuma-a ou envie o texto como anexo."
        )
    return NewMessage(said.key, author, said.channel, text, said.attachments)

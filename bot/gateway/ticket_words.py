"""A ticket in words: where its deadlines stand, and what happened to it, for the person who reads.

No key of ours reaches a page: what has no words here is told in general ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from bot.catalog import Catalog
from bot.sla import wording
from bot.sla.clock import Clock, ClockEvent, ClockEventKind, ClockState, ClockStatus, clocks
from bot.sla.contracts import Contracts
from bot.tickets.ticket import Attachment, Author, Ticket, TicketMessage, TimelineEntry

_CHANNELS = {"email": "por e-mail", "whatsapp": "pelo WhatsApp", "web": "pela conversa"}
ACTS = {
    "opened": "abriu o chamado",
    "replied": "respondeu",
    "asked": "pediu uma informação",
    "resolved": "resolveu o chamado",
    "reopened": "reabriu o chamado",
    "severity_changed": "mudou a severidade",
    "confirmed": "confirmou que abriu o chamado",
}
"""What people do to a ticket, after the name of whoever did it."""
# What nobody did. Of the desk's own affairs (which way a notice went, who was warned) a customer hears nothing.
_NOTICES = {
    "file_refused": "Um arquivo não foi aceito",
    "delivery_failed": "Um e-mail deste chamado não pôde ser entregue",
}
_AFFAIRS_OF_THE_DESK = ("told", "sla_warning", "sla_breach")
_TEAM = "A equipe de suporte"
_MARKS = {"resolved": "done", "reopened": "again", "asked": "pause", "severity_changed": "change"}


@dataclass(frozen=True)
class DeadlineWords:
    """Where a deadline stands: `state` is running, late, paused, met or met_late. `target` are the hours promised."""

    title: str
    state: str
    says: str
    target: str = ""


@dataclass(frozen=True)
class Happened:
    """One entry of the timeline. `mark` chooses its sign; `at` is in the desk's zone."""

    at: datetime
    title: str
    mark: str = "plain"
    detail: str = ""
    message: TicketMessage | None = None
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class TicketWords:
    """Speaks of one ticket to one reader. `now` is in the desk's zone."""

    ticket: Ticket
    catalog: Catalog
    contracts: Contracts
    now: datetime
    reader: str | None = None

    @property
    def kind(self) -> str:
        kind = self.catalog.types.get(self.ticket.type)  # type: ignore[call-overload]
        return kind.title if kind else "Outro pedido"

    @property
    def product(self) -> str:
        return self.catalog.place_title(self.ticket.product, self.ticket.module)

    @property
    def creator(self) -> str:
        return self.ticket.creator_name or self.ticket.creator or "Pessoa não identificada"

    @property
    def opened(self) -> str:
        return self.moment(self.ticket.created_at)

    @property
    def opened_on(self) -> str:
        """The day, and the hour of what is new."""
        at = self.ticket.created_at.astimezone(self.now.tzinfo)
        return self.opened if at.date() == self.now.date() else f"{at:%d/%m/%Y}"

    def moment(self, at: datetime) -> str:
        return wording.moment(at.astimezone(self.now.tzinfo), self.now)

    @property
    def deadlines(self) -> list[DeadlineWords]:
        """Of both clocks; none where the matrix promises nothing."""
        return [self._deadline(state) for state in clocks(self.ticket.clock_events, self.contracts.calendar)]

    @property
    def next_deadline(self) -> DeadlineWords | None:
        """The one that matters now: the first that is not met."""
        return next((words for words in self.deadlines if words.state not in ("met", "met_late")), None)

    def _deadline(self, state: ClockState) -> DeadlineWords:
        which, late = state.clock, state.breached_at(self.now)
        title = wording.CLOCKS[which].capitalize()
        if state.status is ClockStatus.MET and state.met_at:
            done = f"Concluíd{'o' if which is Clock.DIAGNOSIS else 'a'} {self.moment(state.met_at)}"
            told = ("met_late", f"{done}, com atraso") if late else ("met", done)
            return DeadlineWords(title, *told, self._promised(which))
        if state.status is ClockStatus.PAUSED:
            says = "Parado: aguarda sua resposta"
            told = ("late", f"{says}, já com atraso") if late else ("paused", says)
            return DeadlineWords(title, *told, self._promised(which))
        until = self._until(state.due) if state.due else "sem data"
        told = ("late", f"Atrasado: o prazo era {until}") if late else ("running", until[:1].upper() + until[1:])
        return DeadlineWords(title, *told, self._promised(which))

    def _promised(self, which: Clock) -> str:
        """The target that holds, such as `4 horas úteis`."""
        aims = [event for event in self.ticket.clock_events if event.clock is which and event.target is not None]
        return _hours(aims[-1]) if aims else ""

    def _until(self, due: datetime) -> str:
        return wording.deadline(due.astimezone(self.now.tzinfo), self.now)

    @property
    def timeline(self) -> list[Happened]:
        """What people did and what it did to the clocks, oldest first."""
        acts = [self._act(entry) for entry in self.ticket.timeline if entry.kind not in _AFFAIRS_OF_THE_DESK]
        ticks = [self._tick(events) for events in at_once(self.ticket.clock_events)]
        # An act and what follows from it are some microseconds apart; the act comes first.
        return sorted([*acts, *ticks], key=lambda happened: happened.at.replace(microsecond=0))

    def _act(self, entry: TimelineEntry) -> Happened:
        message = next((m for m in self.ticket.messages if m.id == entry.body.get("message")), None)
        by = f" {_CHANNELS[message.channel]}" if message and message.channel in _CHANNELS else ""
        did, notice = ACTS.get(entry.kind), _NOTICES.get(entry.kind, "O chamado foi atualizado")
        return Happened(
            entry.at.astimezone(self.now.tzinfo),
            f"{self.name(entry.actor)} {did}{by}" if did else notice,
            _mark(entry, message),
            _detail(entry),
            message,
            tuple(file for file in self.ticket.attachments if message and file.message == message.id),
        )

    def name(self, email: str | None) -> str:
        """Who acted: the reader is addressed, colleagues have names, nobody's address is shown."""
        if email and email == self.reader:
            return "Você"
        told = {m.actor: m.actor_name for m in self.ticket.messages if m.actor_name}
        told[self.ticket.creator] = self.ticket.creator_name or self.ticket.creator or "Quem abriu"
        return told.get(email) or _TEAM

    def _tick(self, events: Sequence[ClockEvent]) -> Happened:
        kind, at = events[0].kind, events[0].at.astimezone(self.now.tzinfo)
        of = " e ".join(wording.CLOCKS[event.clock] for event in events)
        if kind in (ClockEventKind.STARTED, ClockEventKind.RETARGETED):
            said = "Prazos contados a partir daqui" if kind is ClockEventKind.STARTED else "Novos prazos"
            return Happened(at, said, "clock", " e ".join(_promise(event) for event in events).capitalize() + ".")
        return Happened(at, _ticked(kind, of, len(events) > 1), "late" if kind is ClockEventKind.BREACHED else "clock")


def _promise(event: ClockEvent) -> str:
    return f"{wording.CLOCKS[event.clock]} em até {_hours(event)}"


def _hours(event: ClockEvent) -> str:
    """Of an event that sets a target: `4 horas úteis`."""
    return wording.on_calendar(event.target, event.calendar) if event.target is not None else "combinado"


def size_in_words(size: int) -> str:
    """`300 bytes`, `12 kB`, `1,4 MB`."""
    if size < 1_000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{round(size / 1_000)} kB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")


def at_once(events: Iterable[ClockEvent]) -> list[list[ClockEvent]]:
    """Both clocks doing the same at the same moment is one thing to tell."""
    return [list(same) for _, same in groupby(events, key=lambda event: (event.kind, event.at))]


def _ticked(kind: ClockEventKind, of: str, both: bool) -> str:
    which, ran, stopped = (
        (f"Os prazos de {of}", "voltaram", "pararam") if both else (f"O prazo de {of}", "voltou", "parou")
    )
    ended = "terminaram" if both else "terminou"
    return {
        ClockEventKind.PAUSED: f"{which} {stopped} até a sua resposta",
        ClockEventKind.RESUMED: f"{which} {ran} a contar",
        ClockEventKind.REOPENED: f"{which} {ran} a contar",
        ClockEventKind.MET: f"{of.capitalize()}: concluído" if not both else f"{of.capitalize()}: concluídos",
        ClockEventKind.BREACHED: f"{which} {ended} sem conclusão",
    }.get(kind, "Os prazos mudaram")


def _mark(entry: TimelineEntry, message: TicketMessage | None) -> str:
    if entry.kind in _MARKS:
        return _MARKS[entry.kind]
    return "agent" if message and message.author is Author.AGENT else "plain"


def _detail(entry: TimelineEntry) -> str:
    if entry.kind == "severity_changed":
        before, after, reason = (entry.body.get(name) for name in ("from", "to", "reason"))
        change = f"De {before} para {after}" if before else f"Agora é {after}"
        return f"{change}. Motivo: {reason}" if reason else f"{change}."
    if entry.kind == "file_refused":
        return ": ".join(entry.body[name] for name in ("name", "reason") if entry.body.get(name))
    if entry.kind == "opened" and entry.body.get("severity"):
        return f"Com severidade {entry.body['severity']}."
    return ""

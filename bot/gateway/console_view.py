"""What the console's pages show, in words: clocks, what happened, why this severity. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.gateway.ticket_words import ACTS, at_once
from bot.sla.clock import Clock, ClockEvent, ClockEventKind, ClockState, ClockStatus, clocks, replay
from bot.sla.contracts import Contracts
from bot.sla.matrix import Matrix, SlaRow
from bot.sla.questions import ATTRIBUTES
from bot.sla.wording import CLOCKS, deadline, moment
from bot.sla.wording import clock as time_of_day
from bot.tickets.ticket import Ticket, TimelineEntry

# The share of the target after which a clock is shown as pressing.
_PRESSING = 0.75


@dataclass(frozen=True)
class ClockView:
    """One clock of a ticket. `share` is what has been used of the target, at most 1."""

    title: str
    kind: str
    """`late`, `pressing`, `running`, `paused` or `met`."""
    state: str
    due: str
    elapsed: str
    target: str
    share: float
    pauses: tuple[str, ...]


@dataclass(frozen=True)
class Happened:
    """A line of the timeline. `by` is None for what nobody did, such as a clock that ran out."""

    at: datetime
    text: str
    by: str | None
    more: str | None = None


@dataclass(frozen=True)
class Alternative:
    """A row of the matrix with how likely it was, in percent."""

    row: SlaRow
    percent: int


def duration(time: timedelta) -> str:
    """`2 d 3 h`, `1 h 30 min`, `menos de 1 min`; two units at most."""
    minutes = int(abs(time).total_seconds()) // 60
    units = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    told = [f"{number} {unit}" for number, unit in units if number][:2]
    return " ".join(told) or "menos de 1 min"


def business(time: timedelta) -> str:
    """Business time: `12 h 30 min`, never in days, since a day of business is no day."""
    minutes = int(abs(time).total_seconds()) // 60
    told = [f"{number} {unit}" for number, unit in ((minutes // 60, "h"), (minutes % 60, "min")) if number]
    return " ".join(told) or ("0 min" if not time else "menos de 1 min")


def clock_views(ticket: Ticket, contracts: Contracts, now: datetime) -> list[ClockView]:
    """`now` in the desk's zone."""
    return [_clock_view(state, ticket.clock_events, now) for state in clocks(ticket.clock_events, contracts.calendar)]


def diagnosis_is_due(ticket: Ticket, contracts: Contracts) -> bool:
    """True while the ticket waits for a diagnosis, be its clock running or paused."""
    state = replay(ticket.clock_events, Clock.DIAGNOSIS, contracts.calendar)
    return state is not None and state.status is not ClockStatus.MET


def _clock_view(state: ClockState, events: Sequence[ClockEvent], now: datetime) -> ClockView:
    at = max(now, state.since)
    kind, said = _standing(state, at)
    return ClockView(
        title=CLOCKS[state.clock].capitalize(),
        kind=kind,
        state=said,
        due=_due(state, now),
        elapsed=business(state.elapsed(at)),
        target=business(state.target),
        share=min(1.0, round(state.share_used(at), 3)),
        pauses=tuple(_pauses(events, state.clock, now)),
    )


def _standing(state: ClockState, at: datetime) -> tuple[str, str]:
    left, late = state.remaining(at), state.breached_at(at)
    if state.status is ClockStatus.MET:
        return ("late", "cumprido fora do prazo") if late else ("met", "cumprido no prazo")
    if late:
        return "late", f"atrasado {business(left)}"
    if state.status is ClockStatus.PAUSED:
        return "paused", f"parado, restam {business(left)}"
    return "pressing" if state.share_used(at) >= _PRESSING else "running", f"restam {business(left)}"


def _due(state: ClockState, now: datetime) -> str:
    if state.status is ClockStatus.MET and state.met_at:
        return f"cumprido {moment(state.met_at.astimezone(now.tzinfo), now)}"
    if state.due is None:
        return "o prazo volta a correr com a resposta do cliente"
    due = state.due.astimezone(now.tzinfo)
    return f"venceu {moment(due, now)}" if due < now else f"vence {deadline(due, now)}"


def _pauses(events: Iterable[ClockEvent], which: Clock, now: datetime) -> Iterable[str]:
    began: datetime | None = None
    for event in (event for event in events if event.clock is which):
        if event.kind is ClockEventKind.PAUSED:
            began = event.at
        elif began and event.kind in (ClockEventKind.RESUMED, ClockEventKind.MET):
            yield f"de {_short(began, now)} a {_short(event.at, now)}"
            began = None
    if began:
        yield f"desde {_short(began, now)}"


def _short(at: datetime, now: datetime) -> str:
    local = at.astimezone(now.tzinfo)
    return f"{local:%d/%m} {time_of_day(local)}"


_WAYS = {"whatsapp": "pelo WhatsApp", "template": "pelo WhatsApp", "email": "por e-mail", "none": "sem canal"}
_STATES = {
    "queued": "na fila",
    "sent": "enviado",
    "delivered": "entregue",
    "read": "lido",
    "failed": "não entregue",
}
_TICKS = {
    ClockEventKind.STARTED: "início",
    ClockEventKind.PAUSED: "pausa, à espera do cliente",
    ClockEventKind.RESUMED: "retomada",
    ClockEventKind.RETARGETED: "novo prazo",
    ClockEventKind.MET: "cumprido",
    ClockEventKind.REOPENED: "retomada com a reabertura",
    ClockEventKind.BREACHED: "estourado",
}


def timeline(ticket: Ticket) -> list[Happened]:
    """What happened to the ticket and to its clocks, in order."""
    names = names_of(ticket)
    happened = [in_words(entry, names) for entry in ticket.timeline]
    ticked = [_ticked(events) for events in at_once(ticket.clock_events)]
    return sorted([*happened, *ticked], key=lambda one: one.at)


def names_of(ticket: Ticket) -> dict[str, str]:
    """Names by address of those who took part."""
    wrote = [(message.actor, message.actor_name) for message in ticket.messages]
    return {address: name for address, name in [(ticket.creator, ticket.creator_name), *wrote] if address and name}


def in_words(entry: TimelineEntry, names: dict[str, str]) -> Happened:
    if entry.kind not in ACTS:
        return Happened(entry.at, *_notice(entry))
    told, more = ACTS[entry.kind], None
    if entry.kind == "severity_changed":
        told = f"mudou a severidade de {entry.body.get('from') or 'nenhuma'} para {entry.body.get('to')}"
        more = entry.body.get("reason")
    actor = names.get(entry.actor or "", entry.actor)
    return Happened(entry.at, told, actor or "Alguém não identificado", more)


def _notice(entry: TimelineEntry) -> tuple[str, str | None, str | None]:
    """What nobody did: text, no actor, and more about it."""
    body = entry.body
    match entry.kind:
        case "told":
            way, state = _WAYS.get(body.get("way", ""), "aviso"), _STATES.get(body.get("state", ""), "em andamento")
            return f"Aviso ao cliente {way}: {state}", None, None
        case "file_refused":
            return f"Arquivo recusado: {body.get('name', '')}", None, body.get("reason")
        case "delivery_failed":
            return str(body.get("text") or "Um e-mail não pôde ser entregue."), None, None
        case "sla_warning" | "sla_breach":
            which = CLOCKS.get(body.get("clock", ""), "")
            said = "perto do fim" if entry.kind == "sla_warning" else "estourado, equipe avisada"
            return f"Prazo de {which}: {said}", None, None
    return "O chamado foi atualizado", None, None


def _ticked(events: Sequence[ClockEvent]) -> Happened:
    """What one or both clocks did at one moment."""
    which = " e ".join(CLOCKS[event.clock] for event in events)
    told = f"Prazo de {which}: {_TICKS[events[0].kind]}"
    targets = [business(event.target) for event in events if event.target is not None]
    if targets:
        told += f", {' e '.join(targets)} úteis, severidade {events[0].severity}"
    return Happened(events[0].at, told, None)


def spoken(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A conversation with its moments as such."""
    return [{**one, "at": datetime.fromisoformat(one["at"])} for one in history]


def alternatives(evidence: dict[str, Any], matrix: Matrix) -> list[Alternative]:
    """The rows that the model held possible, the likeliest first; those that the matrix has lost are left out."""
    told = evidence.get("alternatives") or ()
    return [Alternative(matrix.by_id[row], round(100 * p)) for row, p in told if row in matrix.by_id]


def answers(evidence: dict[str, Any], matrix: Matrix) -> list[str]:
    """What the person said to the questions that settle the severity: a button's title, or their own words."""
    return [_answer(answer, matrix) for answer in evidence.get("answers") or ()]


def _answer(answer: str, matrix: Matrix) -> str:
    name, _, value = answer.partition(":")
    attribute = ATTRIBUTES.get(name)
    row = next((row for row in matrix.rows if attribute and attribute.of(row) == value), None)
    return attribute.title(row) if attribute and row else answer


def rows_by_module(matrix: Matrix) -> dict[str, list[SlaRow]]:
    """For choosing a row by plain words: worst first within each module."""
    groups: dict[str, list[SlaRow]] = {}
    for row in sorted(matrix.rows, key=lambda row: row.severity):
        groups.setdefault(row.module if row.module == row.product else f"{row.product} · {row.module}", []).append(row)
    return dict(sorted(groups.items()))

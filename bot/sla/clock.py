"""The two clocks of a ticket, diagnosis and solution, as a log of what happened to them.

Nothing but the log is kept: what has passed, what is left and when a clock runs out follow from replaying it. Time
counts in open hours of the calendar that a clock runs on. A clock that is paused counts nothing; another severity sets
another target against the time already used; a clock that met its purpose and is reopened does not count the time in
between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.sla.business_hours import BusinessCalendar
from bot.sla.contracts import Terms

_NOTHING = timedelta(0)


class Clock(StrEnum):
    """What a clock waits for."""

    DIAGNOSIS = "diagnosis"
    SOLUTION = "solution"


class ClockEventKind(StrEnum):
    """What happens to a clock; the value is what is stored."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    RETARGETED = "retargeted"
    MET = "met"
    REOPENED = "reopened"
    BREACHED = "breached"


class ClockStatus(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"


@dataclass(frozen=True)
class ClockEvent:
    """An entry of the log. `at` is aware. `target` (business time), `severity` and `calendar` (the name of the one the
    clock runs on from here) are set where a clock starts or gets another target."""

    clock: Clock
    kind: ClockEventKind
    at: datetime
    target: timedelta | None = None
    severity: int | None = None
    calendar: str | None = None


@dataclass(frozen=True)
class ClockState:
    """How a clock stands after its last event, `since` then. `used` is the business time up to there.

    `due` is when the target runs out: while the clock is paused, None; once met, the due time it was held against.
    """

    status: ClockStatus
    since: datetime
    used: timedelta
    target: timedelta
    severity: int | None
    calendar: BusinessCalendar
    due: datetime | None
    met_at: datetime | None = None
    breached_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.status is ClockStatus.RUNNING

    def elapsed(self, at: datetime) -> timedelta:
        """Business time used up to `at` (aware, not before the last event)."""
        return self.used + (self.calendar.between(self.since, at) if self.is_running else _NOTHING)

    def remaining(self, at: datetime) -> timedelta:
        """Business time left at `at`; negative once the target has run out."""
        return self.target - self.elapsed(at)

    def is_late(self, at: datetime) -> bool:
        """True when the target ran out before it was met, or has run out by `at`."""
        return self.breached_at is not None or self.remaining(at) < _NOTHING


def replay(log: Iterable[ClockEvent], calendar_of: Callable[[str], BusinessCalendar]) -> dict[Clock, ClockState]:
    """The state of each clock that the log speaks of. Events of one clock are in the order in which they happened.

    Raises ValueError for a clock that does something before it started.
    """
    states: dict[Clock, ClockState] = {}
    for event in log:
        states[event.clock] = _after(states.get(event.clock), event, calendar_of)
    return states


def _after(state: ClockState | None, event: ClockEvent, calendar_of: Callable[[str], BusinessCalendar]) -> ClockState:
    if event.kind is ClockEventKind.STARTED:
        return _running(ClockStatus.RUNNING, event, _NOTHING, calendar_of)
    if state is None:
        raise ValueError(f"the {event.clock} clock was {event.kind} before it started")
    used = state.elapsed(event.at)
    if event.kind is ClockEventKind.RETARGETED:
        return _running(state.status, event, used, calendar_of, met_at=state.met_at)
    status = _STATUS_AFTER.get(event.kind, state.status)
    ran_out = state.due if state.is_running and used > state.target else None
    breached = state.breached_at or (event.at if event.kind is ClockEventKind.BREACHED else ran_out)
    return ClockState(
        status=status,
        since=event.at,
        used=used,
        target=state.target,
        severity=state.severity,
        calendar=state.calendar,
        due=_due(status, event.at, state.target - used, state),
        met_at=event.at if event.kind is ClockEventKind.MET else state.met_at if status is ClockStatus.MET else None,
        breached_at=breached,
    )


_STATUS_AFTER = {
    ClockEventKind.PAUSED: ClockStatus.PAUSED,
    ClockEventKind.RESUMED: ClockStatus.RUNNING,
    ClockEventKind.REOPENED: ClockStatus.RUNNING,
    ClockEventKind.MET: ClockStatus.MET,
}


def _due(status: ClockStatus, at: datetime, left: timedelta, before: ClockState) -> datetime | None:
    if status is ClockStatus.PAUSED:
        return None
    if status is before.status or status is ClockStatus.MET:
        return before.due
    # What had run out before the pause stays late: it is due at once, not later for having waited.
    return before.calendar.add(at, max(left, _NOTHING))


def _running(
    status: ClockStatus,
    event: ClockEvent,
    used: timedelta,
    calendar_of: Callable[[str], BusinessCalendar],
    met_at: datetime | None = None,
) -> ClockState:
    assert event.target is not None and event.calendar is not None, "a clock starts with a target and a calendar"
    calendar = calendar_of(event.calendar)
    left = event.target - used
    due = None if status is ClockStatus.PAUSED else calendar.add(event.at, max(left, _NOTHING))
    return ClockState(
        status, event.at, used, event.target, event.severity, calendar, due, met_at,
        breached_at=event.at if left < _NOTHING else None,
    )  # fmt: skip


def started(severity: int, terms: Terms, at: datetime) -> tuple[ClockEvent, ...]:
    """Both clocks begin."""
    return tuple(_targeted(clock, ClockEventKind.STARTED, severity, terms, at) for clock in Clock)


def retargeted(log: Sequence[ClockEvent], severity: int, terms: Terms, at: datetime) -> tuple[ClockEvent, ...]:
    """Another severity: new targets for both clocks, what was used so far counts."""
    return tuple(_targeted(clock, ClockEventKind.RETARGETED, severity, terms, at) for clock in _statuses(log))


def paused(log: Sequence[ClockEvent], at: datetime) -> tuple[ClockEvent, ...]:
    """What runs stands still."""
    return _all(log, ClockStatus.RUNNING, ClockEventKind.PAUSED, at)


def resumed(log: Sequence[ClockEvent], at: datetime) -> tuple[ClockEvent, ...]:
    return _all(log, ClockStatus.PAUSED, ClockEventKind.RESUMED, at)


def met(log: Sequence[ClockEvent], which: Clock, at: datetime) -> tuple[ClockEvent, ...]:
    """What a clock waited for has happened; () when it had happened before or there is no such clock."""
    waiting = _statuses(log).get(which, ClockStatus.MET) is not ClockStatus.MET
    return (ClockEvent(which, ClockEventKind.MET, at),) if waiting else ()


def reopened(log: Sequence[ClockEvent], at: datetime) -> tuple[ClockEvent, ...]:
    """The solution was none: its clock runs on. A diagnosis once given stays given."""
    if _statuses(log).get(Clock.SOLUTION) is not ClockStatus.MET:
        return ()
    return (ClockEvent(Clock.SOLUTION, ClockEventKind.REOPENED, at),)


def _targeted(clock: Clock, kind: ClockEventKind, severity: int, terms: Terms, at: datetime) -> ClockEvent:
    target = terms.diagnosis if clock is Clock.DIAGNOSIS else terms.solution
    return ClockEvent(clock, kind, at, target, severity, terms.calendar_name)


def _all(log: Sequence[ClockEvent], having: ClockStatus, kind: ClockEventKind, at: datetime) -> tuple[ClockEvent, ...]:
    return tuple(ClockEvent(clock, kind, at) for clock, status in _statuses(log).items() if status is having)


def _statuses(log: Sequence[ClockEvent]) -> dict[Clock, ClockStatus]:
    """Where each clock stands; needs no calendar."""
    statuses: dict[Clock, ClockStatus] = {}
    for event in log:
        before = statuses.get(event.clock, ClockStatus.RUNNING)
        statuses[event.clock] = _STATUS_AFTER.get(event.kind, before)
    return statuses

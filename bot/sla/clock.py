"""The two clocks of a ticket, as a log of events from which everything else is derived.

A ticket's log holds the events of both clocks in the order in which they were written. Nothing but the log is the
truth: due times, what is left and breaches are computed from it by `replay`, on the business calendars that the log
names.

    STARTED ──► running ──PAUSED──► paused ──RESUMED──► running ──MET──► met ──REOPENED──► running

A change of severity keeps what has run: business time already used, on the calendar that held then, counts against the
new target. An event that does not fit where a clock stands (a pause of a paused clock, written by two processes at
once) changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.sla.business_hours import NOTHING, BusinessCalendar
from bot.sla.contracts import Terms

CalendarOf = Callable[[str], BusinessCalendar]
_NEAR = 0.75


class Clock(StrEnum):
    DIAGNOSIS = "diagnosis"
    SOLUTION = "solution"


class ClockEventKind(StrEnum):
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    RETARGETED = "retargeted"
    """The severity changed."""
    MET = "met"
    REOPENED = "reopened"
    """A met solution clock runs again; the time since it was met does not count."""
    BREACHED = "breached"
    """The target ran out. Kept for the record: `replay` derives the same from the other events."""


class ClockStatus(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"


_STEPS: dict[tuple[ClockEventKind, ClockStatus | None], ClockStatus] = {
    (ClockEventKind.STARTED, None): ClockStatus.RUNNING,
    (ClockEventKind.PAUSED, ClockStatus.RUNNING): ClockStatus.PAUSED,
    (ClockEventKind.RESUMED, ClockStatus.PAUSED): ClockStatus.RUNNING,
    (ClockEventKind.RETARGETED, ClockStatus.RUNNING): ClockStatus.RUNNING,
    (ClockEventKind.RETARGETED, ClockStatus.PAUSED): ClockStatus.PAUSED,
    (ClockEventKind.MET, ClockStatus.RUNNING): ClockStatus.MET,
    (ClockEventKind.MET, ClockStatus.PAUSED): ClockStatus.MET,
    (ClockEventKind.REOPENED, ClockStatus.MET): ClockStatus.RUNNING,
    **{(ClockEventKind.BREACHED, status): status for status in ClockStatus},
}


@dataclass(frozen=True)
class ClockEvent:
    """One line of a log. `at` is aware; target, severity and calendar are set when a clock starts or is retargeted."""

    clock: Clock
    kind: ClockEventKind
    at: datetime
    target: timedelta | None = None
    severity: int | None = None
    calendar: str | None = None
    """The name of the calendar that the clock runs on, see `Contracts.calendar`."""


@dataclass(frozen=True)
class ClockState:
    """Where a clock stands after the last event of its log; its instants are in UTC.

    Instants asked about must not lie before that event.
    """

    clock: Clock
    status: ClockStatus
    severity: int
    target: timedelta
    calendar_name: str
    calendar: BusinessCalendar
    since: datetime
    """The last event that changed anything."""
    used: timedelta = NOTHING
    """Business time that had passed at `since`."""
    ran_out: datetime | None = None
    """When the target that holds ran out, if that was before `since`."""
    met_at: datetime | None = None
    promises: int = 1
    """How many targets have been promised so far, this one included."""
    breach_logged: bool = False

    @property
    def due(self) -> datetime | None:
        """When the target runs out or ran out; None while paused, unless it had run out before.

        Of a met clock: until when it would have been in time.
        """
        if self.ran_out is None and self.status is ClockStatus.PAUSED:
            return None
        return self.ran_out or self.due_if_resumed(self.since)

    @property
    def near_at(self) -> datetime | None:
        """When three quarters of the target are used up, or `since` if they were before; None unless running in time.

        A share fits both a target of one hour (a quarter of an hour before) and one of forty (more than a day before).
        """
        if self.status is not ClockStatus.RUNNING or self.ran_out:
            return None
        return self._used_up(self.since, _NEAR * self.target)

    def due_if_resumed(self, at: datetime) -> datetime:
        """When the target would run out if the clock ran from `at` on, with what it has used so far."""
        return self._used_up(max(at.astimezone(UTC), self.since), self.target)

    def elapsed(self, at: datetime) -> timedelta:
        """Business time that the clock has run until `at`."""
        return self.used + (self.calendar.between(self.since, at) if self.status is ClockStatus.RUNNING else NOTHING)

    def remaining(self, at: datetime) -> timedelta:
        """Business time left at `at`; below zero by how much the target was passed."""
        return self.target - self.elapsed(at)

    def share_used(self, at: datetime) -> float:
        """0 at the start, 1 when the target runs out, more afterwards."""
        return self.elapsed(at) / self.target

    def breached_at(self, at: datetime) -> datetime | None:
        """The instant when the target ran out, if it had by `at`, also when the clock was met later.

        A clock met or paused at the very instant of its due time is in time. One that was due at closing time and still
        ran the next morning is not, although no business time has passed.
        """
        if (
            self.ran_out is None
            and self.status is ClockStatus.RUNNING
            and (due := self.due)
            and due < at.astimezone(UTC)
        ):
            return due
        return self.ran_out

    def _used_up(self, start: datetime, target: timedelta) -> datetime:
        """When so much is used up if the clock runs from `start` on."""
        return self.calendar.add(start, target - self.used).astimezone(UTC)


# The log, told on.


def started(severity: int, terms: Terms, at: datetime) -> tuple[ClockEvent, ...]:
    """Both clocks of a ticket opened at `at`."""
    return tuple(_aimed(clock, ClockEventKind.STARTED, severity, terms, at) for clock in Clock)


def paused(events: Sequence[ClockEvent], at: datetime) -> tuple[ClockEvent, ...]:
    """The clocks that run stop: somebody waits for the customer."""
    return _wherever_possible(events, ClockEventKind.PAUSED, at)


def resumed(events: Sequence[ClockEvent], at: datetime) -> tuple[ClockEvent, ...]:
    return _wherever_possible(events, ClockEventKind.RESUMED, at)


def met(events: Sequence[ClockEvent], clock: Clock, at: datetime) -> tuple[ClockEvent, ...]:
    """A paused clock can be met as well. What is solved has been diagnosed: the solution ends both clocks."""
    return _wherever_possible(events, ClockEventKind.MET, at, Clock if clock is Clock.SOLUTION else (clock,))


def reopened(events: Sequence[ClockEvent], at: datetime) -> tuple[ClockEvent, ...]:
    """The solution is due again. If the severity changed in the meantime, `retargeted` comes after it."""
    return _wherever_possible(events, ClockEventKind.REOPENED, at, (Clock.SOLUTION,))


def retargeted(events: Sequence[ClockEvent], severity: int, terms: Terms, at: datetime) -> tuple[ClockEvent, ...]:
    """Another severity for the clocks that are not met; met ones are judged by the target that held."""
    aimed = (_aimed(clock, ClockEventKind.RETARGETED, severity, terms, at) for clock in Clock)
    return tuple(event for event in aimed if _fits(events, event) and _aim(event) != _last_aim(events, event.clock))


def breached(events: Sequence[ClockEvent], calendar_of: CalendarOf, at: datetime) -> tuple[ClockEvent, ...]:
    """What has run out by `at` and is not in the log yet. The events tell when that was, which may be before others."""
    return tuple(
        ClockEvent(state.clock, ClockEventKind.BREACHED, since)
        for state in clocks(events, calendar_of)
        if not state.breach_logged and (since := state.breached_at(at))
    )


def _aimed(clock: Clock, kind: ClockEventKind, severity: int, terms: Terms, at: datetime) -> ClockEvent:
    target = terms.diagnosis if clock is Clock.DIAGNOSIS else terms.solution
    return ClockEvent(clock, kind, at, target, severity, terms.calendar_name)


def _wherever_possible(
    events: Sequence[ClockEvent], kind: ClockEventKind, at: datetime, of: Iterable[Clock] = Clock
) -> tuple[ClockEvent, ...]:
    wanted = (ClockEvent(clock, kind, at) for clock in of)
    return tuple(event for event in wanted if _fits(events, event))


def _fits(events: Iterable[ClockEvent], event: ClockEvent) -> bool:
    status = None
    for earlier in events:
        if earlier.clock is event.clock:
            status = _STEPS.get((earlier.kind, status), status)
    return (event.kind, status) in _STEPS


def _last_aim(events: Iterable[ClockEvent], clock: Clock) -> tuple[object, ...] | None:
    aims = [_aim(event) for event in events if event.clock is clock and event.target is not None]
    return aims[-1] if aims else None


def _aim(event: ClockEvent) -> tuple[object, ...]:
    return event.target, event.severity, event.calendar


# The log, read.


def clocks(events: Sequence[ClockEvent], calendar_of: CalendarOf) -> tuple[ClockState, ...]:
    """The clocks of a ticket that have started, diagnosis first; none for a ticket without deadlines."""
    states = (replay(events, clock, calendar_of) for clock in Clock)
    return tuple(state for state in states if state)


def replay(events: Iterable[ClockEvent], clock: Clock, calendar_of: CalendarOf) -> ClockState | None:
    """Where one clock stands after a ticket's log; None if it never started.

    The order of the log counts. Where an event bears an earlier time than the one before it, because two machines'
    clocks differ, it is taken to have happened right after it: no time runs backwards.
    """
    state = None
    for event in events:
        if event.clock is clock:
            state = _after(state, event, calendar_of)
    return state


def _after(state: ClockState | None, event: ClockEvent, calendar_of: CalendarOf) -> ClockState | None:
    status = _STEPS.get((event.kind, state.status if state else None))
    if status is None:
        return state
    if state is None:
        return _begun(event, calendar_of)
    if event.kind is ClockEventKind.BREACHED:
        return replace(state, breach_logged=True)
    at = max(event.at.astimezone(UTC), state.since)
    stopped = replace(
        state,
        status=status,
        since=at,
        used=state.elapsed(at),
        ran_out=state.breached_at(at),
        met_at=at if status is ClockStatus.MET else None,
    )
    return _turned(stopped, event, calendar_of) if event.kind is ClockEventKind.RETARGETED else stopped


def _begun(event: ClockEvent, calendar_of: CalendarOf) -> ClockState:
    target, severity, calendar = _aim_of(event)
    return ClockState(
        event.clock,
        ClockStatus.RUNNING,
        severity,
        target,
        calendar,
        calendar_of(calendar),
        since=event.at.astimezone(UTC),
    )


def _turned(state: ClockState, event: ClockEvent, calendar_of: CalendarOf) -> ClockState:
    """The same clock with another target.

    A longer target takes a breach back; a shorter one that is already used up has run out now, not before it was
    promised.
    """
    target, severity, calendar = _aim_of(event)
    promised_anew = (target, calendar) != (state.target, state.calendar_name)
    enough = state.used < target
    return replace(
        state,
        severity=severity,
        target=target,
        calendar_name=calendar,
        calendar=calendar_of(calendar),
        ran_out=None if enough else state.ran_out or (state.since if state.used > target else None),
        breach_logged=state.breach_logged and not enough,
        promises=state.promises + promised_anew,
    )


def _aim_of(event: ClockEvent) -> tuple[timedelta, int, str]:
    """Raises ValueError for an event that lacks them: such a log was not written by this module."""
    if event.target is None or event.severity is None or event.calendar is None:
        raise ValueError(f"a {event.kind} event of the {event.clock} clock lacks target, severity or calendar")
    return event.target, event.severity, event.calendar

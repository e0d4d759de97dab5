"""Watches the deadlines: a warning before one runs out and an alarm when it has, once each for every target promised.

A ticket says itself when it is to be looked at next: at the next moment when a clock of it comes near its target or
passes it. A change of its clocks has it looked at at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sla.clock import CalendarOf, ClockState, ClockStatus, breached, clocks
from bot.store.watched import Alarm, WatchedTickets
from bot.tickets.ticket import Ticket

log = logging.getLogger(__name__)

WARNING, BREACH = "sla_warning", "sla_breach"
_EVERY_SECONDS = 30.0
_AFTER_A_FAILURE = timedelta(minutes=15)
# A clock that is due at a moment is in time at it: the look comes right after.
_RIGHT_AFTER = timedelta(seconds=1)


class Watch:
    """`warn_at` is the share of a target, in business time, after which the warning goes out."""

    def __init__(
        self, tickets: WatchedTickets, calendar_of: CalendarOf, warn_at: float, now: Callable[[], datetime]
    ) -> None:
        self._tickets, self._calendar_of, self._warn_at, self._now = tickets, calendar_of, warn_at, now

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except Exception as error:
                log.error("deadlines could not be looked at (%s)", type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    def look(self) -> int:
        """Looks at every ticket that is due; gives how many alarms were raised. One that breaks stops no other."""
        raised = 0
        while due := self._tickets.due(self._now()):
            kept = [self._look_at(ticket) for ticket in due]
            raised += sum(found or 0 for found in kept)
            if all(found is None for found in kept):  # others changed them all; the next round is soon
                break
        return raised

    def _look_at(self, ticket: Ticket) -> int | None:
        """None when the ticket changed meanwhile."""
        now = self._now()
        try:
            states = clocks(ticket.clock_events, self._calendar_of)
            ran_out = breached(ticket.clock_events, self._calendar_of, now)
            alarms = [alarm for state in states for alarm in self._alarms(ticket, state, now)]
            again = min(self._moments(ticket, states, now), default=None)
        except (ValueError, ArithmeticError) as error:  # a log that no clock wrote
            log.error("the clocks of a ticket cannot be read (%s)", type(error).__name__)
            self._tickets.put_off(ticket, now + _AFTER_A_FAILURE)
            return 0
        return len(alarms) if self._tickets.looked(ticket, alarms, ran_out, again, now) else None

    def _alarms(self, ticket: Ticket, state: ClockState, now: datetime) -> list[Alarm]:
        """A clock that has run out needs no warning any more; one that was met late was told of by then or never."""
        if _told(ticket, BREACH, state) or (due := state.due) is None or state.status is ClockStatus.MET:
            return []
        if state.breached_at(now):
            return [Alarm(BREACH, state.clock.value, state.promises, due)]
        near = state.status is ClockStatus.RUNNING and self._near(state) <= now
        if near and not _told(ticket, WARNING, state):
            return [Alarm(WARNING, state.clock.value, state.promises, due)]
        return []

    def _moments(self, ticket: Ticket, states: tuple[ClockState, ...], now: datetime) -> list[datetime]:
        """When running clocks come near their targets or pass them, after now."""
        running = [state for state in states if state.status is ClockStatus.RUNNING]
        passes = [state.due + _RIGHT_AFTER for state in running if state.due]
        nears = [self._near(state) for state in running if not _told(ticket, WARNING, state)]
        return [moment for moment in (*passes, *nears) if moment > now]

    def _near(self, state: ClockState) -> datetime:
        left = state.target * self._warn_at - state.used
        return state.calendar.add(state.since, max(left, timedelta(0)))


def _told(ticket: Ticket, kind: str, state: ClockState) -> bool:
    of = (state.clock.value, state.promises)
    return any(
        (entry.body.get("clock"), entry.body.get("promise")) == of for entry in ticket.timeline if entry.kind == kind
    )

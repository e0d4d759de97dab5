"""Watches the deadlines: a warning before one runs out and an alarm when it has, once each for every target promised.

A ticket says itself when it is to be looked at next: when a clock of it comes near its target or has passed it. A
change of its clocks has it looked at at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sla.clock import CalendarOf, breached, clocks
from bot.sla.warnings import next_warning_at, warnings_due
from bot.store.watched import Look, WatchedTickets
from bot.tickets.ticket import Ticket

log = logging.getLogger(__name__)

_EVERY_SECONDS = 30.0
_AFTER_A_FAILURE = timedelta(minutes=15)
# A clock that is due at a moment is in time at it: the look comes right after.
_RIGHT_AFTER = timedelta(seconds=1)


class Watch:
    def __init__(self, tickets: WatchedTickets, calendar_of: CalendarOf, now: Callable[[], datetime]) -> None:
        self._tickets, self._calendar_of, self._now = tickets, calendar_of, now

    async def run(self) -> None:
        """Watches until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except Exception as error:  # only its name: what a database complains of holds what people wrote
                log.error("deadlines could not be looked at (%s)", type(error).__name__)
            await asyncio.sleep(_EVERY_SECONDS)

    def look(self) -> int:
        """Looks at every ticket that is due; gives how many warnings were raised. One that breaks stops no other."""
        raised, settled = 0, True
        while settled and (due := self._tickets.due(self._now())):
            found = [self._look_at(ticket) for ticket in due]
            raised += sum(count or 0 for count in found)
            settled = any(count is not None for count in found)  # else others changed them all; the next round is soon
        return raised

    def _look_at(self, ticket: Ticket) -> int | None:
        """How many warnings; None when the ticket changed meanwhile."""
        now = self._now()
        try:
            look = self._find(ticket, now)
        except Exception as error:  # a log that no clock wrote
            log.error("the clocks of a ticket cannot be read (%s)", type(error).__name__)
            look = Look((), (), now + _AFTER_A_FAILURE)
        return len(look.warnings) if self._tickets.looked(ticket, look, now) else None

    def _find(self, ticket: Ticket, now: datetime) -> Look:
        states = clocks(ticket.clock_events, self._calendar_of)
        told = {entry.body.get("key") for entry in ticket.timeline}
        warnings = tuple(warning for warning in warnings_due(states, now) if warning.key not in told)
        again = next_warning_at(states, now)
        ran_out = breached(ticket.clock_events, self._calendar_of, now)
        return Look(warnings, ran_out, again + _RIGHT_AFTER if again else None)

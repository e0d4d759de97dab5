"""Random calendars, each beside the simulator that knows the same hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.sla.business_hours import BusinessCalendar
from tests.bot.sla.simulator import MINUTE, MinuteByMinute, Window

WINDOWS = [
    Window("America/Sao_Paulo", 2026, 12),  # the end of a year
    Window("America/Sao_Paulo", 2018, 10),  # the clocks skip the hour after midnight
    Window("America/Sao_Paulo", 2019, 1),  # … and repeat the hour before
    Window("America/New_York", 2026, 3),
    Window("America/New_York", 2026, 10),
    Window("Australia/Lord_Howe", 2026, 3),  # half an hour
    Window("America/St_Johns", 2010, 10),  # set back a minute after midnight: the day before comes again
    Window("Pacific/Apia", 2011, 12),  # 30 December is left out
    Window("Asia/Kolkata", 2027, 12),
    Window("UTC", 2024, 2),
]


def _day(quarters: set[int]) -> list[tuple[int, int]]:
    times = [quarter * 15 for quarter in sorted(quarters)]
    return list(zip(times[::2], times[1::2], strict=False))


days = st.sets(st.integers(0, 96), max_size=6).map(_day)
"""Open intervals of a day, on whole quarters of an hour: none, one, or two or three with breaks."""
weeks = st.builds(
    lambda kinds, pattern: [kinds[kind] for kind in pattern],
    st.tuples(days, days, st.just([])),
    st.lists(st.integers(0, 2), min_size=7, max_size=7),
).filter(any)
"""Seven days of three kinds, of which one is closed; some day is open."""


@dataclass(frozen=True)
class Pair:
    """A calendar and its simulator; moments are minutes of the window."""

    window: Window
    calendar: BusinessCalendar
    simulator: MinuteByMinute

    def between(self, start: int, end: int) -> int:
        return self.calendar.between(self.at(start), self.at(end)) // MINUTE

    def add(self, start: int, minutes: int) -> int:
        return (self.calendar.add(self.at(start), MINUTE * minutes) - self.window.first) // MINUTE

    def due(self, start: datetime, span: timedelta) -> datetime:
        """In UTC: in the hour that comes twice, local times cannot be compared."""
        return self.calendar.add(start, span).astimezone(UTC)

    def at(self, minute: int) -> datetime:
        return self.window.at(minute)


def pair(window: Window, week: list[list[tuple[int, int]]], closed: set[int]) -> Pair:
    """`closed` are days, counted from the first of the window."""
    dates = {window.first.toordinal() + day for day in closed}
    calendar = BusinessCalendar(
        ZoneInfo(window.zone),
        tuple(tuple((wall(opens), wall(closes)) for opens, closes in day) for day in week),
        extra_holidays=frozenset(date.fromordinal(day) for day in dates),
    )
    return Pair(window, calendar, MinuteByMinute(window, week, dates))


def wall(minutes: int) -> time:
    return time.max if minutes == 24 * 60 else time(minutes // 60, minutes % 60)


windows = st.sampled_from(WINDOWS)
closed_days = st.sets(st.integers(0, 59), max_size=6)
pairs = st.builds(pair, windows, weeks, closed_days)
moments = st.integers(0, 50 * 24 * 60)


shares = st.floats(0, 1)
"""Of what is open from a moment to the end of the window."""


def several(cases):
    """Working out a calendar takes longest, so that five cases are tried on each."""
    return st.lists(cases, min_size=5, max_size=5)

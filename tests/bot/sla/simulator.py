"""The clocks once more, as stupidly as possible: minute by minute, knowing only what the clock on the wall shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Window:
    """Some days, from midnight UTC on, in a zone. Minutes are counted from the first instant."""

    zone: str
    year: int
    month: int
    days: int = 60

    @property
    def first(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=UTC)

    @property
    def minutes(self) -> int:
        return self.days * 24 * 60

    @cached_property
    def walls(self) -> tuple[np.ndarray, np.ndarray]:
        """For every minute: the date that the wall shows, as an ordinal, and the minute of the week, from Monday on."""
        zone = ZoneInfo(self.zone)
        shown = [(self.first + MINUTE * n).astimezone(zone) for n in range(self.minutes)]
        of_the_week = [at.weekday() * 1440 + at.hour * 60 + at.minute for at in shown]
        return np.array([at.toordinal() for at in shown]), np.array(of_the_week)

    def at(self, minute: int) -> datetime:
        return self.first + MINUTE * int(minute)


class MinuteByMinute:
    """`hours` are intervals of minutes since midnight by weekday (0 = Monday); `closed` are ordinals of dates."""

    def __init__(self, window: Window, hours: list[list[tuple[int, int]]], closed: Iterable[int]) -> None:
        week = np.zeros(7 * 1440, dtype=bool)
        for day, intervals in enumerate(hours):
            for opens, closes in intervals:
                week[day * 1440 + opens : day * 1440 + closes] = True
        dates, of_the_week = window.walls
        self.open = week[of_the_week]
        """For every minute, whether it is an open one."""
        for day in closed:
            self.open &= dates != day
        self.before = np.concatenate(([0], np.cumsum(self.open)))
        """For every instant, how many open minutes lie before it."""

    def between(self, start: int, end: int) -> int:
        return int(self.before[end] - self.before[start])

    def add(self, start: int, minutes: int) -> int:
        """The first instant with so many open minutes, at least one, between."""
        return int(np.searchsorted(self.before, self.before[start] + minutes))


class StupidClock:
    """One clock that is looked at every minute. Operations that make no sense as things stand do nothing."""

    def __init__(self, open_minutes: Mapping[str, np.ndarray]) -> None:
        self._open = {name: minutes.tolist() for name, minutes in open_minutes.items()}
        self.status: str | None = None
        self.used = 0
        self.target = 0
        self.calendar = ""
        self.ran_out: int | None = None
        self.met_at: int | None = None

    def run(self, operations: list[tuple[int, str, int, str]], until: int) -> None:
        """Operations are (minute, what, target, calendar), in order; nothing is looked at from `until` on."""
        todo = list(operations)
        for minute in range(todo[0][0], until):
            while todo and todo[0][0] <= minute:
                self._do(*todo.pop(0))
            if self.status == "running":
                if self.used >= self.target and self.ran_out is None:
                    self.ran_out = minute
                self.used += self._open[self.calendar][minute]
        for operation in todo:
            self._do(*operation)

    def _do(self, minute: int, what: str, target: int, calendar: str) -> None:
        if what == "start" and self.status is None:
            self.status, self.target, self.calendar = "running", target, calendar
        elif what == "pause" and self.status == "running":
            self.status = "paused"
        elif what == "resume" and self.status == "paused":
            self.status = "running"
        elif what == "meet" and self.status in ("running", "paused"):
            self.status, self.met_at = "met", minute
        elif what == "reopen" and self.status == "met":
            self.status, self.met_at = "running", None
        elif what == "retarget" and self.status in ("running", "paused"):
            self.target, self.calendar = target, calendar
            if self.used < target:
                self.ran_out = None
            elif self.used > target and self.ran_out is None:
                self.ran_out = minute

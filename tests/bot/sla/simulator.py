"""The business clock once more, as stupidly as possible: minute by minute, knowing only the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class MinuteByMinute:
    """`hours` are intervals of minutes since midnight by weekday (0 = Monday); `closed` are ISO dates."""

    def __init__(self, zone: ZoneInfo, hours: list[list[tuple[int, int]]], closed: set[str]) -> None:
        self._zone, self._hours, self._closed = zone, hours, closed

    def is_open(self, instant: datetime) -> bool:
        """Whether the minute that begins at `instant` is open."""
        local = instant.astimezone(self._zone)
        if local.date().isoformat() in self._closed:
            return False
        minute = local.hour * 60 + local.minute
        return any(opens <= minute < closes for opens, closes in self._hours[local.weekday()])

    def between(self, start: datetime, end: datetime) -> timedelta:
        passed, at = timedelta(0), start.astimezone(UTC)
        while at < end:
            passed += MINUTE if self.is_open(at) else timedelta(0)
            at += MINUTE
        return passed

    def add(self, start: datetime, business: timedelta) -> datetime:
        at = start.astimezone(UTC)
        while business > timedelta(0):
            business -= MINUTE if self.is_open(at) else timedelta(0)
            at += MINUTE
        return at

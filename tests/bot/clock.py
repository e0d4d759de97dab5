"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# A Tuesday, 10:00 in São Paulo.
TUESDAY = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)


class Clock:
    def __init__(self, start: datetime = TUESDAY) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **duration: float) -> None:
        """`duration` as timedelta takes it: seconds, minutes, hours…"""
        self.time += timedelta(**duration)

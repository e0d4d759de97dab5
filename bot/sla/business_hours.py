"""The clock deadlines run on: business hours of a calendar with holidays.

Everything is computed on UTC instants, so that a change of daylight saving time or of the zone's rules neither gains
nor loses business time: the desk is open while the clock on its wall shows opening hours. The open intervals of a month
are worked out once and then searched. Instants are compared in UTC only: in the hour that comes twice, Python takes two
instants of one zone for equal, and equal ones of two zones for different.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.sla import public_holidays

NOTHING = timedelta(0)
# A calendar open one hour a week needs 10,000 weeks for the longest target the matrix allows.
_LONGEST_WALK_MONTHS = 2_700
Span = tuple[datetime, datetime]
"""From an instant to another, both in UTC."""


@dataclass(frozen=True)
class Yearly:
    """A day of every year, as municipal holidays often are."""

    month: int
    day: int

    def in_year(self, year: int) -> date | None:
        """None for 29 February in a year without it."""
        leap = isleap(year) or (self.month, self.day) != (2, 29)
        return date(year, self.month, self.day) if leap else None


def _since_midnight(at: time) -> timedelta:
    if at == time.max:  # 24:00
        return timedelta(days=1)
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


@dataclass(frozen=True)
class _Month:
    """The open intervals of a month in order, and how much open time of it lies before each and after the last."""

    opens: list[datetime]
    closes: list[datetime]
    before: list[timedelta]

    @classmethod
    def of(cls, spans: list[Span]) -> _Month:
        before = itertools.accumulate((closes - opens for opens, closes in spans), initial=NOTHING)
        return cls([opens for opens, _ in spans], [closes for _, closes in spans], list(before))

    @property
    def total(self) -> timedelta:
        return self.before[-1]

    def passed(self, at: datetime) -> timedelta:
        """Open time of the month before `at`."""
        last = bisect_right(self.opens, at) - 1
        return NOTHING if last < 0 else self.before[last] + min(at, self.closes[last]) - self.opens[last]

    def when(self, passed: timedelta) -> datetime:
        """The first instant at which so much of it, more than zero and no more than `total`, has passed."""
        last = bisect_left(self.before, passed) - 1
        return self.opens[last] + (passed - self.before[last])

    def next_open(self, at: datetime) -> datetime | None:
        following = bisect_right(self.closes, at)
        return max(at, self.opens[following]) if following < len(self.opens) else None


@dataclass(frozen=True)
class BusinessCalendar:
    """Opening hours by weekday (0 = Monday), minus holidays, in one time zone."""

    zone: ZoneInfo
    hours: tuple[tuple[tuple[time, time], ...], ...]
    country: str | None = None
    state: str | None = None
    optional_holidays: frozenset[str] = frozenset()
    city_holidays: frozenset[date | Yearly] = frozenset()
    extra_holidays: frozenset[date] = frozenset()
    _months: dict[int, _Month] = field(default_factory=dict, init=False, repr=False, compare=False)
    _holiday_years: dict[int, frozenset[date]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def add(self, start: datetime, business: timedelta) -> datetime:
        """The instant when `business` open time has passed since `start` (aware). Zero gives `start`.

        What ends with an interval is due at closing time, not at the next opening.
        """
        if business <= NOTHING:
            return start
        begin, first = self._placed(start)
        left = business + self._month(first).passed(begin)
        for number in range(first, first + _LONGEST_WALK_MONTHS):
            month = self._month(number)
            if left <= month.total:
                return month.when(left).astimezone(self.zone)
            left -= month.total
        raise ValueError("o calendário não tem horas úteis suficientes para esse prazo")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from `start` to `end` (both aware); zero when `end` is not after `start`."""
        (begin, first), (finish, last) = self._placed(start), self._placed(end)
        if finish <= begin:
            return NOTHING
        whole = sum((self._month(number).total for number in range(first, last)), NOTHING)
        return whole + self._month(last).passed(finish) - self._month(first).passed(begin)

    def is_open(self, moment: datetime) -> bool:
        return self._next_open(moment) == moment.astimezone(UTC)

    def next_open(self, moment: datetime) -> datetime:
        """`moment` itself when the desk is open then, else the next opening."""
        return self._next_open(moment).astimezone(self.zone)

    def _next_open(self, moment: datetime) -> datetime:
        begin, first = self._placed(moment)
        for number in range(first, first + _LONGEST_WALK_MONTHS):
            if opens := self._month(number).next_open(begin):
                return opens
        raise ValueError("o calendário não tem nenhum horário de atendimento")

    def _placed(self, moment: datetime) -> tuple[datetime, int]:
        """The instant in UTC, and the number of the month in which it falls here."""
        local = moment.astimezone(self.zone)
        return local.astimezone(UTC), local.year * 12 + local.month - 1

    def _month(self, number: int) -> _Month:
        if number not in self._months:
            first = date(number // 12, number % 12 + 1, 1)
            days = monthrange(first.year, first.month)[1]
            spans = (span for day in range(days) for span in self._day(first + timedelta(days=day)))
            self._months[number] = _Month.of(list(spans))
        return self._months[number]

    def _day(self, day: date) -> list[Span]:
        """Open intervals of a day as UTC instants."""
        begin, offset = self._midnight(day)
        end, next_offset = self._midnight(day + timedelta(days=1))
        if offset == next_offset:
            return [(begin + opens, begin + closes) for opens, closes in self._walls(day)]
        change = begin + timedelta(seconds=self._seconds_to(next_offset, begin, end))
        return [*self._cut(day, offset, begin, change), *self._cut(day, next_offset, change, end)]

    def _cut(self, day: date, offset: timedelta, begin: datetime, end: datetime) -> list[Span]:
        """What is open from `begin` to `end`, while the wall clock is `offset` ahead of UTC.

        It may then show the day before or after, when it is set across midnight.
        """
        spans = []
        for near in (day - timedelta(days=1), day, day + timedelta(days=1)):
            midnight = datetime.combine(near, time.min, UTC) - offset
            for opens, closes in self._walls(near):
                span = max(midnight + opens, begin), min(midnight + closes, end)
                if span[0] < span[1]:
                    spans.append(span)
        return spans

    def _seconds_to(self, offset: timedelta, begin: datetime, end: datetime) -> int:
        """How long after `begin` the clock is set to `offset`."""

        def is_set(seconds: int) -> bool:
            return (begin + timedelta(seconds=seconds)).astimezone(self.zone).utcoffset() == offset

        return bisect_left(range(int((end - begin).total_seconds())), True, key=is_set)

    def _midnight(self, day: date) -> tuple[datetime, timedelta]:
        """The instant at which `day` begins and the offset from UTC that holds until then."""
        offset = datetime.combine(day, time.min, self.zone).utcoffset() or NOTHING
        return datetime.combine(day, time.min, UTC) - offset, offset

    def _walls(self, day: date) -> tuple[tuple[timedelta, timedelta], ...]:
        """Open intervals as the clock on the wall shows them, since midnight."""
        return () if day in self._holidays(day.year) else self._week[day.weekday()]

    @cached_property
    def _week(self) -> tuple[tuple[tuple[timedelta, timedelta], ...], ...]:
        return tuple(tuple((_since_midnight(o), _since_midnight(c)) for o, c in day) for day in self.hours)

    def _holidays(self, year: int) -> frozenset[date]:
        if year not in self._holiday_years:
            self._holiday_years[year] = self._official(year) | self._of_the_city(year) | self.extra_holidays
        return self._holiday_years[year]

    def _official(self, year: int) -> frozenset[date]:
        """Public holidays, and of the optional ones those named."""
        if not self.country:
            return frozenset()
        optional = public_holidays.optional(self.country, self.state, year).items()
        named = {day for day, name in optional if name in self.optional_holidays}
        return public_holidays.public(self.country, self.state, year) | named

    def _of_the_city(self, year: int) -> frozenset[date]:
        days = (day.in_year(year) if isinstance(day, Yearly) else day for day in self.city_holidays)
        return frozenset(day for day in days if day)

"""The clock deadlines run on: business hours of a calendar with holidays.

Everything is computed on UTC instants, so that a change of daylight saving time or of the zone's rules neither gains
nor loses business time: the desk is open while the clock on its wall shows opening hours. The open intervals of a month
are worked out once and then searched.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import AfterValidator, BaseModel, ConfigDict, PlainValidator, ValidationInfo

from bot.company_data import read_yaml

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NOTHING = timedelta(0)
# A calendar open one hour a week needs 10,000 weeks for the longest target the matrix allows.
_LONGEST_WALK_MONTHS = 2_700
_LEAP_YEAR = 2024
D = TypeVar("D")
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


def _city_days(value: object) -> list[date | Yearly]:
    return [_city_day(day) for day in (value if isinstance(value, list) else [value])]


def _city_day(value: object) -> date | Yearly:
    """Out of `25/01`, `25/01/2026` or a YAML date."""
    if isinstance(value, date):
        return value
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", str(value).strip())
    try:
        day, month, year = (int(part) if part else None for part in match.groups()) if match else (0, 0, 0)
        found = date(year or _LEAP_YEAR, month or 0, day or 0)
    except ValueError as error:
        raise ValueError(f"{value!r} não é um dia; escreva 25/01 (todo ano) ou 25/01/2026 (só nesse ano)") from error
    return found if year else Yearly(found.month, found.day)


def _zone_exists(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"fuso horário {value!r} desconhecido; use, por exemplo, America/Sao_Paulo") from error
    return value


def _country_exists(value: str) -> str:
    if value not in holidays.list_supported_countries():
        raise ValueError(f"país {value!r} desconhecido; use o código de duas letras, por exemplo BR")
    return value


def _state_exists(value: str, info: ValidationInfo) -> str:
    country = _country(info)
    states = holidays.list_supported_countries()[country] if country else [value]
    if value not in states:
        there = f"use um destes: {', '.join(states)}" if states else "esse país não tem feriados por estado"
        raise ValueError(f"estado {value!r} desconhecido em {country}; {there}")
    return value


def _optional_holidays_exist(value: list[str], info: ValidationInfo) -> list[str]:
    country = _country(info)
    known = _names_of_optional(country, info.data.get("state")) if country and value else set(value)
    unknown = sorted(set(value) - known)
    if unknown:
        there = f"há {', '.join(sorted(known))}" if known else "não há nenhum nesse lugar"
        raise ValueError(f"feriado facultativo {unknown[0]!r} desconhecido; {there}")
    return value


def _week_is_right(value: dict[str, list[str]]) -> dict[str, list[str]]:
    unknown = set(value) - set(WEEKDAYS)
    if unknown:
        raise ValueError(f"dia desconhecido: {sorted(unknown)}; use {', '.join(WEEKDAYS)}")
    for day, intervals in value.items():
        _check_day(day, [_interval(text) for text in intervals])
    if not any(value.values()):
        raise ValueError("nenhum dia tem horário de atendimento; informe ao menos um intervalo")
    return value


def _country(info: ValidationInfo) -> str | None:
    """The country of the fields read so far, else that of the calendar which a contract's is laid over."""
    return info.data.get("country") or (info.context or {}).get("country")


def _names_of_optional(country: str, state: str | None) -> set[str]:
    """Names of holidays that are optional by law, over enough years to meet each."""
    return {name for year in range(2020, 2030) for name in _optional(country, state, year).values()}


def _optional(country: str, state: str | None, year: int) -> Mapping[date, str]:
    """Not every country has such."""
    public = holidays.country_holidays(country, subdiv=state, years=year)
    if "optional" not in public.supported_categories:
        return {}
    return holidays.country_holidays(country, subdiv=state, years=year, categories=("optional",), language="pt_BR")


def _interval(text: str) -> tuple[time, time]:
    match = re.fullmatch(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})", text)
    if not match:
        raise ValueError(f"intervalo {text!r} não está no formato 09:00-18:00")
    hours, minutes, to_hours, to_minutes = map(int, match.groups())
    try:
        opens = time(hours, minutes)
        closes = time.max if (to_hours, to_minutes) == (24, 0) else time(to_hours, to_minutes)
    except ValueError as error:
        raise ValueError(f"intervalo {text!r} tem hora que não existe") from error
    if closes <= opens:
        raise ValueError(f"intervalo {text!r} termina antes de começar")
    return opens, closes


def _check_day(day: str, intervals: list[tuple[time, time]]) -> None:
    for (_, closes), (opens, _) in itertools.pairwise(intervals):
        if opens < closes:
            raise ValueError(f"os intervalos de {day} se sobrepõem ou estão fora de ordem")


Zone = Annotated[str, AfterValidator(_zone_exists)]
Country = Annotated[str, AfterValidator(_country_exists)]
State = Annotated[str, AfterValidator(_state_exists)]
Week = Annotated[dict[str, list[str]], AfterValidator(_week_is_right)]
OptionalHolidays = Annotated[list[str], AfterValidator(_optional_holidays_exist)]
CityHolidays = dict[str, Annotated[list[date | Yearly], PlainValidator(_city_days)]]


class CalendarData(BaseModel):
    """`calendar.yml` as it is written. The country stands before what is looked up in it."""

    model_config = ConfigDict(extra="forbid")

    timezone: Zone
    country: Country = "BR"
    state: State | None = None
    hours: Week
    optional_holidays: OptionalHolidays = []
    city_holidays: CityHolidays = {}
    extra_holidays: list[date] = []


class CalendarPart(BaseModel):
    """The same fields where they are laid over another calendar: each may be missing."""

    model_config = ConfigDict(extra="forbid")

    timezone: Zone | None = None
    country: Country | None = None
    state: State | None = None
    hours: Week | None = None
    optional_holidays: OptionalHolidays = []
    city_holidays: CityHolidays = {}
    extra_holidays: list[date] = []


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
        if end <= start:
            return NOTHING
        (begin, first), (finish, last) = self._placed(start), self._placed(end)
        whole = sum((self._month(number).total for number in range(first, last)), NOTHING)
        return whole + self._month(last).passed(finish) - self._month(first).passed(begin)

    def is_open(self, moment: datetime) -> bool:
        return self.next_open(moment) == moment

    def next_open(self, moment: datetime) -> datetime:
        """`moment` itself when the desk is open then, else the next opening."""
        begin, first = self._placed(moment)
        for number in range(first, first + _LONGEST_WALK_MONTHS):
            if opens := self._month(number).next_open(begin):
                return opens.astimezone(self.zone)
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
        """Public holidays, and of the optional ones those named (Carnaval is optional by law)."""
        if not self.country:
            return frozenset()
        public = holidays.country_holidays(self.country, subdiv=self.state, years=year)
        optional = _optional(self.country, self.state, year)
        return frozenset(public) | {day for day, name in optional.items() if name in self.optional_holidays}

    def _of_the_city(self, year: int) -> frozenset[date]:
        days = (day.in_year(year) if isinstance(day, Yearly) else day for day in self.city_holidays)
        return frozenset(day for day in days if day)


_NEVER = BusinessCalendar(ZoneInfo("UTC"), ((),) * 7, country="BR")


def load_calendar(path: Path) -> BusinessCalendar:
    """Raises ConfigurationError, also for a calendar without any open hour."""
    return calendar_from(read_yaml(path, CalendarData), _NEVER)


def calendar_from(data: CalendarData | CalendarPart, base: BusinessCalendar) -> BusinessCalendar:
    """`base` with what `data` says otherwise. Holidays of a place are left behind with the place."""
    if data.country:
        base = replace(base, country=data.country, state=None, optional_holidays=frozenset(), city_holidays=frozenset())
    if "state" in data.model_fields_set:
        base = replace(base, state=data.state, city_holidays=frozenset())
    said = data.model_fields_set
    city = [day for days in data.city_holidays.values() for day in days]
    return replace(
        base,
        zone=ZoneInfo(data.timezone) if data.timezone else base.zone,
        hours=base.hours if data.hours is None else _week(data.hours),
        optional_holidays=_either("optional_holidays" in said, data.optional_holidays, base.optional_holidays),
        city_holidays=_either("city_holidays" in said, city, base.city_holidays),
        extra_holidays=_either("extra_holidays" in said, data.extra_holidays, base.extra_holidays),
    )


def _either(said: bool, own: Iterable[D], base: frozenset[D]) -> frozenset[D]:
    return frozenset(own) if said else base


def _week(hours: Mapping[str, Sequence[str]]) -> tuple[tuple[tuple[time, time], ...], ...]:
    return tuple(tuple(_interval(text) for text in hours.get(day, [])) for day in WEEKDAYS)

"""The clock deadlines run on: business hours of a calendar with holidays.

Everything is computed in whole seconds on UTC instants, so that a change of daylight saving time or of
the zone's rules neither gains nor loses business time.
"""

from __future__ import annotations

import itertools
import re
from calendar import isleap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import AfterValidator, BaseModel, ConfigDict, PlainValidator, ValidationInfo

from bot.company_data import read_yaml

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A calendar open one hour a week needs 10,000 weeks for the longest target the matrix allows.
_LONGEST_WALK_DAYS = 80_000
_LEAP_YEAR = 2024
D = TypeVar("D")


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
    _holiday_years: dict[int, frozenset[date]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def add(self, start: datetime, business: timedelta) -> datetime:
        """The instant when `business` open time has passed since `start` (aware). Zero gives `start`."""
        left = business
        if left <= timedelta(0):
            return start
        for opens, closes in self._open_intervals(start):
            open_time = closes - opens
            if left <= open_time:
                return (opens + left).astimezone(self.zone)
            left -= open_time
        raise ValueError("o calendário não tem horas úteis suficientes para esse prazo")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from `start` to `end` (both aware); zero when `end` is not after `start`."""
        total = timedelta(0)
        if end <= start:
            return total
        for opens, closes in self._open_intervals(start):
            if opens >= end:
                break
            total += min(closes, end) - opens
        return total

    def is_open(self, moment: datetime) -> bool:
        return self.next_open(moment) == moment

    def next_open(self, moment: datetime) -> datetime:
        """`moment` itself when the desk is open then, else the next opening."""
        for opens, _ in self._open_intervals(moment):
            return opens.astimezone(self.zone)
        raise ValueError("o calendário não tem nenhum horário de atendimento")

    def _open_intervals(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open intervals from `start` on, as UTC instants, the first one cut at `start`."""
        begin = start.astimezone(UTC)
        day = start.astimezone(self.zone).date()
        for _ in range(_LONGEST_WALK_DAYS):
            for opens, closes in self._day(day):
                if closes > begin:
                    yield max(opens, begin), closes
            day += timedelta(days=1)

    def _day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self._holidays(day.year):
            return
        for opens, closes in self.hours[day.weekday()]:
            yield self._instant(day, opens), self._instant(day, closes)

    def _instant(self, day: date, at: time) -> datetime:
        if at == time.max:  # 24:00
            day, at = day + timedelta(days=1), time.min
        return datetime.combine(day, at, self.zone).astimezone(UTC)

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

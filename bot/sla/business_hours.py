"""The clock deadlines run on: business hours of a calendar with holidays.

Everything is computed in whole seconds on UTC instants, so that a change of daylight saving time or of
the zone's rules neither gains nor loses business time.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays
from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from bot.company_data import read_yaml

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# A calendar open one hour a week needs 10,000 weeks for the longest target the matrix allows.
_LONGEST_WALK_DAYS = 80_000


class CalendarData(BaseModel):
    """`calendar.yml` as it is written."""

    model_config = ConfigDict(extra="forbid")

    timezone: str
    country: str = "BR"
    state: str | None = None
    hours: dict[str, list[str]]
    optional_holidays: list[str] = []
    extra_holidays: list[date] = []

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"fuso horário {value!r} desconhecido; use, por exemplo, America/Sao_Paulo") from error
        return value

    @field_validator("hours")
    @classmethod
    def _intervals_are_right(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        unknown = set(value) - set(WEEKDAYS)
        if unknown:
            raise ValueError(f"dia desconhecido: {sorted(unknown)}; use {', '.join(WEEKDAYS)}")
        for day, intervals in value.items():
            _check_day(day, [_interval(text) for text in intervals])
        return value

    @model_validator(mode="after")
    def _some_day_is_open(self) -> Self:
        if not any(self.hours.values()):
            raise ValueError("nenhum dia tem horário de atendimento; informe ao menos um intervalo")
        return self


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


@dataclass(frozen=True)
class BusinessCalendar:
    """Opening hours by weekday (0 = Monday), minus holidays, in one time zone."""

    zone: ZoneInfo
    hours: tuple[tuple[tuple[time, time], ...], ...]
    country: str | None = None
    state: str | None = None
    optional_holidays: frozenset[str] = frozenset()
    extra_holidays: frozenset[date] = frozenset()
    _holiday_years: dict[int, frozenset[date]] = field(default_factory=dict, repr=False, compare=False)

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
            self._holiday_years[year] = self._official(year) | self.extra_holidays
        return self._holiday_years[year]

    def _official(self, year: int) -> frozenset[date]:
        """Public holidays, and of the optional ones those named (Carnaval is optional by law)."""
        if not self.country:
            return frozenset()
        public = holidays.country_holidays(self.country, subdiv=self.state, years=year)
        optional = holidays.country_holidays(
            self.country, subdiv=self.state, years=year, categories=("optional",), language="pt_BR"
        )
        return frozenset(public) | {day for day, name in optional.items() if name in self.optional_holidays}


def load_calendar(path: Path) -> BusinessCalendar:
    """Raises ConfigurationError, also for a calendar without any open hour."""
    return calendar_from(read_yaml(path, CalendarData))


def calendar_from(data: CalendarData) -> BusinessCalendar:
    return BusinessCalendar(
        zone=ZoneInfo(data.timezone),
        hours=tuple(tuple(_interval(text) for text in data.hours.get(day, [])) for day in WEEKDAYS),
        country=data.country,
        state=data.state,
        optional_holidays=frozenset(data.optional_holidays),
        extra_holidays=frozenset(data.extra_holidays),
    )


def always_open(zone: ZoneInfo) -> BusinessCalendar:
    """Day and night, holidays too."""
    return BusinessCalendar(zone, (((time.min, time.max),),) * 7)

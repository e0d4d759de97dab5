"""Calendars as an administrator writes them: `calendar.yml`, and what a contract lays over it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainValidator, ValidationInfo

from bot.company_data import read_yaml
from bot.sla.business_hours import BusinessCalendar, Yearly
from bot.sla.public_holidays import names_of_optional, states_by_country

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LEAP_YEAR = 2024
D = TypeVar("D")


def _zone_exists(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"fuso horário {value!r} desconhecido; use, por exemplo, America/Sao_Paulo") from error
    return value


def _country_exists(value: str) -> str:
    if value not in states_by_country():
        raise ValueError(f"país {value!r} desconhecido; use o código de duas letras, por exemplo BR")
    return value


def _state_exists(value: str, info: ValidationInfo) -> str:
    country = _country(info)
    states = states_by_country()[country] if country else [value]
    if value not in states:
        there = f"use um destes: {', '.join(states)}" if states else "esse país não tem feriados por estado"
        raise ValueError(f"estado {value!r} desconhecido em {country}; {there}")
    return value


def _optional_holidays_exist(value: list[str], info: ValidationInfo) -> list[str]:
    country = _country(info)
    known = names_of_optional(country, info.data.get("state")) if country and value else set(value)
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


def _city_days(value: object) -> list[date | Yearly]:
    return [_city_day(day) for day in (value if isinstance(value, list) else [value])]


def _city_day(value: object) -> date | Yearly:
    """Out of `25/01`, `25/01/2026` or a YAML date."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    match = re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", str(value).strip())
    try:
        day, month, year = (int(part) if part else None for part in match.groups()) if match else (0, 0, 0)
        found = date(year or _LEAP_YEAR, month or 0, day or 0)
    except ValueError as error:
        raise ValueError(f"{value!r} não é um dia; escreva 25/01 (todo ano) ou 25/01/2026 (só nesse ano)") from error
    return found if year else Yearly(found.month, found.day)


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

"""Stretches of time that people name: "hoje", "esta semana", "mês passado", "em outubro", "nos últimos 30 dias"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.text import plain

MONTHS = (
    "janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
    "dezembro",
)  # fmt: skip
_THIS, _LAST = r"\b(?:est|ness|nest|ess|d?est|d?ess)[ea]\s+", r"(?:\s+(?:passad[oa]|anterior)|\s+que passou)\b"
_LATELY = re.compile(r"\bultim[oa]s?\s+(?P<count>\d{1,3})\s+(?P<unit>dias?|semanas?|mes(?:es)?)\b")
_NAMED_MONTH = re.compile(
    rf"\b(?:em|de|no mes de|desde)\s+(?P<month>{'|'.join(MONTHS)})(?:\s+de\s+(?P<year>\d{{4}}))?\b"
)
_DAYS = {"dia": 1, "semana": 7, "mes": 30}


@dataclass(frozen=True)
class Period:
    """From `start` up to, but without, `end`; both aware."""

    start: datetime
    end: datetime


def period_in(text: str, now: datetime) -> Period | None:
    """The period a text names, in the zone of `now`; None where it names none. Weeks begin on Monday."""
    words = plain(text)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    named = (
        (r"\banteontem\b", Period(today - timedelta(days=2), today - timedelta(days=1))),
        (r"\bontem\b", Period(today - timedelta(days=1), today)),
        (r"\b(?:hoje|hj)\b", Period(today, now)),
        (rf"\bsemana{_LAST}", Period(monday - timedelta(days=7), monday)),
        (rf"\bmes{_LAST}", Period((first - timedelta(days=1)).replace(day=1), first)),
        (rf"\bano{_LAST}", Period(first.replace(year=now.year - 1, month=1), first.replace(month=1))),
        (rf"{_THIS}semana\b", Period(monday, now)),
        (rf"{_THIS}mes\b", Period(first, now)),
        (rf"{_THIS}ano\b", Period(first.replace(month=1), now)),
    )
    for pattern, period in named:
        if re.search(pattern, words):
            return period
    return _lately(words, now, today) or _month(words, now, first)


def _lately(words: str, now: datetime, today: datetime) -> Period | None:
    match = _LATELY.search(words)
    if not match:
        return None
    unit = next(days for name, days in _DAYS.items() if match["unit"].startswith(name))
    return Period(today - timedelta(days=int(match["count"]) * unit), now)


def _month(words: str, now: datetime, first: datetime) -> Period | None:
    """A month without a year is the latest one that has begun."""
    match = _NAMED_MONTH.search(words)
    if not match:
        return None
    month = MONTHS.index(match["month"]) + 1
    year = int(match["year"]) if match["year"] else now.year - (month > now.month)
    start = first.replace(year=year, month=month)
    after = (start + timedelta(days=32)).replace(day=1)
    return Period(start, after)

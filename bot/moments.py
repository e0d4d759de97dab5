"""When it began: the moment that words like "desde ontem às 14h" speak of. The only importer of dateparser.

dateparser knows dates and distances, but takes "às 14h" for "14 hours ago", "ramal 2040" for a year and a weekday for the
coming one; so the day and the time of day are found here first, and only what is surely a date goes to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import dateparser

from bot.text import plain

_NUMBERS = {"um": "1", "uma": "1", "dois": "2", "duas": "2", "tres": "3", "quatro": "4", "cinco": "5", "seis": "6"}
_WEEKDAYS = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
_MONTHS = "janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"
_CLOCK = re.compile(
    r"\b(?:as|pelas|desde as|das|umas|la pelas|por volta d[ae]s|a partir das|ate as)?\s*"
    r"(?<![\d/.,])(?P<hour>[01]?\d|2[0-3])(?:\s?h(?:oras?|rs?|s)?(?:\s?(?P<minute>[0-5]\d)(?:min)?)?|:(?P<colon>[0-5]\d))(?!\d)"
    r"(?:\s+d[ae]\s+(?P<part>manha|tarde|noite|madrugada))?"
)
_SPOKEN_CLOCK = re.compile(r"\b(?P<name>meio[- ]dia|meia[- ]noite)\b")
_AGO = re.compile(
    r"\b(?:ha|faz|tem|a)\s+(?:uns|umas|cerca de|mais de|quase)?\s*(?P<count>\d{1,3}|" + "|".join(_NUMBERS) + r")\s+"
    r"(?P<unit>min(?:uto)?s?|h(?:ora)?s?|dias?|semanas?|mes(?:es)?)\b"
)
_DATE = re.compile(
    rf"\b(?P<date>\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?|\d{{1,2}}\s+de\s+(?:{_MONTHS})(?:\s+de\s+\d{{4}})?)\b"
)
_DAY_OF_MONTH = re.compile(r"\bdia\s+(?P<day>[0-2]?\d|3[01])\b(?!\s*(?:de\s|/))")
_NAMED_DAY = re.compile(rf"\b(?:(?P<near>anteontem|ontem|hoje|hj)|(?P<week>{'|'.join(_WEEKDAYS)})(?:[- ]feira)?)\b")
# "toda segunda", "às segundas", "de segunda a sexta" tell how often, not when it began.
_REPEATED = re.compile(
    r"\b(?:tod[ao]s?\s+(?:[ao]s?\s+)?\S+|as\s+(?:segundas|tercas|quartas|quintas|sextas)|de\s+\w+(?:-feira)?\s+a\s+\w+)\b"
)


@dataclass(frozen=True)
class Moment:
    """`at` is aware and not after the words were said; without a time of day it is the day's first instant."""

    at: datetime
    exact: bool
    """True when a time of day, or a distance in minutes or hours, was said."""


def moment_in(text: str, now: datetime) -> Moment | None:
    """The moment in a short text, said at `now` (aware, in the speaker's zone); None where it tells none.

    >>> moment_in("desde ontem às 14h", now)  # the day before now, 14:00
    """
    words = plain(text)
    distance = _distance(words, now)
    if distance:
        return distance
    if _REPEATED.search(words):
        return None
    day, clock = _day(words, now), _clock(words)
    if day is None and clock is None:
        return None
    at = (day or now).replace(hour=0, minute=0, second=0, microsecond=0)
    if clock:
        at = at.replace(hour=clock.hour, minute=clock.minute)
        if day is None and at > now:  # "às 22h", said at nine in the morning: the evening before
            at -= timedelta(days=1)
    return Moment(at, exact=clock is not None) if at <= now else None


def moment_to_come(text: str, now: datetime) -> datetime | None:
    """The next moment that words like "amanhã às 8h" or "na segunda" speak of; a day's first instant where no time is told.

    None where the words tell none. `now` is aware and in the speaker's zone.
    """
    words = plain(text)
    days, clock = _days_ahead(words, now), _clock(words)
    if days is None and clock is None:
        return None
    at = (now + timedelta(days=days or 0)).replace(hour=0, minute=0, second=0, microsecond=0)
    if clock:
        at = at.replace(hour=clock.hour, minute=clock.minute)
    if at <= now:
        return at + timedelta(days=1) if days is None else (now if days == 0 else None)
    return at


def _days_ahead(words: str, now: datetime) -> int | None:
    if "depois de amanha" in words:
        return 2
    if re.search(r"\bamanha\b", words):
        return 1
    if re.search(r"\b(?:hoje|hj)\b", words):
        return 0
    named = _NAMED_DAY.search(words)
    return ((_WEEKDAYS.index(named["week"]) - now.weekday() - 1) % 7) + 1 if named and named["week"] else None


def _distance(words: str, now: datetime) -> Moment | None:
    match = _AGO.search(words)
    if match is None:
        return None
    count = _NUMBERS.get(match["count"], match["count"])
    unit = match["unit"]
    long = next(name for stem, name in _UNITS if unit.startswith(stem))
    at = dateparser.parse(f"há {count} {long}", languages=["pt"], settings={"RELATIVE_BASE": now.replace(tzinfo=None)})
    if at is None:
        return None
    exact = long in ("minutos", "horas")
    at = at.replace(tzinfo=now.tzinfo, second=0, microsecond=0)
    return Moment(at if exact else at.replace(hour=0, minute=0), exact)


_UNITS = (("min", "minutos"), ("mes", "meses"), ("h", "horas"), ("d", "dias"), ("s", "semanas"))


def _day(words: str, now: datetime) -> datetime | None:
    """The last such day, at any time of it."""
    if date := _DATE.search(words):
        settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "past", "DATE_ORDER": "DMY"}
        at = dateparser.parse(date["date"].replace("marco", "março"), languages=["pt"], settings=settings)
        return at.replace(tzinfo=now.tzinfo) if at else None
    if day := _DAY_OF_MONTH.search(words):
        return _last_day_of_month(int(day["day"]), now)
    if not (named := _NAMED_DAY.search(words)):
        return None
    if named["near"]:
        back = {"hoje": 0, "hj": 0, "ontem": 1, "anteontem": 2}[named["near"]]
    else:
        back = (now.weekday() - _WEEKDAYS.index(named["week"])) % 7
        if "passada" in words or "passado" in words:
            back = back or 7
    return now - timedelta(days=back)


def _last_day_of_month(day: int, now: datetime) -> datetime | None:
    """The nearest month, going back, that has such a day."""
    first = now.replace(day=1)
    for _ in range(3):
        try:
            at = first.replace(day=day)
        except ValueError:
            at = None
        if at and at.date() <= now.date():
            return at
        first = (first - timedelta(days=1)).replace(day=1)
    return None


def _clock(words: str) -> time | None:
    if spoken := _SPOKEN_CLOCK.search(words):
        return time(12) if spoken["name"].startswith("meio") else time(0)
    match = next((m for m in _CLOCK.finditer(words) if m["colon"] or "h" in m.group()), None)
    if match is None:
        return None
    hour = int(match["hour"])
    if match["part"] in ("tarde", "noite") and hour < 12:
        hour += 12
    return time(hour, int(match["minute"] or match["colon"] or 0))

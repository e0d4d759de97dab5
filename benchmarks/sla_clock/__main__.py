"""`python -m benchmarks.sla_clock`: microseconds a calculation, ours and pandas', in results.md.

The same cases for both: whole hours, which is all that pandas can add, from full and odd minutes of two years.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import psutil

from benchmarks import ROOT, provenance
from bot.sla import public_holidays
from bot.sla.business_hours import BusinessCalendar
from bot.sla.calendar_file import load_calendar
from bot.sla.clock import Clock, paused, replay, resumed, retargeted, started
from bot.sla.contracts import Contracts, Terms

RESULTS = Path(__file__).with_name("results.md")
YEARS = (2026, 2027)
_ROUNDS = 5
_LUNCH = {"start": ["09:00", "13:00"], "end": ["12:00", "18:00"]}
_NINE_TO_SIX = {"start": "09:00", "end": "18:00"}
Case = tuple[datetime, int]
"""When it starts, and how many whole hours are added."""


@dataclass(frozen=True)
class Line:
    """One calculation, measured on both sides, in microseconds; `theirs` is None for what pandas cannot do."""

    what: str
    ours: float
    theirs: float | None


def main() -> int:
    desk = load_calendar(ROOT / "company" / "calendar.yml")
    cases = _cases(desk.zone)
    lines = [
        _added("somar 1 a 40 horas, 9h–18h", desk, _NINE_TO_SIX, cases),
        _added("somar 1 a 40 horas, com almoço", _with_lunch(desk), _LUNCH, cases),
        _between("tempo útil entre dois instantes", desk, cases),
        Line("a vida de um chamado: duas pausas, uma troca de severidade, prazo", _microseconds(*_lives(desk, cases)), None),
        Line("o primeiro cálculo de um calendário novo", _microseconds(*_first_ones(desk, cases[:50])), None),
    ]  # fmt: skip
    text = _page(lines, len(cases))
    RESULTS.write_text(text, "utf-8")
    print(text)
    return 0


def _cases(zone: ZoneInfo) -> list[Case]:
    random_ = random.Random(5)
    first = datetime(YEARS[0], 1, 2, tzinfo=zone)
    minutes = [random_.randrange(690 * 24 * 60) for _ in range(2_000)]
    return [(first + timedelta(minutes=minute), random_.randint(1, 40)) for minute in minutes]


def _added(what: str, ours: BusinessCalendar, hours: dict, cases: Sequence[Case]) -> Line:
    """Raises ValueError where the two do not agree: then there is nothing to compare.

    What ends at closing time is for pandas due at the next opening; that counts as the same.
    """
    days = _days_off(ours)
    hour = pd.offsets.CustomBusinessHour(holidays=days, **hours)
    stamps = [(pd.Timestamp(start.replace(tzinfo=None)), count * hour) for start, count in cases]
    spans = [(start, timedelta(hours=count)) for start, count in cases]
    for (start, span), (stamp, offset) in zip(spans, stamps, strict=True):
        due, theirs = ours.add(start, span), (stamp + offset).to_pydatetime().replace(tzinfo=ours.zone)
        if due > theirs or ours.between(due, theirs):
            raise ValueError(f"{start} + {span}: {due} here, {theirs} by pandas")
    return Line(
        what,
        _microseconds(lambda case: ours.add(*case), spans),
        _microseconds(lambda case: case[0] + case[1], stamps),
    )


def _between(what: str, ours: BusinessCalendar, cases: Sequence[Case]) -> Line:
    """pandas has no such calculation."""
    pairs = [(start, start + timedelta(days=count)) for start, count in cases]
    return Line(what, _microseconds(lambda case: ours.between(*case), pairs), None)


def _lives(desk: BusinessCalendar, cases: Sequence[Case]) -> tuple[Callable[[Case], object], Sequence[Case]]:
    contracts = Contracts(desk)
    usual, urgent = (Terms(timedelta(hours=h), timedelta(hours=4 * h), desk, "desk") for h in (8, 2))

    def live(case: Case) -> object:
        start, hour = case[0], timedelta(hours=1)
        log = started(3, usual, start)
        log += paused(log, start + hour)
        log += resumed(log, start + 30 * hour)
        log += retargeted(log, 1, urgent, start + 31 * hour)
        log += paused(log, start + 32 * hour)
        log += resumed(log, start + 80 * hour)
        state = replay(log, Clock.SOLUTION, contracts.calendar)
        return state and state.due

    return live, cases


def _first_ones(desk: BusinessCalendar, cases: Sequence[Case]) -> tuple[Callable[[Case], object], Sequence[Case]]:
    """A calendar keeps what it worked out; `replace` makes one that has not worked out anything."""
    return lambda case: replace(desk).add(case[0], timedelta(hours=case[1])), cases


def _microseconds(calculate: Callable, cases: Sequence) -> float:
    """CPU time a case, the median of several rounds after one that is not counted."""
    rounds = []
    for _ in range(_ROUNDS + 1):
        began = time.process_time()
        for case in cases:
            calculate(case)
        rounds.append((time.process_time() - began) / len(cases) * 1e6)
    return statistics.median(rounds[1:])


def _with_lunch(desk: BusinessCalendar) -> BusinessCalendar:
    pairs = zip(_LUNCH["start"], _LUNCH["end"], strict=True)
    day = tuple(tuple(datetime.strptime(at, "%H:%M").time() for at in pair) for pair in pairs)
    return replace(desk, hours=(day,) * 5 + ((), ()))


def _days_off(desk: BusinessCalendar) -> list[date]:
    """The desk's holidays as pandas wants them: a list of dates."""
    days: set[date] = set()
    for year in (*YEARS, YEARS[-1] + 1):
        optional = public_holidays.optional(desk.country or "", desk.state, year).items()
        days |= public_holidays.public(desk.country or "", desk.state, year)
        days |= {day for day, name in optional if name in desk.optional_holidays}
    return sorted(days)


def _page(lines: Sequence[Line], cases: int) -> str:
    load = " ".join(f"{value:.1f}" for value in psutil.getloadavg())
    rows = [_row(line) for line in lines]
    return f"""# Relógio de SLA

{provenance()}. Carga da máquina ao fim (1, 5, 15 min): {load}.

Escrito por `python -m benchmarks.sla_clock`: {cases} casos ao acaso de {YEARS[0]} e {YEARS[1]}, os mesmos dos dois lados e com
os mesmos resultados, conferidos antes de medir (o que acaba no fim do expediente vence, para o pandas, na abertura seguinte); horas inteiras, porque o CustomBusinessHour não soma outras. CPU por
cálculo, mediana de {_ROUNDS} rodadas no mesmo processo; a razão é a nossa contra a do pandas {pd.__version__}, abaixo de 1 é melhor.

| cálculo | nosso µs | pandas µs | razão |
| --- | --- | --- | --- |
{chr(10).join(rows)}

O pandas não mede tempo útil entre dois instantes, não soma minutos e não conhece pausas. O nosso guarda os intervalos
abertos de cada mês depois de calculá-los uma vez: a última linha é o que custa o primeiro cálculo, com os feriados.
"""


def _row(line: Line) -> str:
    theirs, ratio = (f"{line.theirs:.1f}", f"**{line.ours / line.theirs:.4f}**") if line.theirs else ("não faz", "")
    return f"| {line.what} | {line.ours:.1f} | {theirs} | {ratio} |"


if __name__ == "__main__":
    sys.exit(main())

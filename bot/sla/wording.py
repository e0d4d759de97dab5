"""Severity and deadlines in words a customer understands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.sla.clock import Clock
from bot.sla.contracts import ALWAYS, DESK, Terms
from bot.sla.matrix import SlaRow

_BY_CONTRACT = "Pelo contrato da sua empresa,"
NO_INCIDENT = "Este pedido não é um incidente; a matriz de severidade não se aplica."
CLOCKS = {Clock.DIAGNOSIS: "diagnóstico", Clock.SOLUTION: "solução"}
"""What each clock of a ticket waits for."""
_WEEKDAYS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")


def hours(value: float) -> str:
    """`4 horas úteis`."""
    number = f"{value:g}".replace(".", ",")
    return f"{number} hora útil" if value == 1 else f"{number} horas úteis"


def span(business: timedelta, terms: Terms) -> str:
    """A target under the terms that hold."""
    return on_calendar(business, terms.calendar_name)


def on_calendar(business: timedelta, calendar: str | None) -> str:
    """`4 horas úteis`, or `4 horas corridas` where the clock runs day and night."""
    words = hours(round(business / timedelta(hours=1), 2))
    return words.replace(" úteis", " corridas").replace(" útil", " corrida") if calendar == ALWAYS else words


def clock(moment: datetime) -> str:
    """`16h40`, `9h`."""
    return f"{moment.hour}h{moment.minute:02d}" if moment.minute else f"{moment.hour}h"


def deadline(due: datetime, now: datetime) -> str:
    """`hoje até 16h40`, `amanhã até 10h`, `quarta-feira, 18/02, até 12h30`. Both in the desk's zone."""
    return f"{_day(due, now)} até {clock(due)}"


def moment(at: datetime, now: datetime) -> str:
    """`hoje às 16h40`, `amanhã às 8h`, `segunda-feira, 16/02, às 8h`. Both in the desk's zone."""
    return f"{_day(at, now)} {'à' if at.hour == 1 else 'às'} {clock(at)}"


def _day(at: datetime, now: datetime) -> str:
    days = (at.date() - now.date()).days
    if days in (0, 1):
        return ("hoje", "amanhã")[days]
    date = f"{at:%d/%m}" if at.year == now.year else f"{at:%d/%m/%Y}"
    return f"{_WEEKDAYS[at.weekday()]}, {date},"


def finding(row: SlaRow) -> str:
    """What the row says, as the rest of a sentence: `o chat está lento para todos. Na matriz …, isso é severidade 2.`"""
    words = row.in_plain_words
    return f"{words[:1].lower()}{words[1:]}. Na matriz de atendimento, isso é severidade {row.severity}."


def reason(row: SlaRow, terms: Terms) -> str:
    """Why this severity, the row of the matrix in plain words, and what a contract changes about the deadlines."""
    why = f"Pelo que você contou: {finding(row)}"
    return f"{why} {_BY_CONTRACT} {_conditions(terms)}." if terms.special else why


def explanation(row: SlaRow, terms: Terms) -> str:
    """The reason and the two targets."""
    diagnosis, solution = span(terms.diagnosis, terms), span(terms.solution, terms)
    return f"{reason(row, terms)} Diagnóstico em até {diagnosis} e solução em até {solution}."


def table(by_severity: Mapping[int, Terms]) -> str:
    """The targets of each severity as a list, and whether a contract has a part in them."""
    lines = [
        f"- Severidade {severity}: diagnóstico em até {span(terms.diagnosis, terms)}, "
        f"solução em até {span(terms.solution, terms)}"
        for severity, terms in sorted(by_severity.items())
    ]
    special = any(terms.special for terms in by_severity.values())
    return "\n".join([*lines, "Esses são os prazos do contrato da sua empresa."] if special else lines)


def _conditions(terms: Terms) -> str:
    if terms.always:
        return "o prazo conta dia e noite, também em feriados"
    return "vale um prazo próprio" if terms.calendar_name == DESK else "vale um horário de atendimento próprio"

"""Severity and deadlines in words a customer understands."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.sla.contracts import Terms
from bot.sla.matrix import SlaRow

NO_INCIDENT = "Este pedido não é um incidente; a matriz de severidade não se aplica."
_WEEKDAYS = ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo")


def hours(value: float) -> str:
    """`4 horas úteis`."""
    number = f"{value:g}".replace(".", ",")
    return f"{number} hora útil" if value == 1 else f"{number} horas úteis"


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


def reason(row: SlaRow) -> str:
    """Why this severity: the row of the matrix, in plain words."""
    return f"Pelo que você contou: {finding(row)}"


def explanation(row: SlaRow, terms: Terms) -> str:
    """The reason, the two targets, and where they come from when not from the matrix."""
    diagnosis, solution = (in_hours(target, terms) for target in (terms.diagnosis, terms.solution))
    return f"{reason(row)} {by_contract(terms)}iagnóstico em até {diagnosis} e solução em até {solution}."


def by_contract(terms: Terms) -> str:
    """The beginning of the sentence on the targets."""
    return "Pelo contrato da sua empresa, d" if terms.by_contract else "D"


def in_hours(target: timedelta, terms: Terms) -> str:
    """`4 horas úteis`; `4 horas corridas` where day and night count."""
    value = target.total_seconds() / 3600
    return hours(value).replace("útil", "corrida").replace("úteis", "corridas") if terms.day_and_night else hours(value)

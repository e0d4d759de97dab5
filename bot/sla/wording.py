"""Severity and deadlines in words a customer understands."""

from __future__ import annotations

from datetime import datetime

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
    days = (due.date() - now.date()).days
    if days == 0:
        return f"hoje até {clock(due)}"
    if days == 1:
        return f"amanhã até {clock(due)}"
    date = f"{due:%d/%m}" if due.year == now.year else f"{due:%d/%m/%Y}"
    return f"{_WEEKDAYS[due.weekday()]}, {date}, até {clock(due)}"


def explanation(row: SlaRow) -> str:
    """Why this severity: the row of the matrix, in plain words."""
    service = " ".join(row.service.split()).rstrip(". ;")
    impact = row.impact[:1].lower() + row.impact[1:].rstrip(". ;")
    return (
        f"Pelo que você contou, o caso é «{service}», com este impacto: {impact}. "
        f"Na matriz de atendimento isso é severidade {row.severity}: diagnóstico em até "
        f"{hours(row.diagnosis_business_hours)} e solução em até {hours(row.solution_business_hours)}."
    )

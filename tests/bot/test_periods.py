"""Stretches of time in a customer's words, said on Tuesday the third of March 2026 at ten."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.periods import Period, period_in

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 3, 3, 10, tzinfo=ZONE)


def day(month, number, year=2026):
    return datetime(year, month, number, tzinfo=ZONE)


@pytest.mark.parametrize(
    "text, start, end",
    [
        ("o que a Ana abriu hoje?", day(3, 3), NOW),
        ("oq abriram hj", day(3, 3), NOW),
        ("os de ontem", day(3, 2), day(3, 3)),
        ("de anteontem", day(3, 1), day(3, 2)),
        ("essa semana", day(3, 2), NOW),
        ("nesta semana", day(3, 2), NOW),
        ("o que a Ana abriu este mês?", day(3, 1), NOW),
        ("desse mes", day(3, 1), NOW),
        ("na semana passada", day(2, 23), day(3, 2)),
        ("mês passado", day(2, 1), day(3, 1)),
        ("no ano passado", day(1, 1, 2025), day(1, 1)),
        ("deste ano", day(1, 1), NOW),
        ("nos últimos 30 dias", day(2, 1), NOW),
        ("nas últimas 2 semanas", day(2, 17), NOW),
        ("registrados em fevereiro", day(2, 1), day(3, 1)),
        ("os de outubro", day(10, 1, 2025), day(11, 1, 2025)),
        ("de dezembro de 2024", day(12, 1, 2024), day(1, 1, 2025)),
    ],
)
def test_a_period_is_read(text, start, end):
    assert period_in(text, NOW) == Period(start, end)


@pytest.mark.parametrize("text", ["meus chamados", "chamados abertos", "o do mês que vem", "maio", "1234"])
def test_no_period_is_none(text):
    assert period_in(text, NOW) is None

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.sla.contracts import Contracts
from bot.sla.matrix import SlaRow
from bot.sla.wording import clock, deadline, explanation, hours, moment
from tests.bot.sla.bakery import CALENDAR

NOW = datetime(2026, 2, 13, 17, 30, tzinfo=ZoneInfo("America/Sao_Paulo"))


@pytest.mark.parametrize(
    ("value", "words"), [(4, "4 horas úteis"), (4.0, "4 horas úteis"), (1, "1 hora útil"), (0.5, "0,5 horas úteis")]
)
def test_business_hours_are_said_in_words(value, words):
    assert hours(value) == words


def test_full_hours_are_said_without_minutes():
    assert clock(NOW.replace(hour=9, minute=0)) == "9h"
    assert clock(NOW.replace(hour=16, minute=5)) == "16h05"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (NOW.replace(hour=17, minute=40), "hoje até 17h40"),
        (NOW.replace(day=14, hour=10, minute=0), "amanhã até 10h"),
        (NOW.replace(day=18, hour=12, minute=30), "quarta-feira, 18/02, até 12h30"),
        (NOW.replace(day=15, hour=9, minute=0), "domingo, 15/02, até 9h"),
        (NOW.replace(year=2027, month=1, day=4, hour=9, minute=0), "segunda-feira, 04/01/2027, até 9h"),
    ],
)
def test_a_deadline_is_said_as_a_person_would(due, words):
    assert deadline(due, NOW) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW.replace(hour=18, minute=0), "hoje às 18h"),
        (NOW.replace(day=14, hour=1, minute=0), "amanhã à 1h"),
        (NOW.replace(day=16, hour=8, minute=30), "segunda-feira, 16/02, às 8h30"),
    ],
)
def test_a_moment_is_said_as_a_person_would(at, words):
    assert moment(at, NOW) == words


def test_tomorrow_is_the_next_date_however_few_hours_away():
    late = NOW.replace(hour=23, minute=59)
    assert deadline(late + timedelta(minutes=1), late) == "amanhã até 0h"


def test_the_explanation_names_service_impact_severity_and_both_deadlines():
    row = SlaRow("X-1", "LOJA", "PIX", "Pix  indisponível. ", "Cliente não paga;", 2, 1, 8)
    said = explanation(row, Contracts(CALENDAR).terms(row, None))
    in_words = explanation(replace(row, words="Ninguém paga com Pix"))
    assert "ninguém paga com Pix" in in_words and "indisponível" not in in_words
    assert "pix indisponível" in said
    assert "severidade 2" in said and "1 hora útil" in said and "8 horas úteis" in said

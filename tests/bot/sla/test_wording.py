from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.sla.business_hours import BusinessCalendar
from bot.sla.contracts import Contract, Contracts, Target
from bot.sla.matrix import SlaRow
from bot.sla.wording import clock, deadline, explanation, hours, moment, span, table

DESK = BusinessCalendar(ZoneInfo("America/Sao_Paulo"), (((time(9), time(18)),),) * 5 + ((), ()))
CONTRACTS = Contracts(
    DESK,
    [
        Contract("Sempre", always_open_for=frozenset({1})),
        Contract("Rápida", targets={1: Target(0.5)}),
        Contract("Noturna", calendar=replace(DESK, hours=(((time(18), time.max),),) * 7)),
    ],
)
ROW = SlaRow("X-1", "LOJA", "PIX", "Pix indisponível", "Cliente não paga", 1, 1, 4)
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
    said = explanation(row, CONTRACTS.terms(row))
    in_words = explanation(replace(row, words="Ninguém paga com Pix"), CONTRACTS.terms(row))
    assert "ninguém paga com Pix" in in_words and "indisponível" not in in_words
    assert "pix indisponível" in said
    assert "severidade 2" in said and "1 hora útil" in said and "8 horas úteis" in said


@pytest.mark.parametrize(
    ("company", "words"),
    [
        ("Sempre", "Pelo contrato da sua empresa, o prazo conta dia e noite, também em feriados. "
                   "Diagnóstico em até 1 hora corrida e solução em até 4 horas corridas."),
        ("Rápida", "Pelo contrato da sua empresa, vale um prazo próprio. "
                   "Diagnóstico em até 0,5 horas úteis e solução em até 4 horas úteis."),
        ("Noturna", "Pelo contrato da sua empresa, vale um horário de atendimento próprio. "
                    "Diagnóstico em até 1 hora útil e solução em até 4 horas úteis."),
    ],
)  # fmt: skip
def test_the_explanation_says_what_a_contract_changes(company, words):
    assert explanation(ROW, CONTRACTS.terms(ROW, company)).endswith(f"severidade 1. {words}")


def test_who_has_no_contract_hears_of_none():
    said = [explanation(ROW, CONTRACTS.terms(ROW)), table({1: CONTRACTS.terms(ROW)})]
    assert not any("contrato" in words for words in said)


def test_the_table_says_that_it_is_the_contracts():
    terms = CONTRACTS.terms(ROW, "Sempre")
    assert span(terms.solution, terms) == "4 horas corridas"
    assert table({2: CONTRACTS.terms(replace(ROW, severity=2), "Sempre"), 1: terms}).splitlines() == [
        "- Severidade 1: diagnóstico em até 1 hora corrida, solução em até 4 horas corridas",
        "- Severidade 2: diagnóstico em até 1 hora útil, solução em até 4 horas úteis",
        "Esses são os prazos do contrato da sua empresa.",
    ]

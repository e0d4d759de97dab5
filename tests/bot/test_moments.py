"""Moments in the words of customers, said on Tuesday, 3 March 2026, 10:30."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.moments import moment_in, moment_to_come

NOW = datetime(2026, 3, 3, 10, 30, tzinfo=ZoneInfo("America/Sao_Paulo"))


def said(text):
    moment = moment_in(text, NOW)
    return moment and f"{moment.at:%d/%m/%Y %H:%M}"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("desde ontem às 14h", "02/03/2026 14:00"),
        ("ontem, 14h30", "02/03/2026 14:30"),
        ("anteontem às 8:15", "01/03/2026 08:15"),
        ("hoje às 9h10", "03/03/2026 09:10"),
        ("hj 9:10", "03/03/2026 09:10"),
        ("desde as 8h", "03/03/2026 08:00"),
        ("às 22h", "02/03/2026 22:00"),
        ("desde segunda às 7 h", "02/03/2026 07:00"),
        ("na sexta-feira, às 2h da tarde", "27/02/2026 14:00"),
        ("sábado à meia-noite", "28/02/2026 00:00"),
        ("ontem ao meio-dia", "02/03/2026 12:00"),
        ("dia 27 às 16h", "27/02/2026 16:00"),
        ("em 25/02 às 11h40", "25/02/2026 11:40"),
        ("24/02/2026, 18:05", "24/02/2026 18:05"),
        ("a partir das 10h", "03/03/2026 10:00"),
        ("há 40 minutos", "03/03/2026 09:50"),
        ("faz umas 2 horas", "03/03/2026 08:30"),
        ("tem uma hora", "03/03/2026 09:30"),
    ],
)
def test_a_moment_is_found(text, at):
    assert said(text) == at
    assert moment_in(text, NOW).exact


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("desde ontem", "02/03/2026 00:00"),
        ("hoje cedo", "03/03/2026 00:00"),
        ("desde a terça passada", "24/02/2026 00:00"),
        ("desde quinta", "26/02/2026 00:00"),
        ("no dia 31", "31/01/2026 00:00"),
        ("3 de fevereiro", "03/02/2026 00:00"),
        ("desde 10 de dezembro", "10/12/2025 00:00"),
        ("há três dias", "28/02/2026 00:00"),
        ("faz 2 semanas", "17/02/2026 00:00"),
        ("1 de março", "01/03/2026 00:00"),
    ],
)
def test_a_day_without_a_time_is_found_as_that_day(text, day):
    assert said(text) == day
    assert not moment_in(text, NOW).exact


@pytest.mark.parametrize(
    "text",
    [
        "", "sempre", "toda segunda", "todo dia às 11h", "de segunda a sexta", "de vez em quando", "no horário de pico",
        "ramal 2040", "3 pessoas", "versão 4.12", "protocolo 1030", "amanhã", "25 operadores", "depois da atualização",
    ],
)  # fmt: skip
def test_what_tells_no_moment_gives_none(text):
    assert said(text) is None


@pytest.mark.parametrize("text", ["hoje às 18h", "dia 3 às 23h"])
def test_a_moment_still_to_come_is_no_beginning(text):
    assert said(text) is None


def test_the_moment_is_in_the_zone_of_whoever_said_it():
    assert moment_in("ontem às 14h", NOW).at.tzinfo == NOW.tzinfo


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("amanhã às 8h", "04/03/2026 08:00"),
        ("depois de amanhã", "05/03/2026 00:00"),
        ("hoje às 17h", "03/03/2026 17:00"),
        ("às 9h", "04/03/2026 09:00"),
        ("às 15h30", "03/03/2026 15:30"),
        ("só na segunda de manhã", "09/03/2026 00:00"),
        ("na próxima terça, às 9h30", "10/03/2026 09:30"),
        ("hoje", "03/03/2026 10:30"),
    ],
)
def test_a_moment_to_come_is_found(text, at):
    assert f"{moment_to_come(text, NOW):%d/%m/%Y %H:%M}" == at


@pytest.mark.parametrize("text", ["só uma parte dos operadores", "", "com 3 pessoas"])
def test_what_tells_no_moment_to_come_gives_none(text):
    assert moment_to_come(text, NOW) is None

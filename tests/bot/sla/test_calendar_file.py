"""calendar.yml: what it says, and its mistakes, each named with line and remedy."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ConfigurationError
from bot.sla.calendar_file import load_calendar

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def local(*parts):
    return datetime(*parts, tzinfo=SAO_PAULO)


CALENDAR = """timezone: America/Sao_Paulo
country: BR
state: SP
hours:
  monday: ["09:00-18:00"]
  tuesday: []
"""


@pytest.fixture
def refused(tmp_path):
    """The error with which a calendar is refused, for one line of it written differently."""

    def read(old, new):
        assert old in CALENDAR
        path = tmp_path / "calendar.yml"
        path.write_text(CALENDAR.replace(old, new))
        with pytest.raises(ConfigurationError) as caught:
            load_calendar(path)
        assert caught.value.file == path
        return caught.value.line, caught.value.problem

    return read


def test_a_calendar_without_an_open_hour_is_refused(refused):
    _, problem = refused('["09:00-18:00"]', "[]")
    assert "nenhum dia tem horário de atendimento; informe ao menos um intervalo" in problem


def test_an_unknown_time_zone_is_refused_with_an_example(refused):
    line, problem = refused("America/Sao_Paulo", "Brasil/Paulista")
    assert line == 1 and "use, por exemplo, America/Sao_Paulo" in problem


def test_an_unknown_day_is_refused_with_the_days_there_are(refused):
    line, problem = refused("tuesday", "terça")
    assert line == 5 and "terça" in problem and "monday" in problem


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("9h-18h", "não está no formato 09:00-18:00"),
        ("9:00-18:00", "não está no formato 09:00-18:00"),
        ("18:00-09:00", "termina antes de começar"),
        ("09:00-09:00", "termina antes de começar"),
        ("09:00-25:00", "tem hora que não existe"),
        ("09:70-18:00", "tem hora que não existe"),
    ],
)
def test_a_wrong_interval_is_refused_with_what_is_wrong(refused, interval, words):
    line, problem = refused('["09:00-18:00"]', f'["{interval}"]')
    assert line == 5 and words in problem


def test_intervals_that_overlap_are_refused(refused):
    _, problem = refused('["09:00-18:00"]', '["09:00-13:00", "12:00-18:00"]')
    assert "monday se sobrepõem ou estão fora de ordem" in problem


def test_a_field_with_a_wrong_name_is_refused(refused):
    line, problem = refused("state: SP", "estado: SP")
    assert line == 3 and "estado: campo desconhecido" in problem


def test_a_desk_may_be_open_until_midnight(tmp_path):
    (tmp_path / "calendar.yml").write_text(CALENDAR.replace("09:00-18:00", "00:00-24:00"))
    calendar = load_calendar(tmp_path / "calendar.yml")
    assert calendar.between(local(2026, 3, 2, 0), local(2026, 3, 3, 0)) == timedelta(hours=24)
    assert calendar.add(local(2026, 3, 2, 23), timedelta(hours=1)) == local(2026, 3, 3, 0)


@pytest.fixture
def read(tmp_path):
    """The calendar that one more field makes."""

    def read(more):
        (tmp_path / "calendar.yml").write_text(f"{CALENDAR}  wednesday: ['09:00-18:00']\n{more}\n")
        return load_calendar(tmp_path / "calendar.yml")

    return read


def test_a_municipal_holiday_without_a_year_is_closed_every_year(read):
    calendar = read("city_holidays: {Aniversário da cidade: 25/01, Padroeira: 2/2}")
    assert not calendar.is_open(local(2027, 1, 25, 10)) and not calendar.is_open(local(2032, 2, 2, 10))
    assert calendar.is_open(local(2027, 1, 18, 10))


@pytest.mark.parametrize("day", ["11/03/2026", "2026-03-11", "[2026-03-11, 14/03/2029]"])
def test_a_municipal_holiday_with_a_year_is_closed_in_that_year_only(read, day):
    calendar = read(f"city_holidays: {{Festa: {day}}}")
    assert not calendar.is_open(local(2026, 3, 11, 10))
    assert calendar.is_open(local(2030, 3, 11, 10)) and calendar.is_open(local(2026, 3, 18, 10))


def test_the_29_of_february_is_closed_in_leap_years_only(read):
    calendar = read("city_holidays: {Dia raro: 29/02}")
    assert not calendar.is_open(local(2044, 2, 29, 10))  # a Monday
    assert calendar.is_open(local(2027, 3, 1, 10))


@pytest.mark.parametrize("day", ["31/04", "00/01", "25-01", "natal", "25", "2026-01-25T10:00:00", "[]x"])
def test_what_is_no_day_is_refused_with_both_ways_to_write_one(refused, day):
    line, problem = refused("country: BR", f"city_holidays:\n  Festa: '{day}'")
    assert line == 3 and "escreva 25/01 (todo ano) ou 25/01/2026 (só nesse ano)" in problem


def test_an_unknown_country_is_refused(refused):
    line, problem = refused("country: BR", "country: Brasil")
    assert line == 2 and "país 'Brasil' desconhecido; use o código de duas letras, por exemplo BR" in problem


def test_an_unknown_state_is_refused_with_those_there_are(refused):
    line, problem = refused("state: SP", "state: XX")
    assert line == 3 and "estado 'XX' desconhecido em BR" in problem and "MG" in problem


def test_a_state_in_a_country_without_any_is_refused(refused):
    line, problem = refused("country: BR\nstate: SP", "country: JP\nstate: SP")
    assert line == 3 and "não tem feriados por estado" in problem


def test_an_optional_holiday_that_nobody_knows_is_refused_with_those_there_are(refused):
    line, problem = refused("hours:", "optional_holidays: [Carnavau]\nhours:")
    assert line == 4 and "'Carnavau' desconhecido" in problem and "Carnaval" in problem


def test_another_country_has_its_own_holidays_also_one_without_optional_ones(tmp_path):
    (tmp_path / "calendar.yml").write_text(CALENDAR.replace("BR", "US").replace("SP", "CA"))
    calendar = load_calendar(tmp_path / "calendar.yml")
    assert not calendar.is_open(local(2026, 5, 25, 10))  # Memorial Day
    assert calendar.is_open(local(2026, 9, 21, 10))

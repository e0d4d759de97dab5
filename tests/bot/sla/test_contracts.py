"""Special conditions of companies: what they change, and the mistakes of contracts.yml."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ConfigurationError
from bot.sla.business_hours import BusinessCalendar
from bot.sla.calendar_file import load_calendar
from bot.sla.contracts import ALWAYS, DESK, Contracts, load_contracts
from bot.sla.matrix import load_matrix
from tests.bot.sla.bakery import MATRIX
from tests.conftest import COMPANY

ZONE = ZoneInfo("America/Sao_Paulo")
CALENDAR = BusinessCalendar(
    ZONE,
    (((time(9), time(18)),),) * 5 + ((), ()),
    country="BR",
    state="SP",
    optional_holidays=frozenset({"Carnaval"}),
    city_holidays=frozenset({datetime(2026, 1, 26).date()}),
)
DOWN, SLOW, WORKS = (MATRIX.by_id[row] for row in ("P-3", "P-4", "P-5"))
HOUR = timedelta(hours=1)
CONTRACTS = """companies:
  Padaria São João:
    domains: [saojoao.example, SaoJoao.com.example]
    targets:
      1: {diagnosis_hours: 0.5, solution_hours: 1.5}
      2: {solution_hours: 6}
    always_open_for: [1]
    calendar:
      state: RJ
      hours: {saturday: ["08:00-12:00"], monday: ["08:00-20:00"]}
      city_holidays: {São Sebastião: 20/01}
  Confeitaria:
    targets:
      2: {solution_hours: 6}
"""


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "contracts.yml"
        path.write_text(content)
        return load_contracts(path, MATRIX, CALENDAR)

    return read


@pytest.fixture
def contracts(read):
    return read(CONTRACTS)


def local(*parts):
    return datetime(*parts, tzinfo=ZONE)


def test_without_the_file_nobody_has_special_conditions(tmp_path):
    terms = load_contracts(tmp_path / "contracts.yml", MATRIX, CALENDAR).terms(DOWN, "Padaria São João")
    assert (terms.diagnosis, terms.solution, terms.special) == (1 * HOUR, 2 * HOUR, False)
    assert (terms.calendar, terms.calendar_name) == (CALENDAR, DESK)


def test_a_contract_has_targets_of_its_own_by_severity(contracts):
    terms = contracts.terms(DOWN, "Padaria São João")
    assert (terms.diagnosis, terms.solution, terms.special) == (HOUR / 2, 1.5 * HOUR, True)


def test_what_a_contract_leaves_open_is_as_in_the_matrix(contracts):
    terms = contracts.terms(SLOW, "Confeitaria")
    assert (terms.diagnosis, terms.solution, terms.calendar_name) == (2 * HOUR, 6 * HOUR, DESK)
    assert not contracts.terms(WORKS, "Confeitaria").special


@pytest.mark.parametrize("name", ["padaria sao joao", "PADARIA  SÃO JOÃO", " Padaria São João "])
def test_a_company_is_found_without_regard_to_case_accents_and_spaces(contracts, name):
    assert contracts.terms(DOWN, name).special


@pytest.mark.parametrize("name", [None, "", "Padaria", "Padaria São João Filial"])
def test_nobody_else_has_its_conditions(contracts, name):
    assert not contracts.terms(DOWN, name).special


def test_a_severity_may_count_day_and_night_holidays_included(contracts):
    terms = contracts.terms(DOWN, "Padaria São João")
    assert terms.always and terms.calendar_name == ALWAYS
    assert terms.calendar.add(local(2026, 12, 24, 23), terms.solution) == local(2026, 12, 25, 0, 30)
    assert not contracts.terms(SLOW, "Padaria São João").always


def test_a_contract_has_hours_and_holidays_of_its_own(contracts):
    calendar = contracts.terms(SLOW, "Padaria São João").calendar
    assert calendar.is_open(local(2026, 3, 7, 8)) and not calendar.is_open(local(2026, 3, 3, 10))  # Saturday, Tuesday
    assert not calendar.is_open(local(2025, 1, 20, 10))  # a Monday, São Sebastião
    assert not calendar.is_open(local(2026, 2, 16, 10))  # Carnaval is still named


def test_the_municipal_holidays_of_another_place_are_left_behind(contracts):
    assert not CALENDAR.is_open(local(2026, 1, 26, 10))
    assert contracts.terms(SLOW, "Padaria São João").calendar.is_open(local(2026, 1, 26, 10))


def test_a_calendar_is_found_again_by_its_name(contracts):
    for row in (DOWN, SLOW):
        terms = contracts.terms(row, "Padaria São João")
        assert contracts.calendar(terms.calendar_name) is terms.calendar
    assert contracts.calendar(DESK) is CALENDAR


def test_a_contract_that_has_ended_counts_on_by_the_desks_calendar(contracts):
    name = contracts.terms(SLOW, "Padaria São João").calendar_name
    assert Contracts(CALENDAR).calendar(name) is CALENDAR


def test_a_company_called_like_a_calendar_does_not_take_its_place(read):
    contracts = read("companies:\n  Desk: {calendar: {timezone: America/Manaus}}\n  Always: {calendar: {state: RJ}}\n")
    assert contracts.calendar(DESK) is CALENDAR
    assert contracts.terms(SLOW, "always").calendar.state == "RJ"


@pytest.mark.parametrize("email", ["ana@saojoao.example", "Ana@SAOJOAO.com.EXAMPLE "])
def test_a_company_is_known_by_the_domain_of_an_address(contracts, email):
    assert contracts.company_of(email) == "Padaria São João"


@pytest.mark.parametrize(
    "email", [None, "", "ana", "ana@filial.saojoao.example", "ana@saojoao.example.mal.example", "saojoao.example@x"]
)
def test_other_addresses_are_of_no_company(contracts, email):
    assert contracts.company_of(email) is None


A = "companies:\n  A:\n"


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (f"{A}    targets:\n      7: {{solution_hours: 1}}\n", 4, "a matriz não tem severidade 7; use 1, 2, 4"),
        (f"{A}    always_open_for: [1, 3]\n", 3, "a matriz não tem severidade 3"),
        (f"{A}    targets:\n      um: {{solution_hours: 1}}\n", 4, "o valor precisa ser um número inteiro"),
        (f"{A}    targets:\n      1: {{solution_hours: 0}}\n", 4, "informe um número de horas maior que zero"),
        (f"{A}    targets:\n      1: {{solution_hours: .nan}}\n", 4, "informe um número de horas maior que zero"),
        (f"{A}    targets:\n      1: {{solution_hours: duas}}\n", 4, "o valor precisa ser um número"),
        (f"{A}    targets:\n      1: {{solution_hours: 0.5}}\n", 3, "solução fica menor que o de diagnóstico na linha P-1"),
        (f"{A}    targets:\n      1: {{horas: 1}}\n", 4, "campo desconhecido"),
        (f"{A}    domains: ['@a.example']\n", 3, "não é um domínio de e-mail"),
        (f"{A}    domains: [localhost]\n", 3, "não é um domínio de e-mail"),
        (f"{A}    calendar:\n      state: XX\n", 4, "estado 'XX' desconhecido em BR"),
        (f"{A}    calendar:\n      country: XX\n", 4, "país 'XX' desconhecido"),
        (f"{A}    calendar:\n      country: PT\n      state: SP\n", 5, "estado 'SP' desconhecido em PT"),
        (f"{A}    calendar:\n      timezone: Lua\n", 4, "fuso horário 'Lua' desconhecido"),
        (f"{A}    calendar:\n      hours: {{monday: []}}\n", 4, "nenhum dia tem horário de atendimento"),
        (f"{A}    calendar:\n      hours: {{}}\n", 4, "nenhum dia tem horário de atendimento"),
        (f"{A}    {{}}\n  á: {{}}\n", 2, "a empresa á aparece em dois contratos"),
        (f"{A}    domains: [x.example]\n  B:\n    domains: [X.example]\n", 2, "o domínio x.example aparece em dois"),
        ("companies:\n  ' ': {}\n", 2, "há um contrato sem nome de empresa"),
        ("", None, "o valor precisa ser um conjunto de campos"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line_and_remedy(read, content, line, words):
    with pytest.raises(ConfigurationError) as caught:
        read(content)
    assert words in caught.value.problem and caught.value.line == line


def test_the_companys_own_file_and_the_example_in_it_can_be_read(tmp_path):
    matrix, calendar = load_matrix(COMPANY / "sla_matrix.csv"), load_calendar(COMPANY / "calendar.yml")
    text = (COMPANY / "contracts.yml").read_text()
    load_contracts(COMPANY / "contracts.yml", matrix, calendar)
    example = "\n".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#   "))
    (tmp_path / "contracts.yml").write_text(f"companies:\n{example}\n")
    row = next(row for row in matrix.rows if row.severity == 1)
    assert load_contracts(tmp_path / "contracts.yml", matrix, calendar).terms(row, "transportes serra azul").always

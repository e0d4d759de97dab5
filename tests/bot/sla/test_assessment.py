"""From words to severity and deadlines: on the bakery's matrix, then on the company's own."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.sla.assessment import Assessor
from bot.sla.business_hours import BusinessCalendar
from bot.sla.calendar_file import load_calendar
from bot.sla.contracts import Contracts
from bot.sla.matrix import load_matrix
from tests.bot.sla.bakery import MATRIX, trained
from tests.conftest import COMPANY

ZONE = ZoneInfo("America/Sao_Paulo")
TUESDAY_TEN = datetime(2026, 3, 3, 10, tzinfo=ZONE)
# Names a place and no way of failing, so that severities 1, 2 and 4 stay possible.
VAGUE = "problema no caixa"


@pytest.fixture(scope="module")
def bakery():
    calendar = BusinessCalendar(ZONE, (((time(9), time(18)),),) * 7)
    return Assessor(trained(), MATRIX, Contracts(calendar))


@pytest.fixture(scope="module")
def own(severity_model):
    matrix = load_matrix(COMPANY / "sla_matrix.csv")
    return Assessor(severity_model, matrix, Contracts(load_calendar(COMPANY / "calendar.yml")))


def assess(assessor, text, **known):
    return assessor.assess(text, at=TUESDAY_TEN, **known)


def severity(assessor, text):
    return assess(assessor, text).row.severity


def test_an_assessment_gives_the_row_its_severity_and_both_deadlines(bakery):
    assessed = assess(bakery, "o forno não liga, nenhum pão foi assado")
    assert (assessed.row.id, assessed.row.severity) == ("P-1", 1)
    assert assessed.diagnosis_due == TUESDAY_TEN.replace(hour=11)
    assert assessed.solution_due == TUESDAY_TEN.replace(hour=12)
    assert "severidade 1" in assessed.explanation


def test_the_candidates_begin_with_the_row_and_fall_in_probability(bakery):
    assessed = assess(bakery, VAGUE)
    probabilities = [p for _, p in assessed.candidates]
    assert assessed.candidates[0][0] == assessed.row
    assert probabilities == sorted(probabilities, reverse=True) and len(probabilities) <= 5


def test_a_question_about_use_is_no_incident(bakery):
    assert bakery.incident("onde vejo as vendas do forno?") < 0.5 < bakery.incident("o forno parou de vez, nada assa")


def test_nothing_is_asked_when_the_text_decides(bakery):
    assert assess(bakery, "o caixa não abre e ninguém paga no balcão", product="CAIXA").question is None


def test_a_question_is_asked_when_severities_stay_open(bakery):
    question = assess(bakery, VAGUE, product="CAIXA").question
    assert question.text.endswith("?")
    assert [value for _, value in question.options] == ["kind:down", "kind:slow_all", "kind:works"]


def test_nothing_is_asked_where_all_rows_have_one_severity(bakery):
    """The rows of the shop window are one: however vague, there is nothing to tell apart."""
    assert assess(bakery, "problema na vitrine", product="VITRINE").question is None


DOWN, SLOW, WORKS = "P-3", "P-4", "P-5"


@pytest.mark.parametrize(
    ("answer", "row"),
    [
        ("kind:down", DOWN), ("kind:slow_all", SLOW), ("kind:works", WORKS),
        ("Parado para todos", DOWN), ("lento para todos", SLOW), ("funciona, mas com defeito", WORKS),
        ("1", DOWN), ("a segunda", SLOW), ("o último", WORKS),
    ],
)  # fmt: skip
def test_an_option_is_chosen_by_value_title_or_position(bakery, answer, row):
    assessed = assess(bakery, VAGUE, product="CAIXA", answers=[answer])
    assert (assessed.row.id, assessed.question) == (row, None)
    assert assessed.answers == (answer,)


@pytest.mark.parametrize(
    ("answer", "row"),
    [("ninguém consegue pagar", DOWN), ("demora muito, a fila cresce", SLOW), ("mostra errado, mas pesa", WORKS)],
)
def test_an_answer_in_free_words_decides_as_well(bakery, answer, row):
    assert assess(bakery, VAGUE, product="CAIXA", answers=[answer]).row.id == row


def test_an_answer_in_the_words_of_a_case_decides_whatever_was_asked(own):
    told = "o AVI manda a segunda via de fatura com o valor do mês anterior"
    assessed = assess(own, told, product="AVI", module="AVI", answers=["o AVI erra o fluxo"])
    assert (assessed.row.id, assessed.question) == ("SLA-21", None)


def test_an_answer_in_the_words_of_a_kind_decides_whatever_was_asked(own):
    told = "o botão de encerrar atendimento do chat sumiu e fica tudo preso na fila"
    assessed = assess(own, told, product="OMNI", module="CHAT", answers=["funciona com defeito"])
    assert (assessed.row.severity, assessed.question) == (4, None)


def test_an_answer_is_never_asked_about_again(bakery):
    assert assess(bakery, VAGUE, product="CAIXA", answers=["não sei"]).question is None


@pytest.mark.parametrize("answer", ["não sei", "não sei dizer", "sei lá", "pular"])
def test_who_does_not_know_makes_no_row_likelier(bakery, answer):
    asked, answered = (assess(bakery, VAGUE, product="CAIXA", answers=said) for said in ([], [answer]))
    assert answered.candidates == asked.candidates
    assert (answered.answers, answered.question) == ((answer,), None)


def test_the_evidence_tells_an_agent_how_the_row_was_chosen(bakery):
    evidence = assess(bakery, VAGUE, product="CAIXA", answers=["kind:down"]).evidence()
    assert evidence["answers"] == ["kind:down"] and evidence["alternatives"][0][0] == DOWN
    assert 0 < evidence["probability"] <= 1


CALM = [
    "O chat não abre para nenhum operador da operação",
    "Os e-mails estão chegando com a formatação errada, mas dá para trabalhar",
    "A campanha não dispara para nenhum cliente",
    "O gráfico do dashboard mostra a cor errada, mas os números estão certos",
    "O omni está lento para todos os usuários",
]


@pytest.mark.parametrize("text", CALM)
def test_capitals_do_not_change_the_severity(own, text):
    assert severity(own, text.upper() + "!!!") == severity(own, text)


@pytest.mark.parametrize("text", CALM)
def test_anger_does_not_change_the_severity(own, text):
    angry = f"URGENTE!!! {text}. ISSO É UM ABSURDO"
    assert severity(own, angry) == severity(own, text)


@pytest.mark.parametrize("text", CALM)
def test_politeness_does_not_change_the_severity(own, text):
    polite = f"Bom dia, por gentileza, poderiam verificar? {text}. Agradeço desde já a atenção."
    assert severity(own, polite) == severity(own, text)


def test_the_calm_texts_cover_all_severities(own):
    assert {severity(own, text) for text in CALM} == {1, 2, 3, 4}


def test_how_much_is_down_does_change_the_severity(own):
    assert severity(own, "O chat está fora do ar para todos, nenhum operador atende") == 1
    assert severity(own, "No chat falta o histórico de um cliente, mas atendemos normalmente") == 4


def test_every_row_of_the_companys_matrix_can_be_reached(own):
    matrix = load_matrix(COMPANY / "sla_matrix.csv")
    for row in matrix.rows:
        reached = {candidate.id for candidate, _ in assess(own, f"{row.service}. {row.impact}").candidates}
        assert row.id in reached, row.id

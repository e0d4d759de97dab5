"""Which question is asked: on beliefs written by hand, then by playing every row of the company's matrix."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.sla.assessment import Assessor
from bot.sla.calendar_file import load_calendar
from bot.sla.contracts import Contracts
from bot.sla.matrix import Matrix, SlaRow, load_matrix
from bot.sla.questions import ATTRIBUTES, answered, next_question
from bot.sla.severity import place_of
from bot.sla.severity_training import read_examples
from tests.bot.sla.bakery import MATRIX
from tests.conftest import COMPANY

NOON = datetime(2026, 3, 3, 12, tzinfo=ZoneInfo("America/Sao_Paulo"))
OWN = load_matrix(COMPANY / "sla_matrix.csv")


def even(matrix, *ids):
    """Every row named, or every row, as likely as the others."""
    rows = ids or tuple(matrix.by_id)
    return {id: 1 / len(rows) for id in rows}


def values(question):
    return [value for _, value in question.options]


def test_nothing_is_asked_when_one_severity_is_sure():
    assert next_question({"P-3": 0.9, "P-5": 0.1}, MATRIX) is None
    assert next_question(even(MATRIX, "P-1", "P-3", "P-6"), MATRIX) is None  # three rows, one severity


def test_the_way_of_failing_is_asked_where_it_decides():
    question = next_question(even(MATRIX, "P-3", "P-4", "P-5"), MATRIX)
    assert values(question) == ["kind:down", "kind:slow_all", "kind:works"]


def test_the_place_is_asked_where_only_it_decides():
    rows = (
        SlaRow("A-1", "SITE", "CESTA", "Erro impeditivo na cesta", "-", 1, 1, 2),
        SlaRow("A-2", "SITE", "BUSCA", "Erro impeditivo na busca", "-", 4, 8, 40),
    )
    matrix = Matrix(rows)
    assert values(next_question(even(matrix), matrix)) == ["place:SITE|CESTA", "place:SITE|BUSCA"]


def test_rows_that_fail_alike_in_one_place_are_told_apart_by_their_case():
    rows = (
        SlaRow("A-1", "ROBÔ", "ROBÔ", "Erro impeditivo (integração)", "-", 2, 1, 2, words="A integração não responde"),
        SlaRow("A-2", "ROBÔ", "ROBÔ", "Erro impeditivo (relatório)", "-", 4, 8, 40),
    )
    question = next_question(even(Matrix(rows)), Matrix(rows))
    assert question.options == (
        ("A integração não responde", "case:A-1"),
        ("Erro impeditivo (relatório)", "case:A-2"),
    )


def test_an_attribute_is_asked_for_once():
    belief = even(MATRIX, "P-3", "P-4", "P-5")
    again = next_question(belief, MATRIX, ["kind"])
    assert again is None or again.attribute != "kind"


def test_an_option_leaves_the_rows_it_speaks_of():
    belief = answered(even(MATRIX, "P-3", "P-4"), MATRIX, "kind:slow_all")
    assert belief["P-4"] > 0.98 and belief["P-3"] > 0


@pytest.mark.parametrize("value", ["kind:unheard_of", "colour:red", "down", ""])
def test_a_value_that_names_no_row_changes_nothing(value):
    belief = even(MATRIX)
    assert answered(belief, MATRIX, value) == belief


def possible(row):
    """Where the dialogue stands when it asks: product and module are known, nothing else is."""
    return even(OWN, *(other.id for other in OWN.rows if place_of(other) == place_of(row)))


def played(row):
    """The belief after truthful answers, and how many were given."""
    belief, asked = possible(row), []
    while len(asked) < 2 and (question := next_question(belief, OWN, asked)):
        attribute = ATTRIBUTES[question.attribute]
        belief = answered(belief, OWN, f"{attribute.name}:{attribute.of(row)}")
        asked.append(attribute.name)
    return belief, len(asked)


@pytest.mark.parametrize("row", OWN.rows, ids=lambda row: row.id)
def test_truthful_answers_lead_from_the_place_alone_to_the_right_severity(row):
    belief, _ = played(row)
    assert OWN.by_id[max(belief, key=belief.__getitem__)].severity == row.severity


def test_two_questions_are_the_most_and_one_the_mean():
    counts = [played(row)[1] for row in OWN.rows]
    assert max(counts) <= 2 and sum(counts) / len(counts) <= 1


def test_truthful_answers_lead_from_a_vague_report_to_the_right_severity(severity_model):
    """The same with the model's own belief about texts that name the place and no more."""
    assessor = Assessor(severity_model, OWN, Contracts(load_calendar(COMPANY / "calendar.yml")))
    vague = read_examples(COMPANY / "vague_examples.yml")
    wrong = []
    for row in OWN.rows:
        for text in vague[place_of(row)][:5]:
            if after_truthful_answers(assessor, text, row).severity != row.severity:
                wrong.append((row.id, text))
    assert wrong == []


def after_truthful_answers(assessor, text, row):
    module = row.module.split("/")[0].strip()
    answers = []
    while question := (
        told := assessor.assess(text, at=NOON, product=row.product, module=module, answers=answers)
    ).question:
        attribute = ATTRIBUTES[question.attribute]
        value = f"{attribute.name}:{attribute.of(row)}"
        answers.append(value if value in values(question) else "não sei")
    assert len(answers) <= 2
    return told.row


def test_the_company_says_every_row_in_words_that_fit_a_list_of_choices():
    assert [row.id for row in OWN.rows if not 0 < len(row.words) <= 72] == []

"""What is pointed out about a matrix, each on the smallest matrix that shows it."""

from dataclasses import replace

import pytest

from bot.sla.lint import findings
from bot.sla.matrix import Matrix, SlaRow

DOWN = SlaRow("A-1", "CAIXA", "CAIXA", "Caixa indisponível", "ninguém paga", 1, 2, 4)
SLOW = SlaRow("A-2", "CAIXA", "CAIXA", "Lentidão generalizada no caixa", "fila", 2, 3, 12)
ENOUGH = {row: [f"texto {number} da linha {row}" for number in range(5)] for row in ("A-1", "A-2", "A-3")}


def found(*rows, examples=ENOUGH):
    return list(findings(Matrix(rows), examples))


def test_a_matrix_without_fault_has_no_finding():
    assert found(DOWN, SLOW) == []


def test_one_service_with_two_severities_is_a_contradiction():
    again = replace(
        DOWN,
        id="A-3",
        service="caixa  INDISPONÍVEL",
        severity=2,
        diagnosis_business_hours=3,
        solution_business_hours=12,
    )
    (finding,) = found(DOWN, again)
    assert finding.startswith("contradição") and "A-1 = 1" in finding and "A-3 = 2" in finding


def test_one_severity_with_two_deadlines_is_pointed_out():
    (finding,) = found(DOWN, replace(DOWN, id="A-3", product="LOJA", solution_business_hours=8))
    assert "severidade 1" in finding and "2 h/4 h" in finding and "2 h/8 h" in finding


def test_a_place_without_a_row_for_its_outage_is_named():
    (finding,) = found(SLOW)
    assert finding.startswith("sem indisponibilidade: CAIXA|CAIXA")


@pytest.mark.parametrize(("texts", "said"), [([], "nenhum texto de treino"), (["não abre"], "só 1 texto(s)")])
def test_a_row_that_no_text_teaches_is_named(texts, said):
    (finding,) = found(DOWN, examples={"A-1": texts})
    assert "A-1" in finding and said in finding


def test_one_text_taught_for_two_severities_is_named():
    examples = {**ENOUGH, "A-1": [*ENOUGH["A-1"], "O caixa não vai"], "A-2": [*ENOUGH["A-2"], "o caixa nao vai"]}
    (finding,) = found(DOWN, SLOW, examples=examples)
    assert "o caixa nao vai" in finding and "A-1, A-2" in finding


def test_one_text_taught_for_two_rows_of_one_severity_is_no_fault():
    row = replace(DOWN, id="A-3", product="LOJA")
    examples = {**ENOUGH, "A-1": [*ENOUGH["A-1"], "parou"], "A-3": [*ENOUGH["A-3"], "parou"]}
    assert found(DOWN, row, examples=examples) == []

"""sla_matrix.csv: what is read from it, and how each mistake in it is named."""

import pytest

from bot.errors import ConfigurationError
from bot.sla.matrix import COLUMNS, load_matrix
from tests.conftest import COMPANY

HEADER = ",".join(COLUMNS)
RIGHT = "L-1,LOJA,PIX,Pix indisponível,Ninguém paga,1,2,4"


@pytest.fixture
def written(tmp_path):
    def write(*lines, encoding="utf-8"):
        path = tmp_path / "sla_matrix.csv"
        path.write_bytes("\n".join(lines).encode(encoding))
        return path

    return write


def test_a_row_is_read_with_its_deadlines_in_hours(written):
    (row,) = load_matrix(written(HEADER, RIGHT)).rows
    assert (row.id, row.product, row.module, row.severity) == ("L-1", "LOJA", "PIX", 1)
    assert (row.diagnosis_business_hours, row.solution_business_hours) == (2.0, 4.0)


def test_half_hours_may_be_written_with_a_comma(written):
    (row,) = load_matrix(written(HEADER, RIGHT.replace(",2,4", ',"1,5",4'))).rows
    assert row.diagnosis_business_hours == 1.5


def test_a_mark_at_the_start_of_the_file_is_passed_over(written):
    assert len(load_matrix(written(HEADER, RIGHT, encoding="utf-8-sig")).rows) == 1


def test_columns_may_stand_in_any_order_with_others_beside_them(written):
    (row,) = load_matrix(written("note," + HEADER, "qualquer," + RIGHT)).rows
    assert row.id == "L-1"


def test_the_companys_own_matrix_has_four_severities():
    assert {row.severity for row in load_matrix(COMPANY / "sla_matrix.csv").rows} == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ((HEADER.replace(",severity", ""), RIGHT), 1, "faltam colunas: severity"),
        ((HEADER,), 2, "não tem nenhuma linha; inclua ao menos uma"),
        ((HEADER, RIGHT, RIGHT.replace("L-1,LOJA", "L-2,")), 3, "coluna vazia: product; preencha todas"),
        ((HEADER, RIGHT.replace(",1,2,4", ",alta,2,4")), 2, "severidade 'alta' não é um número inteiro"),
        ((HEADER, RIGHT.replace(",1,2,4", ",0,2,4")), 2, "severidade '0' não é um número inteiro a partir de 1"),
        (
            (HEADER, RIGHT.replace(",1,2,4", ",1,duas,4")),
            2,
            "diagnosis_business_hours: 'duas' não é um número de horas",
        ),
        ((HEADER, RIGHT.replace(",1,2,4", ",1,2,-4")), 2, "solution_business_hours: informe um número de horas úteis"),
        ((HEADER, RIGHT.replace(",1,2,4", ",1,nan,4")), 2, "diagnosis_business_hours: informe um número"),
        ((HEADER, RIGHT.replace(",1,2,4", ",1,8,4")), 2, "o prazo de solução é menor que o de diagnóstico"),
        ((HEADER, RIGHT, RIGHT), 3, "a linha L-1 aparece duas vezes"),
        ((HEADER, RIGHT, RIGHT.replace("L-1", "L-2").replace(",4", "")), 3, "coluna vazia: solution_business_hours"),
    ],
)
def test_each_mistake_is_named_with_its_line_and_remedy(written, lines, line, words):
    path = written(*lines)
    with pytest.raises(ConfigurationError) as caught:
        load_matrix(path)
    assert caught.value.file == path and caught.value.line == line and words in caught.value.problem


def test_an_empty_file_lacks_all_columns(written):
    with pytest.raises(ConfigurationError, match="faltam colunas: row, product"):
        load_matrix(written(""))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nenhuma\.csv: a matriz de SLA não existe"):
        load_matrix(tmp_path / "nenhuma.csv")


def test_a_file_in_another_encoding_says_how_to_save_it(written):
    with pytest.raises(ConfigurationError, match="salva em UTF-8"):
        load_matrix(written(HEADER, RIGHT, encoding="latin-1"))

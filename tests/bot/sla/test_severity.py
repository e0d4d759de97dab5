"""The severity model on a company it was not written for; the company's own data come in test_assessment.py."""

import pytest

from bot.errors import ConfigurationError
from bot.sla.matrix import SlaRow
from bot.sla.severity import Kind, SeverityModel, kind_of, likeliest
from bot.sla.severity_training import Examples, read_all, read_examples, train, train_from
from tests.bot.sla.bakery import EXAMPLES, MATRIX, OTHERS, trained


@pytest.fixture(scope="module")
def model():
    return trained()


def first(prediction):
    return likeliest(prediction)


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("o forno não liga, nada foi assado", "P-1"),
        ("o timer apita na hora errada, mas dá para assar", "P-2"),
        ("ninguém consegue pagar, o caixa não abre", "P-3"),
        ("o caixa está muito lento hoje", "P-4"),
    ],
)
def test_a_text_like_the_examples_finds_its_row(model, text, row):
    assert first(model.predict(text)) == row


def test_a_row_without_examples_is_found_by_its_own_wording(model):
    assert first(model.predict("a vitrine refrigerada está indisponível e os doces derretem")) == "P-6"


def test_the_probabilities_of_all_rows_sum_to_one(model):
    prediction = model.predict("o caixa caiu", product="CAIXA")
    assert set(prediction) == set(MATRIX.by_id)
    assert sum(prediction.values()) == pytest.approx(1)


def test_a_known_product_decides_between_two_places(model):
    assert first(model.predict("está indisponível", product="FORNO")) == "P-1"
    assert first(model.predict("está indisponível", product="CAIXA")) == "P-3"
    assert first(model.predict("está indisponível", product="VITRINE")) == "P-6"


def test_a_known_module_narrows_to_its_row_and_those_of_the_whole_product(model):
    narrowed = model.predict("mostra errado, mas funciona", product="CAIXA", module="BALANÇA")
    assert first(narrowed) == "P-5"
    assert narrowed["P-2"] < model.predict("mostra errado, mas funciona")["P-2"]


def test_a_known_place_excludes_no_row_for_certain(model):
    assert all(p > 0 for p in model.predict("o forno não liga", product="CAIXA").values())


def test_a_failure_is_an_incident(model):
    assert model.incident("o forno parou de vez, nada assa") > 0.5


def test_a_question_is_not_an_incident(model):
    assert model.incident("onde vejo as vendas do forno?") < 0.5


def test_a_text_of_unknown_words_is_still_answered(model):
    assert sum(model.predict("xyzzy qwerty").values()) == pytest.approx(1)
    assert sum(model.predict("").values()) == pytest.approx(1)


def test_a_model_is_the_same_after_it_was_kept(model, tmp_path):
    model.save(tmp_path / "models" / "severity.joblib")
    again = SeverityModel.load(tmp_path / "models" / "severity.joblib")
    assert again.predict("o caixa caiu") == model.predict("o caixa caiu")


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        ("Caixa indisponível", Kind.DOWN),
        ("Caixa INDISPONÍVEL (Parcial)", Kind.BLOCKS),
        ("Lentidão generalizada no caixa", Kind.SLOW_ALL),
        ("Lentidão parcial de uma função", Kind.SLOW_PART),
        ("Erro impeditivo no caixa", Kind.BLOCKS),
        ("Erro NÃO impeditivo no caixa", Kind.WORKS),
        ("Gaveta emperrada", Kind.BLOCKS),
    ],
)
def test_the_wording_of_a_row_says_how_it_fails(service, kind):
    assert kind_of(SlaRow("X", "CAIXA", "CAIXA", service, "-", 1, 1, 1)) == kind


def test_examples_of_a_row_that_is_not_in_the_matrix_are_refused(tmp_path):
    (tmp_path / "not_incident_examples.yml").write_text("duvida: ['como troco a lâmpada?']\n")
    (tmp_path / "severity_examples.yml").write_text("P-9: [o teto caiu]\n")
    with pytest.raises(ConfigurationError, match=r"linhas que não estão na matriz: \['P-9'\]"):
        train_from(tmp_path, MATRIX)


def test_a_report_that_leaves_rows_open_stays_between_them():
    half_told = [("o caixa engasgou", ("P-3", "P-4"))] * 4
    rows = train(MATRIX, Examples(EXAMPLES, OTHERS, open=half_told)).predict("o caixa engasgou")
    assert rows["P-3"] + rows["P-4"] > 0.7
    assert 0.5 < rows["P-3"] / rows["P-4"] < 2


def test_a_report_that_does_not_say_how_it_fails_makes_every_row_of_its_place_possible():
    vague = {"CAIXA|CAIXA": ["problema no caixa", "tem algo no caixa", "o caixa de novo", "olhem o caixa"]}
    told = train(MATRIX, Examples(EXAMPLES, OTHERS)).predict("tem algo no caixa de novo")
    rows = train(MATRIX, Examples(EXAMPLES, OTHERS, vague=vague)).predict("tem algo no caixa de novo")
    assert abs(rows["P-3"] - rows["P-4"]) < abs(told["P-3"] - told["P-4"])


@pytest.mark.parametrize("name", ["vague_examples.yml", "severity_corrections.yml", "kind_answers.yml"])
def test_an_unknown_key_in_the_texts_is_named_with_its_file(tmp_path, name):
    (tmp_path / "not_incident_examples.yml").write_text("duvida: [oi]\n")
    (tmp_path / "severity_examples.yml").write_text("P-1: [o forno parou]\n")
    (tmp_path / name).write_text("NADA: [texto]\n")
    with pytest.raises(ConfigurationError, match="NADA") as caught:
        read_all(tmp_path, MATRIX)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [("- {text: a}\n", "text e rows"), ("a: b\n", "text e rows"), ("- {text: a, rows: [P-77]}\n", "P-77")],
)
def test_a_mistake_in_the_open_reports_is_named(tmp_path, content, words):
    (tmp_path / "not_incident_examples.yml").write_text("duvida: [oi]\n")
    (tmp_path / "severity_examples.yml").write_text("P-1: [o forno parou]\n")
    (tmp_path / "open_examples.yml").write_text(content)
    with pytest.raises(ConfigurationError, match=words):
        read_all(tmp_path, MATRIX)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("P-1: o forno parou\n", 1, "cada chave precisa ter uma lista de textos"),
        ("- o forno parou\n", 1, "cada chave precisa ter uma lista de textos"),
        ("P-1:\n  - 'o forno\n", None, "não é YAML válido"),
    ],
)
def test_a_mistake_in_the_examples_is_named(tmp_path, content, line, words):
    (tmp_path / "examples.yml").write_text(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_examples(tmp_path / "examples.yml")
    assert line is None or caught.value.line == line


def test_examples_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nada\.yml: o arquivo de exemplos não existe"):
        read_examples(tmp_path / "nada.yml")

"""Corrections are learned when they do no harm, and refused with nothing changed when they do."""

import pytest
import yaml

from bot.errors import ConfigurationError
from bot.sla.corrections import learn, read_cases, read_corrections
from bot.sla.severity_training import CORRECTIONS, read_all
from tests.bot.sla.bakery import EXAMPLES, MATRIX, OTHERS

TEST = [("a gaveta do caixa emperrou e ninguém recebe troco", "P-3"), ("o forno parou de vez, nada assa", "P-1"),
        ("o caixa está lento para todos", "P-4")]  # fmt: skip


@pytest.fixture
def company(tmp_path):
    (tmp_path / "severity_examples.yml").write_text(yaml.safe_dump(EXAMPLES, allow_unicode=True), "utf-8")
    (tmp_path / "not_incident_examples.yml").write_text(yaml.safe_dump({"duvida": OTHERS}, allow_unicode=True), "utf-8")
    return tmp_path


def test_a_correction_that_helps_is_kept_and_taught(company):
    lesson = learn(company, MATRIX, [("a gaveta emperrou, ninguém recebe troco", "P-3")] * 2, TEST)
    assert lesson.after.severity >= lesson.before.severity and not lesson.is_worse
    assert "a gaveta emperrou, ninguém recebe troco" in read_all(company, MATRIX).rows["P-3"]


def test_corrections_that_make_it_worse_are_refused_and_leave_no_trace(company):
    wrong = [(f"o forno parou de vez, nada assa, de novo {number}", "P-5") for number in range(12)]
    lesson = learn(company, MATRIX, wrong, TEST)
    assert lesson.is_worse and lesson.after.severity < lesson.before.severity
    assert not (company / CORRECTIONS).exists()


def test_what_is_taught_already_is_not_learned_twice(company):
    known = EXAMPLES["P-1"][0]
    assert learn(company, MATRIX, [(known.upper(), "P-1")], TEST).learned == 0
    assert not (company / CORRECTIONS).exists()


def test_later_corrections_stand_beside_the_earlier_ones(company):
    for text in ("o forno apagou sozinho, nada assa", "o forno morreu, nada assa"):
        learn(company, MATRIX, [(text, "P-1")], TEST)
    assert len(yaml.safe_load((company / CORRECTIONS).read_text("utf-8"))["P-1"]) == 2


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("texto,linha\na,P-1\n", 1, "text e row"),
        ("text,row\no forno parou,P-99\n", 2, "P-99"),
        ("text,row\n ,P-1\n", 2, "vazio"),
    ],
)
def test_a_mistake_in_the_corrections_is_named_with_its_line(tmp_path, content, line, words):
    (tmp_path / "corrections.csv").write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_corrections(tmp_path / "corrections.csv", MATRIX)
    assert caught.value.line == line


def test_corrections_that_are_not_there_are_named(tmp_path):
    with pytest.raises(ConfigurationError, match="não existe"):
        read_corrections(tmp_path / "nada.csv", MATRIX)


@pytest.mark.parametrize("content", ["{", '{"subject": "a"}', '["a"]'])
def test_test_cases_that_cannot_be_read_are_named(tmp_path, content):
    (tmp_path / "cases.jsonl").write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match="casos de teste"):
        read_cases(tmp_path / "cases.jsonl")

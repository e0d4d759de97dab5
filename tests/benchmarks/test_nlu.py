"""How a reading is scored, which sets are refused, and what the page says of the figures."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks.nlu.pipelines import DIET, PROPOSED_EPOCHS, Measured, with_epochs
from benchmarks.nlu.processes import Cost, Failed, cost_of
from benchmarks.nlu.report import Results, page
from benchmarks.nlu.scores import Scores, percentile, score, surest, word_f1
from benchmarks.nlu.sets import MeasuringSet, UnusableSet

EMPTY = dict.fromkeys(("who", "what", "where", "when", "why"))


def scores_of(read, right):
    return score([("greet", "greet", "greet")], [({**EMPTY, **read}, {**EMPTY, **right})])


def test_case_accents_and_marks_make_no_difference_to_a_slot():
    assert word_f1("Não grava, nada!", "nao grava nada") == 1


def test_a_slot_read_with_words_too_many_is_partly_right():
    assert word_f1("na tela de ocorrência desde ontem", "na tela de ocorrência") == pytest.approx(0.8)


def test_a_repeated_word_counts_as_often_as_it_stands_there():
    assert word_f1("lento", "lento lento lento") == pytest.approx(0.5)


def test_a_slot_missed_and_a_slot_made_up_are_both_wrong():
    scored = scores_of({"what": "não abre", "when": "hoje"}, {"what": "não abre", "who": "as atendentes"})
    assert scored.slot_f1 == pytest.approx(1 / 3)
    assert scored.exact == pytest.approx(1 / 2)


def test_only_slots_without_an_answer_can_be_kept_empty():
    scored = scores_of({"what": "não abre", "when": "hoje"}, {"what": "não abre"})
    assert scored.empty_kept == pytest.approx(3 / 4)


def test_a_goal_behind_the_fallback_is_wrong_but_likeliest():
    scored = score([("nlu_fallback", "greet", "greet"), ("deny", "deny", "greet")], [(EMPTY, {**EMPTY, "what": "a"})])
    assert (scored.goals, scored.likeliest) == (0, 0.5)


def test_start_over_is_the_goal_restart():
    assert score([("start_over", "start_over", "restart")], [(EMPTY, {**EMPTY, "what": "a"})]).goals == 1


def test_of_two_spans_of_a_why_the_surest_is_taken_and_other_entities_are_left_out():
    spans = [
        {"slot": "where", "text": "no chat", "confidence": 0.6},
        {"slot": "where", "text": "na tela", "confidence": 0.9},
        {"slot": "field", "text": "CPF", "confidence": 1.0},
    ]
    assert surest(spans) == {**EMPTY, "where": "na tela"}


def test_a_percentile_is_one_of_the_values():
    assert [percentile([5, 1, 4, 2, 3], percent) for percent in (50, 95, 1)] == [3, 5, 1]


def test_a_set_gives_its_texts_with_the_goals_first(tmp_path: Path):
    (tmp_path / "intents.jsonl").write_text(json.dumps({"text": "oi", "goal": "greet"}) + "\n\n")
    (tmp_path / "five_w.jsonl").write_text(json.dumps({"text": "não abre", **EMPTY}) + "\n")
    assert MeasuringSet.load(tmp_path).texts == ["oi", "não abre"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "não existe"), ("{", "não é JSON"), ("\n", "está vazio")],
    ids=lambda one: repr(one),
)
def test_a_set_that_cannot_be_read_is_named(tmp_path: Path, content: str | None, sentence: str):
    if content is not None:
        (tmp_path / "intents.jsonl").write_text(content)
    with pytest.raises(UnusableSet, match=rf"intents\.jsonl.*{sentence}"):
        MeasuringSet.load(tmp_path)


def test_only_the_epochs_of_diet_are_changed(tmp_path: Path):
    proposed, shorter = (yaml.safe_load(one.config.read_text()) for one in (DIET, with_epochs(DIET, 3, tmp_path)))
    classifier = next(one for one in proposed["pipeline"] if one["name"] == "DIETClassifier")
    assert classifier["epochs"] == PROPOSED_EPOCHS
    classifier["epochs"] = 3
    assert shorter == proposed


def test_the_cost_of_a_process_counts_its_children_and_a_failed_one_is_refused(tmp_path: Path):
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}], check=True)"
    assert cost_of("filho", [sys.executable, "-c", parent], {}, tmp_path / "log").cpu_s >= 0.3
    with pytest.raises(Failed, match="terminou com 3"):
        cost_of("erro", [sys.executable, "-c", "raise SystemExit(3)"], {}, tmp_path / "log")


def measured(goals: float, ms: float) -> Measured:
    return Measured(Cost(50, 40, 600), 2, 2, 200, 210, [ms], [ms], Scores(goals, goals, 0.8, 0.7, 0.9))


def test_the_page_holds_ratios_and_says_which_aims_are_missed():
    builds = {step: Cost(wall_s=25, cpu_s=15, peak_mb=300) for step in ("dialogue", "severity", "encoder", "articles")}
    text = page(
        Results(measured(0.9, 4), measured(0.6, 16), measured(0.6, 16), builds, 30), "sets/dev", (2, 1), "hoje", ""
    )
    assert "DIET, 30 épocas" in text
    assert "Todas levariam perto de 2 minutos" in text
    assert "| objetivo certo | 90.0% | 60.0% | 1.50 |" in text
    assert "| mensagem, CPU ms, p50 | 4.0 | 16.0 | **0.25** |" in text
    assert "| **soma** | 45.0 | 75.0 | 300 |" in text, "the encoder is no part of the sum"
    assert "| todos os treinos em até 60 s | 75.0 s | 45.0 s | não, sim |" in text

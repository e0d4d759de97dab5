"""A short random walk: whatever is said, there is an answer, and always a way out. benchmarks/conversations walks longer."""

import pytest

from benchmarks.conversations.service import Service
from benchmarks.conversations.walk import Findings, walk
from benchmarks.conversations.watch import Move, Watch
from tests.stack import SECRET, Stack

TURNS, SEED = 120, 7


@pytest.fixture(scope="module")
def findings(stack: Stack) -> Findings:
    service = Service(stack.url, SECRET)
    yield walk(service, TURNS, SEED)
    service.close()


@pytest.mark.parametrize("measure", ["failed", "empty", "dead_end"])
def test_a_random_walk_finds_no(measure: str, findings: Findings) -> None:
    found = [violation for violation in findings.violations if violation.measure == measure]
    assert not found, "\n\n".join([found[0].detail, *found[0].turns])


def test_the_walk_is_long_and_mixed(findings: Findings) -> None:
    assert findings.turns >= TURNS
    assert {"answer", "opening", "digression", "correction", "button", "human"} <= set(findings.counts)


def answer(text="Sobre qual produto é?", asking="product", outcome=None, pending=False):
    messages = [{"text": text, "choices": [], "articles": []}] if text else []
    return {"messages": messages, "asking": asking, "outcome": outcome, "ticket": None, "pending": pending}


def measures(*turns):
    """What a watch finds in the last of the turns."""
    watch = Watch()
    for move, given in turns[:-1]:
        watch.see(move, given)
    return [violation.measure for violation in watch.see(*turns[-1])]


OPENING = Move("opening", "o chat parou")
WHERE, WHEN = answer("Onde?", "where"), answer("Quando?", "when")


def test_an_answer_without_anything_is_empty():
    assert measures((OPENING, answer(text=None))) == ["empty"]
    assert measures((OPENING, answer(text=None, pending=True))) == []


def test_the_same_text_in_two_answers_is_found():
    assert measures((OPENING, WHERE), (Move("nonsense", "hmm"), WHERE)) == ["repeated"]


def test_the_same_text_twice_in_one_answer_is_found():
    twice = answer("Onde?", "where")
    twice["messages"] *= 2
    assert measures((OPENING, twice)) == ["repeated"]


def test_a_question_answered_before_may_not_come_again():
    turns = [
        (OPENING, WHERE),
        (Move("answer", "na matriz"), WHEN),
        (Move("answer", "hoje"), answer("E onde?", "where")),
    ]
    assert measures(*turns) == ["asked_again"]


def test_a_field_told_in_the_opening_may_not_be_asked():
    assert measures((Move("opening", "o chat parou", frozenset({"product"})), answer())) == ["asked_again"]


def test_a_field_reopened_by_a_correction_may_be_asked():
    correcting = answer("O que mudar?", "correction")
    turns = [(OPENING, WHERE), (Move("answer", "na matriz"), answer("Posso abrir?", "confirm"))]
    assert measures(*turns, (Move("answer", "quase"), correcting), (Move("answer", "o lugar"), WHERE)) == []


def test_a_new_draft_knows_nothing_of_the_one_before():
    told = Move("opening", "o chat parou", frozenset({"product"}))
    assert (
        measures((told, WHERE), (Move("answer", "sim"), answer("Aberto.", None, "ticket")), (OPENING, answer())) == []
    )


def test_a_digression_must_leave_the_open_question_as_it_was():
    assert measures((OPENING, WHERE), (Move("digression", "quem é você?"), WHEN)) == ["lost_draft"]
    assert measures((OPENING, WHERE), (Move("digression", "quem é você?"), answer("Robô. Onde é?", "where"))) == []


def test_a_correction_that_stands_in_the_summary_as_an_answer_is_found():
    said = "na verdade começou ontem"
    summary = answer(f"Confira:\n- **Onde**: {said}", "confirm")
    assert measures((OPENING, WHERE), (Move("correction", said), WHEN), (Move("answer", "hoje"), summary)) == [
        "swallowed"
    ]
    right = answer("Confira:\n- **Quando**: ontem", "confirm")
    assert measures((OPENING, WHERE), (Move("correction", said), WHEN), (Move("answer", "hoje"), right)) == []

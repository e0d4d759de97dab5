import pytest

from bot.request_type import request_type

RANKING = ("report_error", "technical_support", "usability_question")


@pytest.mark.parametrize("goal", ["greet", "add_information", "nlu_fallback", None])
def test_what_is_no_request_has_no_type(goal):
    assert request_type(goal, RANKING, incident=0.99) is None


@pytest.mark.parametrize("goal", ["usability_question", "technical_support", "improvement_request"])
def test_an_incident_told_as_a_question_or_a_wish_is_an_incident(goal):
    assert request_type(goal, (goal,), incident=0.9) == "report_error"


def test_what_is_surely_no_incident_is_the_likeliest_of_the_other_kinds():
    assert request_type("report_error", RANKING, incident=0.1) == "technical_support"


def test_without_another_kind_in_sight_what_was_heard_stands():
    assert request_type("report_error", ("report_error", "greet"), incident=0.1) == "report_error"


@pytest.mark.parametrize("goal", RANKING)
def test_in_doubt_what_was_heard_stands(goal):
    assert request_type(goal, RANKING, incident=0.5) == goal

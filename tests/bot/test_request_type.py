import pytest

from bot.request_type import is_incident, request_type

RANKING = {"report_error": 0.5, "technical_support": 0.3, "usability_question": 0.1}


@pytest.mark.parametrize("goal", ["greet", "add_information", "nlu_fallback", None])
def test_what_is_no_request_has_no_type(goal):
    assert request_type(goal, RANKING, incident=0.99) is None


@pytest.mark.parametrize("goal", ["usability_question", "technical_support", "improvement_request"])
def test_an_incident_told_as_a_question_or_a_wish_is_an_incident(goal):
    assert request_type(goal, {goal: 0.5, "report_error": 0.3}, incident=0.9) == "report_error"


def test_what_is_surely_no_incident_is_the_likeliest_of_the_other_kinds():
    assert request_type("report_error", RANKING, incident=0.1) == "technical_support"


def test_without_another_kind_in_sight_what_was_heard_stands():
    assert request_type("report_error", {"report_error": 0.8, "greet": 0.1}, incident=0.001) == "report_error"


@pytest.mark.parametrize("goal", RANKING)
def test_where_the_incidents_tell_nothing_what_was_heard_stands(goal):
    others = {kind: 0.1 for kind in RANKING if kind != goal}
    assert request_type(goal, {goal: 0.7, **others}, incident=0.5) == goal


def test_a_question_surely_heard_is_none_though_it_speaks_of_what_fails():
    assert not is_incident({"usability_question": 0.95, "report_error": 0.03}, incident=0.8)


def test_where_no_request_was_heard_the_incidents_decide():
    assert is_incident({"greet": 0.9}, incident=0.6)
    assert not is_incident({"greet": 0.9}, incident=0.4)

"""Two matters in one turn typed in pieces."""

import pytest

from rasa_server.pieces import taken_apart

GOALS = {
    "meus chamados": ("list_tickets", 0.9),
    "o discador parou": ("report_error", 0.9),
    "oi": ("greet", 0.9),
    "oi\no discador parou": ("report_error", 0.9),
    "meus chamados\no discador parou": ("list_tickets", 0.6),
    "antes de continuar,": ("add_information", 0.3),
    "qual o prazo?": ("sla_question", 0.9),
    "quero falar com um atendente": ("talk_to_human", 0.9),
}


def parse(text):
    name, confidence = GOALS.get(text, ("add_information", 0.2))
    return {"text": text, "intent": {"name": name, "confidence": confidence}}


def test_a_question_beside_a_problem_is_taken_out():
    pieces = taken_apart("meus chamados\no discador parou", parse)
    assert (pieces.text, pieces.beside) == ("o discador parou", (("list_tickets", "meus chamados"),))
    assert pieces.parsed["intent"]["name"] == "report_error"


def test_a_greeting_stays_with_the_matter():
    assert taken_apart("oi\nmeus chamados\no discador parou", parse).text == "oi\no discador parou"


def test_a_thought_cut_in_two_is_left_whole():
    pieces = taken_apart("antes de continuar,\nqual o prazo?", parse)
    assert (pieces.text, pieces.beside) == ("antes de continuar,\nqual o prazo?", ())


def test_a_call_for_a_person_is_all_that_counts():
    pieces = taken_apart("o discador parou\nquero falar com um atendente", parse)
    assert (pieces.text, pieces.parsed["intent"]["name"]) == ("quero falar com um atendente", "talk_to_human")


@pytest.mark.parametrize("text", ["o discador parou", "meus chamados"])
def test_one_line_is_read_once(text):
    read = []
    taken_apart(text, lambda words: read.append(words) or parse(words))
    assert read == [text]

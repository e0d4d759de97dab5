from dataclasses import asdict

import pytest

from bot.conversation.message import Answer, BotMessage, Choice

A, B = Choice("A", "/a"), Choice("B", "/b")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(),
        Answer(pending=True, asking="where"),
        Answer((BotMessage("oi", (A, B), ({"id": "007", "score": 0.5},)), BotMessage(None)), "product", "ticket", {"number": "X"}),
    ],
)  # fmt: skip
def test_an_answer_comes_back_from_its_own_fields(answer):
    assert Answer.from_dict(answer.as_dict()) == answer


def test_an_answer_has_the_fields_of_the_interface():
    fields = Answer((BotMessage("oi", (A,)),)).as_dict()
    assert set(fields) >= {"messages", "asking", "outcome", "ticket"}
    assert fields["messages"] == [{"text": "oi", "choices": [asdict(A)], "articles": []}]


def test_what_may_be_chosen_is_what_the_last_bubble_with_choices_offers():
    assert Answer((BotMessage("1", (A,)), BotMessage("2", (B,)), BotMessage("3"))).choices() == [B]


def test_without_choices_nothing_may_be_chosen():
    assert Answer((BotMessage("1"),)).choices() == Answer().choices() == []

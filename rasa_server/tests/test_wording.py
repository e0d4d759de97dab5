"""Which variation of a response is said, by what was said before."""

import asyncio

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from rasa_server.wording import FreshWording

DOMAIN = Domain.from_yaml(
    """
version: "3.1"
slots:
  attempts: { type: any, influence_conversation: false, mappings: [{ type: custom }] }
responses:
  utter_where:
    - text: "Onde?"
    - text: "E onde é?"
    - condition: [{ type: slot, name: attempts, value: 1 }]
      text: "Em que tela?"
  utter_status:
    - text: "{number} está aberto."
  utter_wave:
    - custom: { wave: true }
"""
)


def tracker(*events):
    return DialogueStateTracker.from_events("ana", list(events), DOMAIN.slots)


def text(name, *events, **values):
    wording = FreshWording(EndpointConfig(), DOMAIN)
    return asyncio.run(wording.generate(name, tracker(*events), "web", **values))["text"]


def test_the_first_variation_is_said_first():
    assert text("utter_where", UserUttered("oi")) == "Onde?"


def test_a_question_asked_again_comes_in_other_words():
    assert text("utter_where", UserUttered("oi"), BotUttered("Onde?"), UserUttered("obrigada")) == "E onde é?"


def test_what_was_said_two_answers_ago_may_be_said_again():
    events = [UserUttered("oi"), BotUttered("Onde?"), UserUttered("ah"), BotUttered("E onde é?"), UserUttered("hum")]
    assert text("utter_where", *events) == "Onde?"


def test_a_variation_whose_condition_holds_goes_first():
    assert text("utter_where", SlotSet("attempts", 1), UserUttered("oi")) == "Em que tela?"


def test_even_then_it_is_not_said_twice_in_a_row():
    events = [SlotSet("attempts", 1), UserUttered("oi"), BotUttered("Em que tela?"), UserUttered("?")]
    assert text("utter_where", *events) == "Onde?"


def test_variables_count_when_texts_are_compared():
    events = [UserUttered("PC-1?"), BotUttered("PC-1 está aberto."), UserUttered("PC-2?")]
    assert text("utter_status", *events, number="PC-2") == "PC-2 está aberto."


def test_a_response_with_one_variation_is_said_again_rather_than_not_at_all():
    events = [UserUttered("PC-1?"), BotUttered("PC-1 está aberto."), UserUttered("PC-1?")]
    assert text("utter_status", *events, number="PC-1") == "PC-1 está aberto."


def test_a_response_without_text_is_said():
    response = asyncio.run(FreshWording(EndpointConfig(), DOMAIN).generate("utter_wave", tracker(UserUttered("oi")), "web"))
    assert response["custom"] == {"wave": True}


def test_an_unknown_response_is_none():
    wording = FreshWording(EndpointConfig(), DOMAIN)
    assert asyncio.run(wording.generate("utter_x", tracker(UserUttered("oi")), "web")) is None

"""Goals in the light of where a message is said."""

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_server.expected import weighed

TEXT = "depois da atualização de ontem sumiram os botões, só no meu computador"


def parsed(**goals):
    ranking = [{"name": name, "confidence": confidence} for name, confidence in goals.items()]
    return {"text": TEXT, "intent": ranking[0], "intent_ranking": ranking}


DOUBTFUL = parsed(add_information=0.7, report_error=0.25)


def tracker(*events):
    return DialogueStateTracker.from_events("ana", list(events), slots=[AnySlot("last_ticket", mappings=[])], domain=Domain.empty())


@pytest.mark.parametrize("nothing_open", [None, tracker()])
def test_where_no_ticket_is_told_a_doubtful_addition_is_a_report(nothing_open):
    heard = weighed(DOUBTFUL, TEXT, nothing_open)
    assert [goal["name"] for goal in heard["intent_ranking"]] == ["report_error", "add_information"]
    assert heard["intent"] == heard["intent_ranking"][0]
    assert heard["intent"]["confidence"] == pytest.approx(0.25 / (0.25 + 0.2 * 0.7 + 0.05))


def test_a_plain_addition_stays_one():
    assert weighed(parsed(add_information=0.9, report_error=0.1), TEXT, None)["intent"]["name"] == "add_information"


@pytest.mark.parametrize("open_now", [ActiveLoop("intake_form"), SlotSet("last_ticket", "PC-1001")])
def test_in_an_intake_and_after_a_ticket_the_words_alone_count(open_now):
    assert weighed(DOUBTFUL, TEXT, tracker(open_now)) == DOUBTFUL


@pytest.mark.parametrize("text", ["no chamado de ontem sumiram os botões", "PC-2210: sumiram os botões"])
def test_whoever_names_a_ticket_adds_to_it(text):
    assert weighed(DOUBTFUL, text, None) == DOUBTFUL


def test_other_goals_are_left_as_they_are():
    other = parsed(greet=0.5, add_information=0.4)
    assert weighed(other, TEXT, None) == other

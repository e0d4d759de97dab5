"""What a message can mean where it is said: facts are added to a ticket, and not where there is none.

The goals are read from the words alone. "Depois da atualização de ontem, só no meu computador…" answers a question, and
begins a report as well. Here the place counts too, by Bayes' rule: the odds of a goal that is rare there are lowered.
"""

import re
from typing import Any

from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY

from rasa_server.spelling import fold

Parsed = dict[str, Any]

# Goals that speak of a ticket which exists or is being told.
_OF_A_TICKET = ("add_information", "correct_field")
# How likely they are beside their share of the examples, most of which are answers in the middle of a form. What is
# plainly an addition ("agora pegou a outra loja também") stays one: the person may have tickets of another day.
_WITHOUT_A_TICKET = 0.2
_NAMES_A_TICKET = re.compile(r"chamado|protocolo|ticket|\b[a-z]{2,4}-\d+")


def weighed(parsed: Parsed, text: str, tracker: DialogueStateTracker | None) -> Parsed:
    """The understanding of `text` with its goals ranked for a conversation that stands as `tracker` says."""
    if _is_about_a_ticket(text, tracker) or parsed[INTENT][INTENT_NAME_KEY] not in _OF_A_TICKET:
        return parsed
    odds = [(goal, _share(goal) * goal[PREDICTED_CONFIDENCE_KEY]) for goal in parsed[INTENT_RANKING_KEY]]
    whole = 1 - sum(goal[PREDICTED_CONFIDENCE_KEY] for goal, _ in odds) + sum(lowered for _, lowered in odds)
    ranking = [{**goal, PREDICTED_CONFIDENCE_KEY: lowered / whole} for goal, lowered in odds]
    ranking.sort(key=lambda goal: -goal[PREDICTED_CONFIDENCE_KEY])
    return {**parsed, INTENT: ranking[0], INTENT_RANKING_KEY: ranking}


def _share(goal: Parsed) -> float:
    return _WITHOUT_A_TICKET if goal[INTENT_NAME_KEY] in _OF_A_TICKET else 1.0


def _is_about_a_ticket(text: str, tracker: DialogueStateTracker | None) -> bool:
    if _NAMES_A_TICKET.search(fold(text)):
        return True
    return tracker is not None and bool(tracker.active_loop_name or tracker.get_slot("last_ticket"))

"""Chooses among the variations of a response one that was not just said.

Rasa draws a variation at random, so that a question asked again after a digression may come in the very same words,
which reads like a machine that did not listen. Here the variations are tried in the order of domain.yml, those whose
condition holds first, and one that stands in the last answer, or in this one already, is passed over.
"""

import copy
from collections.abc import Iterator
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.shared.constants import RESPONSE_CONDITION
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

Response = dict[str, Any]


class FreshWording(TemplatedNaturalLanguageGenerator):
    """In endpoints.yml: `nlg: {type: rasa_server.wording.FreshWording}`."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Response | None:
        """The response with its variables filled in; None for a name that domain.yml does not hold."""
        slots, said = tracker.current_slot_values(), just_said(tracker)
        candidates = [
            self._fill_response(copy.deepcopy(variation), slots, **kwargs)
            for variation in self._in_order(utter_action, output_channel, slots)
        ]
        fresh = (response for response in candidates if response.get("text") not in said)
        return next(fresh, candidates[0] if candidates else None)

    def _in_order(self, utter_action: str, channel: str, slots: dict[str, Any]) -> Iterator[Response]:
        """Those that suit, then those without a condition, then the rest: a wording a little off beats the same again."""
        every = self.responses.get(utter_action, [])
        if not every:
            return
        suitable = ResponseVariationFilter(self.responses).responses_for_utter_action(utter_action, channel, slots)
        yield from suitable
        yield from sorted((one for one in every if one not in suitable), key=lambda one: RESPONSE_CONDITION in one)


def just_said(tracker: DialogueStateTracker) -> set[str]:
    """Texts of the last answer and of what is being answered now."""
    said: set[str] = set()
    turns = 0
    for event in reversed(tracker.events):
        turns += isinstance(event, UserUttered)
        if turns == 2:
            break
        if isinstance(event, BotUttered) and event.text:
            said.add(event.text)
    return said

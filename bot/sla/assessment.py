"""From words to a row of the matrix, deadlines and, where the text leaves it open, the question that decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from bot.answers import does_not_know, option_by_position
from bot.sla.contracts import Contracts, Terms
from bot.sla.matrix import Matrix, SlaRow
from bot.sla.questions import (
    ATTRIBUTES,
    CASE,
    KIND,
    Question,
    answered,
    kind_titled,
    next_question,
    weighed,
)
from bot.sla.severity import Belief, SeverityModel, kind_of
from bot.sla.wording import explanation, reason
from bot.text import plain

_MOST_QUESTIONS = 2
# What another kind of failure is still worth when the answer in free words surely names one.
_MISHEARD = 0.02


@dataclass(frozen=True)
class Assessment:
    """What the matrix says of an incident, and the contract of a company with it.

    Deadlines are in the desk's zone; `candidates` are the likeliest rows, `row` first.
    """

    row: SlaRow
    terms: Terms
    probability: float
    opened_at: datetime
    diagnosis_due: datetime
    solution_due: datetime
    candidates: tuple[tuple[SlaRow, float], ...]
    question: Question | None = None
    answers: tuple[str, ...] = ()

    @property
    def explanation(self) -> str:
        return explanation(self.row, self.terms)

    @property
    def reason(self) -> str:
        """The explanation without the targets."""
        return reason(self.row, self.terms)

    def evidence(self) -> dict[str, Any]:
        """What is kept on the ticket so that an agent sees how the row was chosen."""
        return {
            "probability": self.probability,
            "alternatives": [[row.id, round(p, 3)] for row, p in self.candidates],
            "answers": list(self.answers),
            "explanation": self.explanation,
        }


class Assessor:
    """The severity desk: model, matrix and what companies are promised, together."""

    def __init__(self, model: SeverityModel, matrix: Matrix, contracts: Contracts) -> None:
        self._model, self._matrix, self._contracts = model, matrix, contracts
        # One message has the same draft looked at several times.
        self._predict = lru_cache(maxsize=64)(model.predict)

    def incident(self, text: str) -> float:
        """The probability that a text is an incident at all."""
        return self._model.incident(text)

    def assess(
        self,
        text: str,
        *,
        at: datetime,
        product: str | None = None,
        module: str | None = None,
        answers: Sequence[str] = (),
        company: str | None = None,
    ) -> Assessment:
        """Row, severity and deadlines of an incident opened at `at` (aware) by somebody of `company`.

        `answers` are what the person said to the questions so far: an option's value, its title or position, or free
        words. Whoever does not know settles a question without telling anything.
        """
        belief = self._predict(text, product=product, module=module)
        asked: list[str] = []
        for answer in answers:
            question = next_question(belief, self._matrix, asked)
            asked.append(question.attribute if question else KIND.name)
            if does_not_know(answer):
                continue
            value = _chosen(question, answer) or kind_titled(answer) or self._case_named(answer)
            if value:
                belief = answered(belief, self._matrix, value)
            elif question and question.attribute == CASE.name:
                belief = self._case_told(belief, answer)
            else:
                text = f"{text}. {answer}"
                belief = self._kind_told(self._predict(text, product=product, module=module), answer)
        return self._conclude(belief, at, self._question(belief, asked, answers), tuple(answers), company)

    def _question(self, belief: Belief, asked: list[str], answers: Sequence[str]) -> Question | None:
        """Nobody is asked more than twice, nor after having said not to know."""
        if len(asked) >= _MOST_QUESTIONS or (answers and does_not_know(answers[-1])):
            return None
        return next_question(belief, self._matrix, asked)

    def _conclude(
        self, belief: Belief, at: datetime, question: Question | None, answers: tuple[str, ...], company: str | None
    ) -> Assessment:
        ranked = [(self._matrix.by_id[id], p) for id, p in sorted(belief.items(), key=lambda item: -item[1])]
        row, probability = ranked[0]
        terms, zone = self._contracts.terms(row, company), self._contracts.desk.zone
        return Assessment(
            row=row,
            terms=terms,
            probability=round(probability, 3),
            opened_at=at,
            diagnosis_due=terms.calendar.add(at, terms.diagnosis).astimezone(zone),
            solution_due=terms.calendar.add(at, terms.solution).astimezone(zone),
            candidates=tuple((r, p) for r, p in ranked[:5] if p >= 0.01),
            question=question,
            answers=answers,
        )

    def _case_named(self, answer: str) -> str | None:
        """The one case whose plain words hold the answer: "o AVI erra o fluxo", said where the kind was asked for."""
        said = plain(answer).strip(" .!")
        named = [row.id for row in self._matrix.rows if len(said.split()) >= 3 and said in plain(row.in_plain_words)]
        return f"{CASE.name}:{named[0]}" if len(named) == 1 else None

    def _kind_told(self, belief: Belief, answer: str) -> Belief:
        kinds = self._model.kinds(answer)
        return weighed(belief, lambda id: kinds.get(kind_of(self._matrix.by_id[id]), 0.0) + _MISHEARD)

    def _case_told(self, belief: Belief, answer: str) -> Belief:
        said = self._predict(answer)
        return weighed(belief, lambda id: said[id])


def _is_value(answer: str) -> bool:
    """True for an option's value, as a button sends it."""
    return re.fullmatch(rf"(?:{'|'.join(ATTRIBUTES)}):\S.*", answer) is not None


def _chosen(question: Question | None, answer: str) -> str | None:
    """The value of the option that an answer names by value, title or position; None for free words."""
    if _is_value(answer):
        return answer
    if question is None:
        return None
    place = option_by_position(answer, len(question.options))
    if place is not None:
        return question.options[place][1]
    said = plain(answer).strip(" .!")
    exact = [value for title, value in question.options if plain(title) == said]
    part = [value for title, value in question.options if len(said.split()) >= 3 and said in plain(title)]
    return next(iter(exact or part), None)

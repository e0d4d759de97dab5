"""From words to a row of the matrix, deadlines and, where the text leaves it open, the question that decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.answers import does_not_know, option_by_position
from bot.sla.business_hours import BusinessCalendar
from bot.sla.matrix import Matrix, SlaRow
from bot.sla.severity import Kind, Prediction, SeverityModel, kind_of
from bot.sla.wording import explanation
from bot.text import plain

# Below this share of probability on one severity, the customer is asked.
_SURE = 0.75
# A kind of failure is offered as an answer when its rows together are at least this likely.
_POSSIBLE = 0.04

_QUESTION = "Para definir a prioridade certa: como está o trabalho de vocês agora?"
_ANSWERS = {
    Kind.DOWN: "Parado para todos",
    Kind.BLOCKS: "Parado para uma parte ou uma função",
    Kind.SLOW_ALL: "Lento para todos",
    Kind.SLOW_PART: "Lento só em uma parte",
    Kind.WORKS: "Funciona, mas com defeito",
}


@dataclass(frozen=True)
class Question:
    """`options` are (title, value)."""

    text: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Assessment:
    """What the matrix says of an incident. Deadlines are aware; `candidates` are the likeliest rows, `row` first."""

    row: SlaRow
    probability: float
    diagnosis_due: datetime
    solution_due: datetime
    candidates: tuple[tuple[SlaRow, float], ...]
    question: Question | None = None
    answer: str | None = None

    @property
    def explanation(self) -> str:
        return explanation(self.row)

    def evidence(self) -> dict[str, Any]:
        """What is kept on the ticket so that an agent sees how the row was chosen."""
        return {
            "probability": self.probability,
            "alternatives": [[row.id, round(p, 3)] for row, p in self.candidates],
            "answer": self.answer,
            "explanation": self.explanation,
        }


class Assessor:
    """The severity desk: model, matrix and clock together."""

    def __init__(self, model: SeverityModel, matrix: Matrix, calendar: BusinessCalendar) -> None:
        self._model, self._matrix, self._calendar = model, matrix, calendar

    def is_incident(self, text: str) -> bool:
        return self._model.predict(text).incident >= 0.5

    def assess(
        self,
        text: str,
        *,
        at: datetime,
        product: str | None = None,
        module: str | None = None,
        answer: str | None = None,
    ) -> Assessment:
        """Row, severity and deadlines of an incident opened at `at` (aware).

        `answer` is what the person said to the question: an option's value, its title or position, or free words.
        Whoever does not know settles the question without telling anything: the likeliest row stays as likely as it was.
        """
        first = self._model.predict(text, product=product, module=module)
        if answer and not does_not_know(answer):
            final = self._with_answer(text, answer, self._kind_answered(answer, first), product, module)
        else:
            final = first
        question = None if answer else self._question(final)
        return self._conclude(final, at, question, answer)

    def _conclude(
        self, prediction: Prediction, at: datetime, question: Question | None, answer: str | None
    ) -> Assessment:
        ranked = [(self._matrix.by_id[row], p) for row, p in prediction.ranked()]
        row, probability = ranked[0]
        return Assessment(
            row=row,
            probability=round(probability, 3),
            diagnosis_due=self._calendar.add(at, timedelta(hours=row.diagnosis_business_hours)),
            solution_due=self._calendar.add(at, timedelta(hours=row.solution_business_hours)),
            candidates=tuple((r, p) for r, p in ranked[:5] if p >= 0.01),
            question=question,
            answer=answer,
        )

    def _question(self, prediction: Prediction) -> Question | None:
        """Asked when no severity is sure and the kinds of failure of the likely rows differ."""
        by_severity: dict[int, float] = {}
        by_kind: dict[str, float] = {}
        for row, p in ((self._matrix.by_id[id], p) for id, p in prediction.rows.items()):
            by_severity[row.severity] = by_severity.get(row.severity, 0) + p
            by_kind[kind_of(row)] = by_kind.get(kind_of(row), 0) + p
        kinds = [kind for kind in Kind.ALL if by_kind.get(kind, 0) >= _POSSIBLE]
        if max(by_severity.values()) >= _SURE or len(kinds) < 2:
            return None
        return Question(_QUESTION, tuple((_ANSWERS[kind], f"kind:{kind}") for kind in kinds))

    def _kind_answered(self, answer: str, prediction: Prediction) -> str | None:
        """The kind that an option's value, title or position names; None for free words."""
        if answer.startswith("kind:"):
            return answer.removeprefix("kind:")
        question = self._question(prediction)
        options = question.options if question else tuple((_ANSWERS[k], f"kind:{k}") for k in Kind.ALL)
        place = option_by_position(answer, len(options))
        if place is not None:
            return options[place][1].removeprefix("kind:")
        return next((v.removeprefix("kind:") for title, v in options if plain(title) == plain(answer)), None)

    def _with_answer(
        self, text: str, answer: str, kind: str | None, product: str | None, module: str | None
    ) -> Prediction:
        if kind:
            return self._model.predict(text, product=product, module=module, kind=kind)
        said = self._model.predict(f"{text}. {answer}", product=product, module=module)
        kinds = self._model.kinds(answer)
        weighed = {id: p * kinds.get(kind_of(self._matrix.by_id[id]), 0.0) for id, p in said.rows.items()}
        total = sum(weighed.values()) or 1.0
        return Prediction(said.incident, {id: p / total for id, p in weighed.items()})

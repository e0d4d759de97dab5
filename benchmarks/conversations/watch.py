"""Watches one conversation: what an answer must not be, whatever was said before it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from benchmarks import ROOT
from benchmarks.conversations.service import Answer
from bot.conversation.wording import GIVEN_UP, UNAVAILABLE

MEASURES = {
    "failed": "exceção, status de erro ou motor sem resposta",
    "empty": "resposta sem mensagem, desfecho ou espera",
    "repeated": "o mesmo texto duas vezes seguidas",
    "asked_again": "pergunta sobre o que já foi dito",
    "dead_end": "pessoa ou cancelamento não alcançado em dois turnos",
    "lost_draft": "pergunta aberta perdida depois de uma digressão",
    "swallowed": "correção guardada como se fosse resposta",
}
_SHOWN = 5
_QUOTED = 70


def _questions() -> tuple[str, ...]:
    """Fields in the order in which the form asks for them."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    asked = domain["forms"]["ticket_form"]["required_slots"]
    return tuple(asked[: asked.index("confirm") + 1])


QUESTIONS = _questions()
# The question about severity may be asked twice and the confirmation after every change.
ASKED_ONCE = frozenset(QUESTIONS) - {"impact", "confirm"}


@dataclass(frozen=True)
class Move:
    """What the person did. `tells` are fields that it fills beyond doubt."""

    kind: str
    said: str
    tells: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Violation:
    """`detail` is equal for violations of one kind; `turns` are the last five, as a person reads them."""

    measure: str
    detail: str
    turns: tuple[str, ...]


class Watch:
    """`asking` is the open question after the last answer."""

    def __init__(self) -> None:
        self.asking: str | None = None
        self._said: frozenset[str] = frozenset()
        self._filled: set[str] = set()
        self._corrections: set[str] = set()
        self._turns: deque[str] = deque(maxlen=_SHOWN)

    def see(self, move: Move, answer: Answer) -> list[Violation]:
        """What is wrong with the answer to `move`."""
        self._turns.append(_shown(move, answer))
        self._learn(move, answer)
        found = [*self._failed(answer), *self._empty(answer), *self._repeated(answer)]
        found += [*self._lost(move, answer), *self._asked_again(move, answer), *self._swallowed(answer)]
        self.asking = answer["asking"]
        self._said = frozenset(_texts(answer)) or self._said
        return found

    def broken(self, move: Move, error: Exception) -> Violation:
        """For a move that got no answer."""
        self._turns.append(f"> [{move.kind}] {move.said}\n!! {error}")
        return self.violation("failed", f"{type(error).__name__} em {self.asking}")

    def violation(self, measure: str, detail: str) -> Violation:
        return Violation(measure, detail, tuple(self._turns))

    def _failed(self, answer: Answer) -> Iterator[Violation]:
        if {UNAVAILABLE, GIVEN_UP} & set(_texts(answer)):
            yield self.violation("failed", f"o motor não respondeu em {self.asking}")

    def _empty(self, answer: Answer) -> Iterator[Violation]:
        if not (answer["messages"] or answer["outcome"] or answer.get("pending")):
            yield self.violation("empty", f"nada dito em {self.asking}")

    def _repeated(self, answer: Answer) -> Iterator[Violation]:
        texts = _texts(answer)
        for text in sorted({text for text in texts if text in self._said or texts.count(text) > 1}):
            yield self.violation("repeated", f"{answer['asking']}: {text.splitlines()[0][:_QUOTED]}")

    def _lost(self, move: Move, answer: Answer) -> Iterator[Violation]:
        midway = move.kind == "digression" and self.asking
        if midway and answer["asking"] != self.asking:
            after = answer["outcome"] or answer["asking"]
            yield self.violation("lost_draft", f"{self.asking} → {after}: {move.said}")

    def _asked_again(self, move: Move, answer: Answer) -> Iterator[Violation]:
        asking = answer["asking"]
        if asking in self._filled:
            self._filled.discard(asking)
            yield self.violation("asked_again", f"{asking}, depois de {self.asking} [{move.kind}]")

    def _swallowed(self, answer: Answer) -> Iterator[Violation]:
        """A line of the summary that ends with a whole correction, "na verdade" and all."""
        lines = [line for text in _texts(answer) for line in text.splitlines() if line.startswith("- **")]
        for said in sorted(self._corrections):
            if line := next((line for line in lines if line.endswith(said)), None):
                self._corrections.discard(said)
                yield self.violation("swallowed", line.removeprefix("- ")[:_QUOTED])

    def _learn(self, move: Move, answer: Answer) -> None:
        """Which fields have been said, as far as that shows from outside."""
        before, after = self.asking, answer["asking"]
        if answer["outcome"] or after is None:
            self._filled.clear()
            self._corrections.clear()
            return
        if before and move.kind == "correction":
            self._corrections.add(move.said)
        if before == "correction":
            self._filled.discard(after)
        if move.kind == "correction" or before in ("correction", "confirm"):
            self._filled.discard("module")  # another product has other modules
        if before in ASKED_ONCE and after in QUESTIONS and QUESTIONS.index(after) > QUESTIONS.index(before):
            self._filled.add(before)
        self._filled |= move.tells & ASKED_ONCE


def _texts(answer: Answer) -> list[str]:
    return [message["text"] for message in answer["messages"] if message["text"]]


def _shown(move: Move, answer: Answer) -> str:
    said = "\n".join(f"< {text}" for text in _texts(answer))
    end = " ".join(f"{name}={answer[name]}" for name in ("asking", "outcome") if answer[name])
    return f"> [{move.kind}] {move.said}\n{said}\n  ({end or 'nada em aberto'})"

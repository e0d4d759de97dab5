"""A random walk: many short conversations in which anything may be said at any moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import httpx

from benchmarks.conversations.messages import Messages
from benchmarks.conversations.service import PEOPLE, Answer, Conversation, Service
from benchmarks.conversations.watch import Move, Violation, Watch

# How often each kind of move is made while a question is open, and while none is.
_MIDWAY = {
    "answer": 40, "button": 16, "digression": 10, "correction": 9, "fragments": 7, "file": 4, "nonsense": 4, "position": 3,
    "opening": 3, "hostile": 3, "blank": 2, "emoji": 2, "cancel": 2, "restart": 1,
}  # fmt: skip
_OUTSIDE = {
    "opening": 60, "greeting": 10, "digression": 10, "button": 8, "fragments": 5, "nonsense": 3, "correction": 2,
    "blank": 1, "emoji": 1, "file": 1, "hostile": 1,
}  # fmt: skip
_LISTS = {
    "digression": "digressions", "correction": "corrections", "nonsense": "nonsense", "position": "positions",
    "hostile": "hostile", "blank": "blank", "emoji": "emoji", "cancel": "cancel", "restart": "restart",
    "greeting": "greetings",
}  # fmt: skip
_SHORTEST, _LONGEST = 2, 18
_VISITORS = 0.35
_STAYS_AFTER_AN_END = 0.3
_LEAVING = ("cancel_confirm", "restart_confirm")


@dataclass
class Findings:
    """`counts` are turns by kind of move, `ends` conversations by their last outcome."""

    violations: list[Violation] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)

    @property
    def turns(self) -> int:
        return self.counts.total()


def walk(service: Service, turns: int, seed: int) -> Findings:
    """Talks until `turns` turns are played; the same seed says the same as long as the answers are the same."""
    findings, random = Findings(), Random(seed)
    messages = Messages(random)
    while findings.turns < turns:
        person = None if random.random() < _VISITORS else random.choice(PEOPLE)
        talk = _Walker(service.conversation(person), messages, random, findings)
        try:
            findings.ends[talk.play()] += 1
        except httpx.HTTPError as error:
            findings.violations.append(talk.broken(error))
    return findings


class _Walker:
    """One conversation."""

    def __init__(self, conversation: Conversation, messages: Messages, random: Random, findings: Findings) -> None:
        self._conversation, self._messages, self._random, self._findings = conversation, messages, random, findings
        self._watch = Watch()
        self._choices: list[dict[str, str]] = []
        self._move = Move("none", "")

    def play(self) -> str:
        """Says things at random, then wants out. Gives how the conversation ended."""
        for _ in range(self._random.randint(_SHORTEST, _LONGEST)):
            outcome = self._do(self._next_kind())["outcome"]
            if outcome == "handoff" or (outcome and self._random.random() > _STAYS_AFTER_AN_END):
                return outcome
        by_cancelling = self._watch.asking and self._random.random() < 0.5
        return self._cancel() if by_cancelling else self._call_a_human()

    def broken(self, error: httpx.HTTPError) -> Violation:
        return self._watch.broken(self._move, error)

    def _next_kind(self) -> str:
        weights = {**(_MIDWAY if self._watch.asking else _OUTSIDE)}
        if not self._choices:
            weights.pop("button")
        return self._random.choices(list(weights), list(weights.values()))[0]

    def _do(self, kind: str) -> Answer:
        special = {"button": self._press, "fragments": self._type_in_pieces, "file": self._send_a_file}
        if kind in special:
            return special[kind]()
        if kind == "opening":
            told = self._messages.opening()
            # In the middle of a draft an opening is only noise: what it tells may already be known otherwise.
            return self._say(Move(kind, told.said) if self._watch.asking else told)
        if kind == "answer" and self._watch.asking:
            return self._say(self._messages.answer_to(self._watch.asking))
        return self._say(Move(kind, self._messages.words(_LISTS[kind])))

    def _say(self, move: Move) -> Answer:
        self._move = move
        return self._seen(self._conversation.say(move.said))

    def _press(self) -> Answer:
        choice = self._random.choice(self._choices)
        self._move = Move("button", choice["title"])
        return self._seen(self._conversation.press(choice["value"]))

    def _type_in_pieces(self) -> Answer:
        *pieces, last = self._messages.fragments()
        self._move = Move("fragments", " / ".join([*pieces, last]))
        for piece in pieces:
            self._conversation.say(piece, more=True)
        return self._seen(self._conversation.say(last))

    def _send_a_file(self) -> Answer:
        name, midway = self._messages.words("files"), self._watch.asking not in (None, "code", *_LEAVING)
        text = self._random.choice([None, "segue o print", "olha só"])
        self._move = Move("file", f"{name} {text or ''}", frozenset({"attachments"} if midway else ()))
        return self._seen(self._conversation.say(text, attachments=[self._conversation.upload(name)]))

    def _seen(self, answer: Answer) -> Answer:
        self._findings.counts[self._move.kind] += 1
        self._findings.violations += self._watch.see(self._move, answer)
        offered = [message["choices"] for message in answer["messages"] if message["choices"]]
        self._choices = offered[-1] if offered else []
        return answer

    def _call_a_human(self) -> str:
        """Asked for twice at most."""
        asking = self._watch.asking
        for _ in range(2):
            if self._say(Move("human", self._messages.words("human")))["outcome"] == "handoff":
                return "handoff"
        return self._no_way_out("uma pessoa", asking)

    def _cancel(self) -> str:
        """Said, and confirmed. Whoever only proves an address or restarts has nothing that could be cancelled."""
        asking, without_draft = self._watch.asking, self._watch.asking in ("email", "code", "restart_confirm")
        first = "cancel_yes" if asking in _LEAVING else "cancel"
        for name in (first, "cancel_yes"):
            answer = self._say(Move(name, self._messages.words(name)))
            if answer["outcome"] == "cancelled" or (without_draft and answer["asking"] is None):
                return "cancelled"
        return self._no_way_out("cancelar", asking)

    def _no_way_out(self, wanted: str, asking: str | None) -> str:
        self._findings.violations.append(self._watch.violation("dead_end", f"{wanted}, de {asking}"))
        return "dead_end"

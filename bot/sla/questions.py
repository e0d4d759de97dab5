"""The question that separates best the rows still possible.

A row has attributes: how it fails (kind), where (place) and, among rows that fail alike, what it is about (case).
Asking is worth what it is expected to tell about the severity: the information gain, in bits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import log2

from bot.sla.matrix import Matrix, SlaRow
from bot.sla.severity import Belief, Kind, kind_of, place_of
from bot.text import plain

# Nothing is asked once this share of the probability lies on one severity.
SURE = 0.8
# An option is shown when the rows behind it are together at least this likely.
_POSSIBLE = 0.02
_MOST_OPTIONS = 5
# What an option leaves of a row that it contradicts: people err, and so may the reading of a row.
_CONTRADICTED = 0.005
_LEAST_GAIN = 0.05

_KIND_TITLES = {
    Kind.DOWN: "Parado para todos",
    Kind.BLOCKS: "Uma parte não funciona",
    Kind.SLOW_ALL: "Lento para todos",
    Kind.SLOW_PART: "Lento só em uma parte",
    Kind.WORKS: "Funciona com defeito",
}


@dataclass(frozen=True)
class Attribute:
    """What a question asks for. `of` gives a row's value, `title` how that is offered."""

    name: str
    question: str
    of: Callable[[SlaRow], str]
    title: Callable[[SlaRow], str]


KIND = Attribute(
    "kind",
    "Para definir a prioridade certa: como está o trabalho de vocês agora?",
    kind_of,
    lambda row: _KIND_TITLES[kind_of(row)],
)
PLACE = Attribute(
    "place", "Para definir a prioridade certa: onde isso acontece?", place_of, lambda row: row.module.title()
)
CASE = Attribute(
    "case",
    "Para definir a prioridade certa: qual destas situações é a de vocês?",
    lambda row: row.id,
    lambda row: row.in_plain_words,
)
ATTRIBUTES = {attribute.name: attribute for attribute in (KIND, PLACE, CASE)}


@dataclass(frozen=True)
class Question:
    """`options` are (title, value); a value is `attribute:value of the row`."""

    text: str
    options: tuple[tuple[str, str], ...]
    attribute: str


def next_question(belief: Belief, matrix: Matrix, asked: Iterable[str] = ()) -> Question | None:
    """None when one severity is sure, or when no question tells anything. `asked` are attributes asked before."""
    if max(_by_severity(belief, matrix).values()) >= SURE:
        return None
    useful = [(_gain(belief, matrix, a), a) for a in ATTRIBUTES.values() if a.name not in asked]
    gain, attribute = max(useful, key=lambda pair: pair[0], default=(0.0, KIND))
    return _question(attribute, _groups(belief, matrix, attribute), matrix) if gain >= _LEAST_GAIN else None


def answered(belief: Belief, matrix: Matrix, value: str) -> Belief:
    """The belief after the option `value` was chosen. A value that names no row changes nothing."""
    name, _, wanted = value.partition(":")
    attribute = ATTRIBUTES.get(name)
    if attribute is None or not any(attribute.of(row) == wanted for row in matrix.rows):
        return belief
    return weighed(belief, lambda id: 1.0 if attribute.of(matrix.by_id[id]) == wanted else _CONTRADICTED)


def kind_titled(text: str) -> str | None:
    """The value of the kind whose title the text is: "funciona com defeito", said to whatever question."""
    said = plain(text).strip(" .!")
    return next((f"{KIND.name}:{kind}" for kind, title in _KIND_TITLES.items() if plain(title) == said), None)


def weighed(belief: Belief, weight: Callable[[str], float]) -> Belief:
    """The belief with each row multiplied by its weight; unchanged when nothing would be left."""
    scores = {id: p * weight(id) for id, p in belief.items()}
    total = sum(scores.values())
    return {id: score / total for id, score in scores.items()} if total > 0 else belief


def _by_severity(belief: Belief, matrix: Matrix) -> dict[int, float]:
    shares: dict[int, float] = defaultdict(float)
    for id, p in belief.items():
        shares[matrix.by_id[id].severity] += p
    return shares


def _gain(belief: Belief, matrix: Matrix, attribute: Attribute) -> float:
    """Expected loss of uncertainty about the severity, in bits. Cases are told apart only among rows that fail alike."""
    if attribute is CASE and max(group.share for group in _groups(belief, matrix, KIND, least=0.0)) < SURE:
        return 0.0
    groups = _groups(belief, matrix, attribute)
    if len(groups) < 2:
        return 0.0
    left = sum(group.share * _entropy(group.severities.values()) for group in groups)
    shown = sum(group.share for group in groups)
    whole = _entropy(_by_severity(belief, matrix).values())
    return shown * whole - left


@dataclass
class _Group:
    """Rows with one value of an attribute."""

    value: str
    share: float
    likeliest: str
    severities: dict[int, float]


def _groups(belief: Belief, matrix: Matrix, attribute: Attribute, least: float = _POSSIBLE) -> list[_Group]:
    """At most five, the likeliest, in the order of the matrix."""
    members: dict[str, Belief] = defaultdict(dict)
    for row in matrix.rows:
        members[attribute.of(row)][row.id] = belief.get(row.id, 0.0)
    groups = [
        _Group(value, sum(rows.values()), max(rows, key=lambda id: rows[id]), _by_severity(rows, matrix))
        for value, rows in members.items()
    ]
    likely = sorted((g for g in groups if g.share >= least), key=lambda g: -g.share)[:_MOST_OPTIONS]
    return [group for group in groups if group in likely]


def _question(attribute: Attribute, groups: list[_Group], matrix: Matrix) -> Question:
    if attribute is KIND:
        groups = sorted(groups, key=lambda group: Kind.ALL.index(group.value))
    options = tuple((attribute.title(matrix.by_id[g.likeliest]), f"{attribute.name}:{g.value}") for g in groups)
    return Question(attribute.question, options, attribute.name)


def _entropy(shares: Iterable[float]) -> float:
    """In bits; shares need not sum to 1."""
    present = [share for share in shares if share > 0]
    total = sum(present)
    return -sum(share / total * log2(share / total) for share in present)

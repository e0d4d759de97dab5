"""What a person who keeps the matrix should look at: nothing here stops a start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from bot.sla.matrix import Matrix, SlaRow
from bot.sla.severity import Kind, kind_of, place_of
from bot.text import plain

Key = TypeVar("Key")

# So few texts teach a row little more than its own wording.
_FEW = 5


def findings(matrix: Matrix, examples: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """One sentence each. `examples` are the training texts by row id."""
    yield from _contradictions(matrix)
    yield from _contradictory_deadlines(matrix)
    yield from _without_outage(matrix)
    yield from _untaught(matrix, examples)
    yield from _shared_examples(matrix, examples)


def _contradictions(matrix: Matrix) -> Iterator[str]:
    """The same place and service with two severities: which of them holds is chance."""
    for (place, _), rows in _grouped(matrix, lambda row: (place_of(row), plain(row.service))).items():
        if len({row.severity for row in rows}) > 1:
            said = ", ".join(f"{row.id} = {row.severity}" for row in rows)
            yield f"contradição: {place} tem o mesmo texto com severidades diferentes ({said}); deixe uma linha só"


def _contradictory_deadlines(matrix: Matrix) -> Iterator[str]:
    for severity, rows in sorted(_grouped(matrix, lambda row: row.severity).items()):
        targets = {(row.diagnosis_business_hours, row.solution_business_hours) for row in rows}
        if len(targets) > 1:
            said = ", ".join(f"{diagnosis:g} h/{solution:g} h" for diagnosis, solution in sorted(targets))
            yield f"prazos: a severidade {severity} tem prazos diferentes ({said}); confira se é o que se quer"


def _without_outage(matrix: Matrix) -> Iterator[str]:
    for place, rows in _grouped(matrix, place_of).items():
        if Kind.DOWN not in map(kind_of, rows):
            yield f"sem indisponibilidade: {place} não tem linha para quando tudo para; o caso cairá em outra linha"


def _untaught(matrix: Matrix, examples: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for row in matrix.rows:
        count = len(examples.get(row.id, ()))
        if count < _FEW:
            known = "nenhum texto de treino" if count == 0 else f"só {count} texto(s) de treino"
            yield f"pouco treino: {row.id} ({row.service}) tem {known}; acrescente em severity_examples.yml"


def _shared_examples(matrix: Matrix, examples: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """One text taught for two severities."""
    rows_of: dict[str, set[str]] = defaultdict(set)
    for id, texts in examples.items():
        for text in texts:
            rows_of[plain(text)].add(id)
    for text, ids in rows_of.items():
        if len({matrix.by_id[id].severity for id in ids if id in matrix.by_id}) > 1:
            yield f"texto ambíguo: «{text[:80]}» ensina {', '.join(sorted(ids))}, de severidades diferentes"


def _grouped(matrix: Matrix, key: Callable[[SlaRow], Key]) -> dict[Key, list[SlaRow]]:
    groups: dict[Key, list[SlaRow]] = defaultdict(list)
    for row in matrix.rows:
        groups[key(row)].append(row)
    return groups

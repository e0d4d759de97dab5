"""What agents corrected becomes training text, unless it makes the model worse on texts that nobody trains on."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from bot.errors import ConfigurationError
from bot.sla.matrix import Matrix
from bot.sla.severity import SeverityModel, likeliest
from bot.sla.severity_training import CORRECTIONS, Examples, read_all, read_examples, train
from bot.text import plain

Case = tuple[str, str]
"""A text and the id of its row."""


@dataclass(frozen=True)
class Score:
    """Shares of the test cases, between 0 and 1."""

    severity: float
    row: float

    def __str__(self) -> str:
        return f"severidade certa {self.severity:.1%}, linha certa {self.row:.1%}".replace(".", ",")


@dataclass(frozen=True)
class Lesson:
    """How the model did on the test cases before and after it learned `learned` corrections."""

    learned: int
    before: Score
    after: Score

    @property
    def is_worse(self) -> bool:
        return self.after.severity < self.before.severity or (
            self.after.severity == self.before.severity and self.after.row < self.before.row
        )


def learn(company_dir: Path, matrix: Matrix, corrections: Sequence[Case], test: Sequence[Case]) -> Lesson:
    """Keeps the corrections in `severity_corrections.yml` if the model gets no worse. Raises ConfigurationError.

    What is an incident is not asked here: only the rows are compared.
    """
    examples = read_all(company_dir, matrix)
    known = {plain(text) for texts in examples.rows.values() for text in texts}
    new = [(text, row) for text, row in corrections if plain(text) not in known]
    before = score(train(matrix, examples), matrix, test)
    after = score(train(matrix, _with(examples, new)), matrix, test) if new else before
    lesson = Lesson(len(new), before, after)
    if new and not lesson.is_worse:
        _keep(company_dir / CORRECTIONS, new)
    return lesson


def score(model: SeverityModel, matrix: Matrix, test: Sequence[Case]) -> Score:
    rows = [(likeliest(model.predict(text)), row) for text, row in test]
    severities = sum(matrix.by_id[found].severity == matrix.by_id[row].severity for found, row in rows)
    return Score(severities / len(rows), sum(found == row for found, row in rows) / len(rows))


def read_corrections(path: Path, matrix: Matrix) -> list[Case]:
    """A CSV with the columns `text` and `row`. Raises ConfigurationError with the line that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not {"text", "row"} <= set(reader.fieldnames or ()):
                raise ConfigurationError(path, 1, "a primeira linha precisa ter as colunas text e row")
            return [_case(path, reader.line_num, record, matrix) for record in reader]
    except FileNotFoundError as error:
        raise ConfigurationError(path, None, "o arquivo de correções não existe") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, None, "o arquivo de correções precisa ser salvo em UTF-8") from error


def read_cases(path: Path) -> list[Case]:
    """Test cases, a JSON object with `subject`, `description` and `row` a line. Raises ConfigurationError."""
    try:
        cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        return [(f"{case['subject']}. {case['description']}", case["row"]) for case in cases]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(path, None, f"não consigo ler os casos de teste ({error})") from error


def _case(path: Path, line: int, record: Mapping[str, str | None], matrix: Matrix) -> Case:
    text, row = (record.get("text") or "").strip(), (record.get("row") or "").strip()
    if not text:
        raise ConfigurationError(path, line, "o texto está vazio")
    if row not in matrix.by_id:
        raise ConfigurationError(path, line, f"a linha {row or '(vazia)'} não está na matriz")
    return text, row


def _with(examples: Examples, new: Sequence[Case]) -> Examples:
    rows = {row: list(texts) for row, texts in examples.rows.items()}
    for text, row in new:
        rows.setdefault(row, []).append(text)
    return replace(examples, rows=rows)


def _keep(path: Path, new: Sequence[Case]) -> None:
    kept = read_examples(path) if path.exists() else {}
    for text, row in new:
        kept.setdefault(row, []).append(text)
    scratch = path.with_suffix(".new")
    scratch.write_text(yaml.safe_dump(kept, allow_unicode=True, width=1000), "utf-8")
    scratch.replace(path)

"""Teaches the severity model: the only importer of scikit-learn in the service.

Nearest-row search over the matrix's own wording is poor (about half of the severities right), so the models learn from
texts as customers write them (`severity_examples.yml`); a row without any still has its own wording.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_union

from bot.errors import ConfigurationError
from bot.sla.matrix import Matrix, SlaRow
from bot.sla.severity import Classifier, Kind, SeverityModel, kind_of, place_of
from bot.text import plain

NO_INCIDENTS = ("usability_question", "technical_support", "improvement_request")
UNKNOWN_PLACE = "unknown"
CORRECTIONS = "severity_corrections.yml"
"""Texts whose row an agent corrected, by row id; `corrections` writes it, and it may be missing."""


@dataclass(frozen=True)
class Examples:
    """What the models learn from, beside the matrix's own wording."""

    rows: dict[str, list[str]]
    """Incidents by row id."""
    others: list[str]
    """Requests that are no incident."""
    errors: list[str] = field(default_factory=list)
    """Incidents of no row in particular: they teach only that they are incidents."""
    open: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Incidents told in part, each with the ids of the rows that it leaves open."""
    vague: dict[str, list[str]] = field(default_factory=dict)
    """Reports that name a place but not how it fails, by place (`place_of`) or UNKNOWN_PLACE."""
    answers: dict[str, list[str]] = field(default_factory=dict)
    """Short answers to the question how it fails, by kind."""


def read_all(company_dir: Path, matrix: Matrix, goals_dir: Path | None = None) -> Examples:
    """The files of the company, of which those not about one row alone may be missing. Raises ConfigurationError.

    `goals_dir` holds what the dialogue engine learns the four kinds of request from (nlu_data/goals): beside the
    company's own texts they teach what is an incident and what is none.
    """
    places = {place_of(row) for row in matrix.rows} | {UNKNOWN_PLACE}
    others = read_examples(company_dir / "not_incident_examples.yml")
    rows = _of_known(company_dir / "severity_examples.yml", set(matrix.by_id), "linhas que não estão na matriz")
    corrected = _of_known(company_dir / CORRECTIONS, set(matrix.by_id), "linhas que não estão na matriz", optional=True)
    return Examples(
        rows={row: [*rows.get(row, []), *corrected.get(row, [])] for row in matrix.by_id},
        others=[*(text for texts in others.values() for text in texts), *_messages(goals_dir, NO_INCIDENTS)],
        errors=_messages(goals_dir, ("report_error",)),
        open=_read_open(company_dir / "open_examples.yml", matrix),
        vague=_of_known(company_dir / "vague_examples.yml", places, "lugares que não estão na matriz", optional=True),
        answers=_of_known(
            company_dir / "kind_answers.yml", set(Kind.ALL), "tipos de falha desconhecidos", optional=True
        ),
    )


def train_from(company_dir: Path, matrix: Matrix, goals_dir: Path | None = None) -> SeverityModel:
    """Trains on the files of the company, see `read_all`. Raises ConfigurationError."""
    return train(matrix, read_all(company_dir, matrix, goals_dir))


def train(matrix: Matrix, examples: Examples) -> SeverityModel:
    """A model of the rows of `matrix`."""
    texts, rows = _labelled(matrix, examples)
    vague = [(place, text) for place, kept in examples.vague.items() for text in kept]
    answers = [(kind, text) for kind, kept in examples.answers.items() for text in kept]
    placed = [(place, text) for place, text in vague if place != UNKNOWN_PLACE]
    features = _features().fit([plain(text) for text in (*texts, *examples.errors, *examples.others)])
    known = dict.fromkeys([*texts, *examples.errors, *examples.others, *(text for _, text in (*vague, *answers))])
    vectors: Any = features.transform([plain(text) for text in known])  # once: most texts teach each of the models
    places = {text: at for at, text in enumerate(known)}

    def taught(labelled: Iterable[tuple[Any, str]]) -> Classifier:
        labels, words = zip(*labelled, strict=True)
        return _fit(vectors[[places[text] for text in words]], list(labels))

    by_kind = list(zip(map(kind_of, rows), texts, strict=True))
    return SeverityModel(
        matrix,
        features,
        row=taught(zip((row.id for row in rows), texts, strict=True)),
        place=taught([*zip(map(place_of, rows), texts, strict=True), *placed]),
        kind=taught([*by_kind, *((Kind.UNSAID, text) for _, text in vague)]),
        answer=taught([*by_kind, *answers]),
        is_incident=taught(
            [
                *((True, text) for text in (*texts, *examples.errors, *(text for _, text in vague))),
                *((False, text) for text in examples.others),
            ]
        ),
    )


def _of_known(path: Path, known: set[str], problem: str, *, optional: bool = False) -> dict[str, list[str]]:
    if optional and not path.exists():
        return {}
    examples = read_examples(path)
    if unknown := sorted(set(examples) - known):
        raise ConfigurationError(path, None, f"{problem}: {unknown}")
    return examples


def read_examples(path: Path) -> dict[str, list[str]]:
    """Texts by key out of a YAML file. Raises ConfigurationError."""
    data = _load(path)
    if not isinstance(data, dict) or not all(isinstance(texts, list) for texts in data.values()):
        raise ConfigurationError(path, 1, "cada chave precisa ter uma lista de textos")
    return {str(key): [str(text) for text in texts] for key, texts in data.items()}


def _messages(goals_dir: Path | None, goals: Iterable[str]) -> list[str]:
    """The messages of some goals: files in the dialogue engine's format, whose messages are lines that begin with "- "."""
    if goals_dir is None:
        return []
    blocks = [block["examples"] for goal in goals for block in _load(goals_dir / f"{goal}.yml")["nlu"]]
    return [line.strip()[2:] for block in blocks for line in block.splitlines() if line.strip().startswith("- ")]


def _load(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(path, None, "o arquivo de exemplos não existe") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigurationError(path, line, f"não é YAML válido ({error.problem})") from error


def _read_open(path: Path, matrix: Matrix) -> list[tuple[str, tuple[str, ...]]]:
    if not path.exists():
        return []
    items = _load(path)
    if not isinstance(items, list) or not all(
        isinstance(item, dict) and item.keys() == {"text", "rows"} for item in items
    ):
        raise ConfigurationError(path, 1, "cada item precisa ter text e rows")
    unknown = {row for item in items for row in item["rows"]} - set(matrix.by_id)
    if unknown:
        raise ConfigurationError(path, None, f"linhas que não estão na matriz: {sorted(unknown)}")
    return [(str(item["text"]), tuple(item["rows"])) for item in items]


def _labelled(matrix: Matrix, examples: Examples) -> tuple[list[str], list[SlaRow]]:
    """A text that leaves rows open is taught as each of them, so that it stays between them."""
    texts, rows = [], []
    for row in matrix.rows:
        half_told = [text for text, ids in examples.open if row.id in ids]
        for text in [f"{row.service}. {row.impact}", *examples.rows.get(row.id, []), *half_told]:
            texts.append(text)
            rows.append(row)
    return texts, rows


def _features() -> FeatureUnion:
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", min_df=2),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2),
    )


def _fit(features: Any, labels: list[Any]) -> LogisticRegression | DummyClassifier:
    if len(set(labels)) == 1:  # a small matrix may know one kind or one place only
        return DummyClassifier().fit(features, labels)
    # Two classes have a hundredth of the gradient of many: with the tolerance of those it would stop half-way.
    tolerance = 1e-4 if len(set(labels)) == 2 else 1e-3
    return LogisticRegression(C=20, max_iter=200, tol=tolerance, class_weight="balanced").fit(features, labels)

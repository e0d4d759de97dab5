"""Teaches the severity model: the only importer of scikit-learn in the service.

Nearest-row search over the matrix's own wording is poor (about half of the severities right), so the models learn from
texts as customers write them (`severity_examples.yml`); a row without any still has its own wording.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_union

from bot.errors import ConfigurationError
from bot.sla.matrix import Matrix, SlaRow
from bot.sla.severity import SeverityModel, kind_of, place_of
from bot.text import plain


def train_from(company_dir: Path, matrix: Matrix) -> SeverityModel:
    """Trains on the files of the company. Raises ConfigurationError."""
    examples = read_examples(company_dir / "severity_examples.yml")
    unknown = set(examples) - set(matrix.by_id)
    if unknown:
        raise ConfigurationError(
            company_dir / "severity_examples.yml", None, f"linhas que não estão na matriz: {sorted(unknown)}"
        )
    others = read_examples(company_dir / "not_incident_examples.yml")
    return train(matrix, examples, [text for texts in others.values() for text in texts])


def train(matrix: Matrix, examples: dict[str, list[str]], others: list[str]) -> SeverityModel:
    """`examples` are texts by row id, `others` texts that are no incident."""
    texts, rows = _labelled(matrix, examples)
    features = _features().fit([plain(text) for text in texts + others])
    incidents = features.transform([plain(text) for text in texts])
    everything = features.transform([plain(text) for text in texts + others])
    return SeverityModel(
        matrix,
        features,
        row=_fit(incidents, [row.id for row in rows]),
        place=_fit(incidents, [place_of(row) for row in rows]),
        kind=_fit(incidents, [kind_of(row) for row in rows]),
        severity=_fit(incidents, [row.severity for row in rows]),
        incident=_fit(everything, [True] * len(texts) + [False] * len(others)),
    )


def read_examples(path: Path) -> dict[str, list[str]]:
    """Texts by key out of a YAML file. Raises ConfigurationError."""
    try:
        data = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(path, None, "o arquivo de exemplos não existe") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigurationError(path, line, f"não é YAML válido ({error.problem})") from error
    if not isinstance(data, dict) or not all(isinstance(texts, list) for texts in data.values()):
        raise ConfigurationError(path, 1, "cada chave precisa ter uma lista de textos")
    return {str(key): [str(text) for text in texts] for key, texts in data.items()}


def _labelled(matrix: Matrix, examples: dict[str, list[str]]) -> tuple[list[str], list[SlaRow]]:
    texts, rows = [], []
    for row in matrix.rows:
        for text in [f"{row.service}. {row.impact}", *examples.get(row.id, [])]:
            texts.append(plain(text))
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
    return LogisticRegression(C=20, max_iter=200, tol=1e-3, class_weight="balanced").fit(features, labels)

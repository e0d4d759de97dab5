"""Which row of the SLA matrix a text speaks of: the only importer of scikit-learn in the service.

Three models look at the same TF-IDF of words and letters and are averaged over the rows:
the row itself; where it fails (product and module) times how it fails (kind); and the severity alone.
Nearest-row search over the matrix's own wording is poor (about half of the severities right), so the models learn from
texts as customers write them (`severity_examples.yml`); a row without any still has its own wording.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import yaml
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_union

from bot.errors import ConfigurationError
from bot.sla.matrix import Matrix, SlaRow
from bot.text import plain

# How much a row keeps of its probability when the known product or module is not its own.
_ELSEWHERE = 0.03


class Kind:
    """How something fails, read from the wording of a row."""

    DOWN = "down"
    SLOW_ALL = "slow_all"
    SLOW_PART = "slow_part"
    BLOCKS = "blocks"
    WORKS = "works"
    ALL = (DOWN, SLOW_ALL, SLOW_PART, BLOCKS, WORKS)


def kind_of(row: SlaRow) -> str:
    """The kind of failure that a row's service text describes."""
    service = plain(row.service)
    if "lentidao" in service:
        return Kind.SLOW_PART if "parcial" in service else Kind.SLOW_ALL
    if re.search(r"\bnao impeditivo", service):
        return Kind.WORKS
    if "indisponivel" in service and "parcial" not in service:
        return Kind.DOWN
    return Kind.BLOCKS


def place_of(row: SlaRow) -> str:
    return f"{row.product}|{row.module}"


@dataclass(frozen=True)
class Prediction:
    """`incident` is the probability that the text is an incident at all; `rows` sums to 1 over row ids."""

    incident: float
    rows: dict[str, float]

    def ranked(self) -> list[tuple[str, float]]:
        return sorted(self.rows.items(), key=lambda item: -item[1])


@dataclass
class SeverityModel:
    """Trained on the company's own texts. Rows are those of the matrix it was trained with."""

    matrix: Matrix
    features: FeatureUnion
    row: LogisticRegression | DummyClassifier
    place: LogisticRegression | DummyClassifier
    kind: LogisticRegression | DummyClassifier
    severity: LogisticRegression | DummyClassifier
    incident: LogisticRegression | DummyClassifier

    @classmethod
    def train(cls, matrix: Matrix, examples: dict[str, list[str]], others: list[str]) -> SeverityModel:
        """`examples` are texts by row id, `others` texts that are no incident."""
        texts, rows = _labelled(matrix, examples)
        features = _features().fit([plain(text) for text in texts + others])
        incidents = features.transform([plain(text) for text in texts])
        everything = features.transform([plain(text) for text in texts + others])
        return cls(
            matrix,
            features,
            row=_fit(incidents, [row.id for row in rows]),
            place=_fit(incidents, [place_of(row) for row in rows]),
            kind=_fit(incidents, [kind_of(row) for row in rows]),
            severity=_fit(incidents, [row.severity for row in rows]),
            incident=_fit(everything, [True] * len(texts) + [False] * len(others)),
        )

    def predict(
        self, text: str, *, product: str | None = None, module: str | None = None, kind: str | None = None
    ) -> Prediction:
        """Probability of each row. What is known of place and kind narrows the rows; it excludes none for certain."""
        words = self._vector(text)
        by_row, by_place = _distribution(self.row, words), _distribution(self.place, words)
        by_kind, by_severity = _distribution(self.kind, words), _distribution(self.severity, words)
        scores = {}
        for row in self.matrix.rows:
            table = by_place[place_of(row)] * by_kind[kind_of(row)]
            direct = by_row[row.id] * by_severity[row.severity]
            weight = _fit_of_place(row, product, module) * _fit_of_kind(row, kind)
            scores[row.id] = (by_row[row.id] + table + direct) * weight
        total = sum(scores.values())
        incident = _distribution(self.incident, words)[True]
        return Prediction(incident, {row: score / total for row, score in scores.items()})

    def kinds(self, text: str) -> dict[str, float]:
        """Probability of each kind of failure that the matrix knows, from a few words."""
        return _distribution(self.kind, self._vector(text))

    def _vector(self, text: str) -> Any:
        return self.features.transform([plain(text)])

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        joblib.dump(self, path, compress=3)

    @classmethod
    def load(cls, path: Path) -> SeverityModel:
        """`path` must be a file this installation wrote itself: it is a pickle."""
        return joblib.load(path)


def _fit_of_place(row: SlaRow, product: str | None, module: str | None) -> float:
    """1 when the row may speak of that product and module. A row of the whole product speaks of all its modules."""
    if product and row.product != product and product not in _modules(row):
        return _ELSEWHERE
    if module and module != product and module not in _modules(row):
        return 0.5 if row.module == row.product else _ELSEWHERE
    return 1.0


def _fit_of_kind(row: SlaRow, kind: str | None) -> float:
    return 1.0 if kind is None or kind_of(row) == kind else _ELSEWHERE


def _modules(row: SlaRow) -> list[str]:
    """A matrix key may name two modules, with a slash between them."""
    return [part.strip() for part in row.module.split("/")]


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


def _distribution(model: LogisticRegression | DummyClassifier, features: Any) -> dict[Any, float]:
    probabilities = model.predict_proba(features)[0]
    return {label: float(p) for label, p in zip(list(model.classes_), probabilities, strict=True)}


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


def train_from(company_dir: Path, matrix: Matrix) -> SeverityModel:
    """Trains on the files of the company. Raises ConfigurationError."""
    examples = read_examples(company_dir / "severity_examples.yml")
    unknown = set(examples) - set(matrix.by_id)
    if unknown:
        raise ConfigurationError(
            company_dir / "severity_examples.yml", None, f"linhas que não estão na matriz: {sorted(unknown)}"
        )
    others = read_examples(company_dir / "not_incident_examples.yml")
    return SeverityModel.train(matrix, examples, [text for texts in others.values() for text in texts])

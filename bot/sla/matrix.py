"""The company's SLA matrix: which service failing in which way has which severity and deadlines."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bot.errors import ConfigurationError

COLUMNS = (
    "row",
    "product",
    "module",
    "service",
    "impact",
    "severity",
    "diagnosis_business_hours",
    "solution_business_hours",
)


@dataclass(frozen=True)
class SlaRow:
    """One line of the matrix. Deadlines are in business hours from the opening of the ticket."""

    id: str
    product: str
    module: str
    service: str
    impact: str
    severity: int
    diagnosis_business_hours: float
    solution_business_hours: float
    words: str = ""
    """How a customer would say it; out of the column `in_plain_words`, which a matrix need not have."""

    @property
    def in_plain_words(self) -> str:
        return self.words or " ".join(self.service.split()).rstrip(". ;")


@dataclass(frozen=True)
class Matrix:
    rows: tuple[SlaRow, ...]

    @cached_property
    def by_id(self) -> dict[str, SlaRow]:
        return {row.id: row for row in self.rows}

    def products(self) -> set[str]:
        return {row.product for row in self.rows}


def load_matrix(path: Path) -> Matrix:
    """Reads the CSV. Raises ConfigurationError with the line that is wrong and what to do."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            _check_header(path, reader.fieldnames)
            lines = dict(_numbered(path, reader))
    except FileNotFoundError as error:
        raise ConfigurationError(path, None, "a matriz de SLA não existe; salve-a como CSV neste lugar") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, None, "a matriz precisa ser salva em UTF-8") from error
    _check_rows(path, lines)
    return Matrix(tuple(lines.values()))


def _numbered(path: Path, reader: csv.DictReader[str]) -> Iterator[tuple[int, SlaRow]]:
    """Rows with the line they end on: a cell in quotes may hold several."""
    for record in reader:
        yield reader.line_num, _row(path, reader.line_num, record)


def _check_header(path: Path, names: object) -> None:
    missing = [name for name in COLUMNS if name not in (names or [])]  # type: ignore[operator]
    if missing:
        raise ConfigurationError(path, 1, f"faltam colunas: {', '.join(missing)}")


def _row(path: Path, line: int, record: dict[str, str | None]) -> SlaRow:
    values = {name: (record.get(name) or "").strip() for name in COLUMNS}
    empty = [name for name, value in values.items() if not value]
    if empty:
        raise ConfigurationError(path, line, f"coluna vazia: {', '.join(empty)}; preencha todas")
    diagnosis = _hours(path, line, "diagnosis_business_hours", values)
    solution = _hours(path, line, "solution_business_hours", values)
    if solution < diagnosis:
        raise ConfigurationError(path, line, "o prazo de solução é menor que o de diagnóstico; corrija um dos dois")
    return SlaRow(
        values["row"], values["product"], values["module"], values["service"], values["impact"],
        _severity(path, line, values["severity"]), diagnosis, solution, (record.get("in_plain_words") or "").strip(),
    )  # fmt: skip


def _severity(path: Path, line: int, value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise ConfigurationError(path, line, f"severidade {value!r} não é um número inteiro a partir de 1")
    return int(value)


def _hours(path: Path, line: int, column: str, values: dict[str, str]) -> float:
    try:
        hours = float(values[column].replace(",", "."))
    except ValueError as error:
        raise ConfigurationError(path, line, f"{column}: {values[column]!r} não é um número de horas") from error
    if not 0 < hours <= 10_000:
        raise ConfigurationError(path, line, f"{column}: informe um número de horas úteis maior que zero")
    return hours


def _check_rows(path: Path, lines: dict[int, SlaRow]) -> None:
    if not lines:
        raise ConfigurationError(path, 2, "a matriz não tem nenhuma linha; inclua ao menos uma")
    seen: set[str] = set()
    for line, row in lines.items():
        if row.id in seen:
            raise ConfigurationError(
                path, line, f"a linha {row.id} aparece duas vezes; dê a cada uma um código próprio"
            )
        seen.add(row.id)

"""`python -m benchmarks.errors --url http://127.0.0.1:8000 --sets benchmarks/sets/dev` writes var/errors.html.

Plays every case of the set against the running stack and shows each wrong answer beside the file to add to.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks import ROOT, provenance
from benchmarks.errors.cases import Case, NoAnswers, Played, Stack, load
from benchmarks.errors.figures import percent
from benchmarks.errors.page import Run, known_names, render
from benchmarks.errors.sections import Section, sections

_console = Console()


def main(arguments: list[str] | None = None) -> int:
    """0 once the page is written; 2 after a sentence when the set or the service is not there."""
    options = _parser().parse_args(arguments)
    try:
        built = sections(_play(Stack(options.url), load(options.sets)), known_names(ROOT))
        _write(options.out, render(built, Run(str(options.sets), options.url, provenance())))
    except NoAnswers as problem:
        print(problem, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"Não foi possível ler o conjunto ou escrever a página: {error}", file=sys.stderr)
        return 2
    _console.print(_summary(built))
    _console.print(f"Página escrita em {options.out}")
    return 0


def _write(file: Path, page: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(page, "utf-8")


def _play(stack: Stack, cases: Mapping[str, Sequence[Case]]) -> dict[str, list[Played]]:
    """Every case, one after the other, with progress by part."""
    columns = TextColumn("{task.description:<14}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=_console) as progress:
        return {
            part: [stack.play(part, case) for case in progress.track(each, description=part)]
            for part, each in cases.items()
        }


def _summary(built: Sequence[Section]) -> Table:
    table = Table("parte", "medida", "valor", "casos")
    for section in built:
        for figure in section.figures if section.cases else []:
            table.add_row(section.title, figure.name, percent(figure.share), figure.basis)
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.errors", description="Escreve uma página com os erros de um conjunto de medição."
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="endereço do serviço no ar")
    parser.add_argument("--sets", type=Path, default=Path("benchmarks/sets/dev"), help="pasta do conjunto")
    parser.add_argument("--out", type=Path, default=Path("var/errors.html"), help="página a escrever")
    return parser


if __name__ == "__main__":
    sys.exit(main())

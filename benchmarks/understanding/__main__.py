"""`python -m benchmarks.understanding --url http://127.0.0.1:8000 (--eval FOLDER | --sets FOLDER …)`

Adds what was measured, dated, to results.md. `--eval` runs FOLDER/evaluate.py with `--url`; the set's data is read by
its script alone: nothing here knows what is in it. `--sets` plays sets of our own, as `benchmarks/sets` holds them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import ROOT, provenance
from benchmarks.errors.cases import NoAnswers, Stack, load
from benchmarks.errors.figures import percent
from benchmarks.errors.page import known_names
from benchmarks.errors.sections import sections

RESULTS = Path(__file__).with_name("results.md")
_TITLE = "# Entendimento\n\nLinhas do script de avaliação, da medição mais antiga à mais nova.\n"


def main(arguments: list[str] | None = None) -> int:
    """The script's exit status; 2 after a sentence when there is no script, no set or no service."""
    options = _parser().parse_args(arguments)
    return _measure_sets(options) if options.sets else _run_script(options)


def _measure_sets(options: argparse.Namespace) -> int:
    try:
        lines = [line for folder in options.sets for line in _lines(folder, Stack(options.url))]
    except NoAnswers as problem:
        print(problem, file=sys.stderr)
        return 2
    print("\n".join(lines))
    _keep("\n".join(lines))
    return 0


def _lines(folder: Path, stack: Stack) -> list[str]:
    """A line for each part of the set that has cases."""
    played = {part: [stack.play(part, case) for case in cases] for part, cases in load(folder).items()}
    return [
        f"{folder.name}: {section.title}: "
        + ", ".join(f"{figure.name} {percent(figure.share)} ({figure.basis})" for figure in section.figures)
        for section in sections(played, known_names(ROOT))
        if section.cases
    ]


def _run_script(options: argparse.Namespace) -> int:
    script = options.eval / "evaluate.py"
    if not script.is_file():
        print(f"{script} não existe; passe em --eval a pasta do conjunto de avaliação.", file=sys.stderr)
        return 2
    command = [sys.executable, str(script), *(options.arguments or ["--url", options.url])]
    address = os.environ | {"TRIAGEM_URL": options.url}
    done = subprocess.run(command, env=address, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, end="", flush=True)
    if done.returncode == 0:
        _keep(done.stdout)
    return done.returncode


def _keep(lines: str) -> None:
    before = RESULTS.read_text("utf-8") if RESULTS.exists() else _TITLE
    RESULTS.write_text(f"{before}\n## {provenance()}\n\n```\n{lines.strip()}\n```\n", "utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description="Mede o entendimento.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="endereço do serviço no ar")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--eval", type=Path, help="pasta que contém evaluate.py")
    what.add_argument("--sets", type=Path, action="append", help="pasta de um conjunto nosso; pode ser repetido")
    parser.add_argument("arguments", nargs="*", help="depois de --: argumentos do script, em lugar de --url ENDEREÇO")
    return parser


if __name__ == "__main__":
    sys.exit(main())

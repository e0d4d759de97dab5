"""`python -m benchmarks.understanding --url http://127.0.0.1:8000 --eval FOLDER`

Runs FOLDER/evaluate.py with `--url` and adds its lines, dated, to results.md. The set's data is read by its script
alone: nothing here knows what is in it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from benchmarks import provenance

RESULTS = Path(__file__).with_name("results.md")
_TITLE = "# Entendimento\n\nLinhas do script de avaliação, da medição mais antiga à mais nova.\n"


def main(arguments: list[str] | None = None) -> int:
    """The script's exit status; 2 after a sentence when there is no script."""
    options = _parser().parse_args(arguments)
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
    parser.add_argument("--eval", type=Path, required=True, help="pasta que contém evaluate.py")
    parser.add_argument("arguments", nargs="*", help="depois de --: argumentos do script, em lugar de --url ENDEREÇO")
    return parser


if __name__ == "__main__":
    sys.exit(main())

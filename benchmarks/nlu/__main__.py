"""`python -m benchmarks.nlu [--sets FOLDER]`: trains and measures both pipelines, prints and writes results.md.

DIET's hundred passes over the data take two and a half hours on one core, all the rest ten minutes; `--epochs` asks
for fewer. Installs Rasa as published (2.5 GB) where it is missing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from benchmarks import ROOT, provenance
from benchmarks.dialogue.prepare import prepare
from benchmarks.dialogue.sides import STOCK_PYTHON
from benchmarks.nlu import report
from benchmarks.nlu.builds import STEPS
from benchmarks.nlu.pipelines import DIET, DIET_OF_WHYS, LOGS, OURS, PROPOSED_EPOCHS, measure, with_epochs
from benchmarks.nlu.processes import Cost, Failed, cost_of
from benchmarks.nlu.sets import MeasuringSet, UnusableSet

RESULTS = Path(__file__).with_name("results.md")
_CORE = 0
_ENVIRONMENT = {"RASA_TELEMETRY_ENABLED": "false", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main(arguments: list[str] | None = None) -> int:
    """0 once the results are written; 1 after a sentence when something could not be measured."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes end with this one
    try:
        measuring_set = MeasuringSet.load(options.sets)
        if not STOCK_PYTHON.exists():
            prepare()
        results = _measure(measuring_set, options.epochs)
    except (UnusableSet, Failed, OSError, subprocess.CalledProcessError) as error:
        print(f"A medição parou: {error}.", file=sys.stderr)
        return 1
    counts = len(measuring_set.intents), len(measuring_set.five_w)
    text = report.page(results, _name(options.sets), counts, provenance(), _conditions())
    RESULTS.write_text(text, "utf-8")
    print(text)
    return 0


def _measure(measuring_set: MeasuringSet, epochs: int) -> report.Results:
    os.sched_setaffinity(0, {_CORE})  # as taskset does; holds for every process started from here on
    LOGS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nlu-") as name:
        folder = Path(name)
        shutil.copytree(ROOT / "nlu_data", folder / "nlu_data")  # the same for all, whoever edits it meanwhile
        ours = measure(OURS, measuring_set, folder, _ENVIRONMENT)
        builds = _builds(folder / "home")
        diets = [with_epochs(diet, epochs, folder) for diet in (DIET, DIET_OF_WHYS)]
        measured = [measure(diet, measuring_set, folder, _ENVIRONMENT) for diet in diets]
        return report.Results(ours, *measured, builds, epochs)


def _builds(home: Path) -> dict[str, Cost]:
    # A cache of its own: what Rasa finds in one is not trained again.
    places = {"TRIAGEM_HOME": str(home), "RASA_CACHE_DIRECTORY": str(home / "cache")}
    home.mkdir()
    return {
        step: cost_of(
            f"nosso treino, {step}",
            [sys.executable, "-m", "benchmarks.nlu.builds", step],
            _ENVIRONMENT | places,
            LOGS / f"build.{step}.log",
        )
        for step in STEPS
    }


def _name(folder: Path) -> str:
    """Its last two names: where the rest lies tells nothing to a reader on another machine."""
    return "/".join(folder.absolute().parts[-2:])


def _conditions() -> str:
    load = " ".join(f"{value:.1f}" for value in psutil.getloadavg())
    return f"Núcleo {_CORE} de {os.cpu_count()}; carga da máquina ao fim (1, 5, 15 min): {load}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlu", description="Mede o entendimento de texto.")
    parser.add_argument(
        "--sets",
        type=Path,
        default=ROOT / "benchmarks" / "sets" / "test",
        help="pasta com intents.jsonl e five_w.jsonl",
    )
    parser.add_argument(
        "--epochs", type=int, default=PROPOSED_EPOCHS, help="épocas do DIET (100, as que o Rasa propõe)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())

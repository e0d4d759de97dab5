"""The pipelines and what is measured of each: trained in one process, reading in another that did not train."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from benchmarks import ROOT
from benchmarks.dialogue.sides import HOME, OUR_PYTHON, STOCK_PYTHON
from benchmarks.nlu.processes import Cost, cost_of
from benchmarks.nlu.scores import Scores, score, surest
from benchmarks.nlu.sets import MeasuringSet

LOGS = HOME / "nlu"


@dataclass(frozen=True)
class Pipeline:
    """`data` is below the folder of the run; `adapted`: with our launcher's changes to Rasa."""

    name: str
    python: Path
    config: Path
    data: str
    adapted: bool = False

    def worker(self, *arguments: str | Path) -> list[str | Path]:
        adapted = ["--adapted"] if self.adapted else []
        return [self.python, "-m", "benchmarks.nlu.worker", *adapted, *arguments]


_DIET = Path(__file__).with_name("diet.yml")
OURS = Pipeline("nosso", OUR_PYTHON, ROOT / "config.yml", "nlu_data", adapted=True)
DIET = Pipeline("DIET", STOCK_PYTHON, _DIET, "nlu_data")
# Spans that nobody marked in the goals' examples teach DIET that there is none; here it learns without them.
DIET_OF_WHYS = Pipeline("DIET só de whys", STOCK_PYTHON, _DIET, "nlu_data/whys")
PROPOSED_EPOCHS = 100


def with_epochs(pipeline: Pipeline, epochs: int, folder: Path) -> Pipeline:
    """The same, trained for so many passes over the data; its configuration is written into `folder`."""
    config = yaml.safe_load(pipeline.config.read_text("utf-8"))
    for component in config["pipeline"]:
        if "epochs" in component:
            component["epochs"] = epochs
    written = folder / f"{pipeline.name}.yml"
    written.write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
    return replace(pipeline, config=written)


@dataclass(frozen=True)
class Measured:
    """Times of each message, three passes over the set, in ms; the start is from the first import to the loaded model."""

    training: Cost
    start_wall_s: float
    start_cpu_s: float
    serving_mb: float
    peak_mb: float
    walls_ms: list[float]
    cpus_ms: list[float]
    scores: Scores


def measure(pipeline: Pipeline, measuring_set: MeasuringSet, folder: Path, environment: Mapping[str, str]) -> Measured:
    """Trains with the data in `folder`, then reads the set. Raises `processes.Failed`."""
    archive, texts, answers = (folder / f"{pipeline.name}{end}" for end in (".tar.gz", ".texts.json", ".answers.json"))
    texts.write_text(json.dumps(measuring_set.texts), "utf-8")
    # A cache of its own: what Rasa finds in one is not trained again.
    environment = {**environment, "RASA_CACHE_DIRECTORY": str(folder / f"{pipeline.name}.cache")}
    log = LOGS / f"{pipeline.name}.train.log"
    train = pipeline.worker("train", pipeline.config, folder / pipeline.data, archive)
    training = cost_of(f"treino, {pipeline.name}", train, environment, log)
    read = pipeline.worker("read", archive, texts, answers)
    cost_of(f"leitura, {pipeline.name}", read, environment, LOGS / f"{pipeline.name}.read.log")
    return _measured(training, json.loads(answers.read_text("utf-8")), measuring_set)


def _measured(training: Cost, answers: dict, measuring_set: MeasuringSet) -> Measured:
    told = len(measuring_set.intents)
    of_intents, of_five_w = answers["messages"][:told], answers["messages"][told:]
    goals = [
        (read["goal"], read["likeliest"], record["goal"])
        for read, record in zip(of_intents, measuring_set.intents, strict=True)
    ]
    slots = [(surest(read["spans"]), record) for read, record in zip(of_five_w, measuring_set.five_w, strict=True)]
    return Measured(
        training, answers["wall_s"], answers["cpu_s"], answers["serving_mb"], answers["peak_mb"],
        answers["walls_ms"], answers["cpus_ms"], score(goals, slots),
    )  # fmt: skip

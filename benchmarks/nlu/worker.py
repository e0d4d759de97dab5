"""Trains or reads in the Rasa of the interpreter that runs it, ours or the stock one; so it is written for Python 3.10.

    python -m benchmarks.nlu.worker [--adapted] train CONFIG DATA ARCHIVE
    python -m benchmarks.nlu.worker [--adapted] read ARCHIVE TEXTS ANSWERS

TEXTS is a JSON list. ANSWERS is written: an object with what `read` says. `--adapted` puts our adapters in place, as
our launcher does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import time
import warnings
from pathlib import Path
from typing import Any

_BEGAN = time.perf_counter()
_WARM_UP = 10  # messages; TensorFlow compiles during its first ones
_PASSES = 3
_FALLBACK = "nlu_fallback"


def main() -> None:
    options = _parser().parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if options.adapted:
            from rasa_server import adapters

            adapters.install()
        import rasa.core.agent  # noqa: F401 - what a service imports before it loads a model
    from rasa.utils.log_utils import configure_structlog

    logging.getLogger().setLevel(logging.WARNING)
    configure_structlog(logging.WARNING)
    options.run(options)


def train(options: argparse.Namespace) -> None:
    from rasa.model_training import train_nlu

    name = options.archive.name.removesuffix(".tar.gz")
    if not train_nlu(str(options.config), str(options.data), str(options.archive.parent), fixed_model_name=name):
        raise SystemExit("Rasa trained nothing")


def read(options: argparse.Namespace) -> None:
    """Start in s, memory in MB, wall and processor ms of each message of each pass, and what was understood."""
    from rasa.core.agent import Agent

    agent = Agent.load(str(options.archive))
    start = {"wall_s": time.perf_counter() - _BEGAN, "cpu_s": time.process_time()}
    texts = json.loads(options.texts.read_text("utf-8"))
    messages, walls, cpus = asyncio.run(_read_all(agent, texts))
    memory = {"serving_mb": _memory_mb("VmRSS"), "peak_mb": _memory_mb("VmHWM")}
    answers = {**start, **memory, "walls_ms": walls, "cpus_ms": cpus, "messages": messages}
    options.answers.write_text(json.dumps(answers, ensure_ascii=False), "utf-8")


async def _read_all(agent: Any, texts: list[str]) -> tuple[list[dict[str, Any]], list[float], list[float]]:
    for text in texts[:_WARM_UP]:
        await agent.parse_message(text)
    parsed, walls, cpus = [], [], []
    for text in texts * _PASSES:
        wall, cpu = time.perf_counter(), time.process_time()
        parsed.append(await agent.parse_message(text))
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return [_kept(message) for message in parsed[: len(texts)]], walls, cpus


def _kept(parsed: dict[str, Any]) -> dict[str, Any]:
    """The goal, the likeliest goal whatever its confidence, and the spans."""
    text = parsed["text"]
    likeliest = next((one["name"] for one in parsed["intent_ranking"] if one["name"] != _FALLBACK), None)
    spans = [
        {
            "slot": entity["entity"],
            "text": text[entity["start"] : entity["end"]],
            "confidence": float(entity["confidence_entity"]),
        }
        for entity in parsed["entities"]
    ]
    return {"goal": parsed["intent"]["name"], "likeliest": likeliest, "spans": spans}


def _memory_mb(field: str) -> float:
    """Of this process, from the kernel: VmRSS is what it holds now, VmHWM the most that it held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{field}:"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlu.worker")
    parser.add_argument("--adapted", action="store_true")
    commands = parser.add_subparsers(required=True)
    for command, files in ((train, ("config", "data", "archive")), (read, ("archive", "texts", "answers"))):
        one = commands.add_parser(command.__name__)
        one.set_defaults(run=command)
        for file in files:
            one.add_argument(file, type=Path)
    return parser


if __name__ == "__main__":
    main()

"""`python -m benchmarks.dialogue`: plays the same conversations through both sides, prints and writes results.md."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import psutil

from benchmarks import provenance
from benchmarks.dialogue import report, sides
from benchmarks.dialogue.measure import Growth, Load, Start, grow, play, until_first_answer
from benchmarks.dialogue.prepare import prepare
from benchmarks.dialogue.processes import Running, free_port
from benchmarks.dialogue.sides import SIDES, Side

RESULTS = Path(__file__).with_name("results.md")
_CORE = 0
_STARTS = 3
# Conversations at once, and conversations played in a round.
_LOADS = {1: 10, 8: 16, 32: 32}
# Conversations of 200 turns, by side: the original takes two minutes for each.
_LONG = (8, 2)


def main() -> int:
    """0 once the results are written; 1 after a sentence when a side did not do what is measured."""
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes end with this one
    try:
        prepare()
        results = _measure(options.rounds)
    except (sides.WrongAnswer, OSError, subprocess.CalledProcessError) as error:
        print(f"A medição parou: {error}. Veja os registros em {sides.HOME / 'dialogue'}.", file=sys.stderr)
        return 1
    text = report.page(results, provenance(), _conditions(options.rounds))
    RESULTS.write_text(text, "utf-8")
    print(text)
    return 0


def _measure(rounds: int) -> report.Results:
    os.sched_setaffinity(0, {_CORE})  # holds for every process started from here on
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        redis_port, actions_port = free_port(), free_port()
        shared = {
            "redis": stack.enter_context(sides.start_redis(redis_port, folder)),
            "actions": stack.enter_context(sides.start_actions(actions_port)),
        }
        environment = sides.environment(redis_port, actions_port)
        starts = _starts(environment)
        ports = [free_port() for _ in SIDES]
        rasas = [stack.enter_context(side.start(port, environment)) for side, port in zip(SIDES, ports, strict=True)]
        loads = _loads(rounds, ports, rasas, shared)
        rss = tuple(rasa.rss_mb() for rasa in rasas)
        growths = tuple(_grow(*one) for one in zip(SIDES, ports, rasas, _LONG, strict=True))
    return report.Results(starts, loads, cast(tuple[Growth, Growth], growths), cast(tuple[float, float], rss))


def _starts(environment: dict[str, str]) -> tuple[list[Start], list[Start]]:
    """The first start of each side, which compiles, is not counted."""
    starts: tuple[list[Start], list[Start]] = ([], [])
    for attempt in range(_STARTS + 1):
        for side, kept in zip(SIDES, starts, strict=True):
            port = free_port()
            with side.start(port, environment) as process:
                start = until_first_answer(side, port, process)
            _say(f"partida {attempt}, {side.name}: {start.wall_s:.1f} s")
            if attempt:
                kept.append(start)
    return starts


def _loads(
    rounds: int, ports: list[int], rasas: list[Running], shared: dict[str, Running]
) -> tuple[dict[int, Load], dict[int, Load]]:
    loads = tuple({at_once: Load(at_once) for at_once in _LOADS} for _ in SIDES)
    for side, port, rasa in zip(SIDES, ports, rasas, strict=True):
        until_first_answer(side, port, rasa)
        play(Load(1), side, port, 2, shared)  # warms up
    for number in range(1, rounds + 1):
        for at_once, conversations in _LOADS.items():
            for side, port, rasa, kept in zip(SIDES, ports, rasas, loads, strict=True):
                play(kept[at_once], side, port, conversations, {**shared, "rasa": rasa})
                _say(
                    f"rodada {number}, {at_once} ao mesmo tempo, {side.name}: {kept[at_once].per_second:.1f} mensagens/s"
                )
    return cast(tuple[dict[int, Load], dict[int, Load]], loads)


def _grow(side: Side, port: int, rasa: Running, conversations: int) -> Growth:
    growth = grow(side, port, rasa, conversations)
    _say(f"turno 10 e 200, {side.name}: {growth.early_ms:.0f} e {growth.late_ms:.0f} ms")
    return growth


def _conditions(rounds: int) -> str:
    load = " ".join(f"{value:.1f}" for value in psutil.getloadavg())
    return f"Núcleo {_CORE} de {os.cpu_count()}, {rounds} rodadas; carga da máquina ao fim (1, 5, 15 min): {load}."


def _say(what: str) -> None:
    print(what, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dialogue", description="Mede o diálogo contra o Rasa.")
    parser.add_argument("--rounds", type=int, default=2, help="rodadas alternadas (2)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

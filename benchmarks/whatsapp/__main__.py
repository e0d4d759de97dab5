"""`python -m benchmarks.whatsapp [--people 200] [--messages 2000] [--kills 40] [--seed 1] | --dialogues FILE`

Starts a service of its own beside a Graph API of its own. Without --dialogues a crowd writes by WhatsApp while the
processes behind the webhook are killed at random, and every message must be answered once and in order, and every ticket
exist once. With it the dialogues of a file are played by WhatsApp and by the web, and their tickets must be the same.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.whatsapp.page import RESULTS, keep, section
from benchmarks.whatsapp.roads import play_all, table
from bot.settings import Settings
from tests.graph_api import GraphServer
from tests.stack import Stack
from tests.whatsapp_crowd import Crowd, Member, settled, violations
from tests.whatsapp_talk import Line, with_contracts

_AT_ONCE = 40


def main() -> int:
    """1 when something did not hold; every such thing is printed and stands in results.md."""
    options = _parser().parse_args()
    folder = Path(tempfile.mkdtemp(prefix="whatsapp-"))
    measured, found = _roads(folder, options) if options.dialogues else _kills(folder, options)
    RESULTS.write_text(keep(measured, RESULTS.read_text("utf-8")), "utf-8")
    print(measured)
    if found:
        print(f"O que ficou guardado do serviço: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _roads(folder: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    with _line(folder) as line:
        pairs = play_all(line, options.dialogues)
        found = [f"{pair.name}: {problem}" for pair in pairs for problem in pair.differences]
        found += [f"fora dos limites: {wrong}" for _, wrong, _ in line.graph.refused]
    return section("Os mesmos diálogos pelo WhatsApp e pela web", table(pairs), _listed(found)), found


def _kills(folder: Path, options: argparse.Namespace) -> tuple[str, list[str]]:
    started = time.monotonic()
    with _line(folder, TRIAGEM_SILENCE_SECONDS="0.5") as line:
        crowd = Crowd(line, options.people, options.messages, options.seed)
        members = crowd.run(kill_every=options.kill_every, kills=options.kills, at_once=_AT_ONCE)
        line.stack.wait_ready(180)
        found = [] if settled(line, 600) else ["something still waits"]
        found += violations(line, members)
        measured = _crowd_table(line, crowd, members, found, time.monotonic() - started)
    return section("Enquanto os processos são mortos", measured, _listed(found)), found


@contextmanager
def _line(folder: Path, **settings: str) -> Iterator[Line]:
    """A service that people reach by WhatsApp, with contracts for those who talk."""
    home = folder / "home"
    _bring_what_is_built(home)
    with GraphServer() as graph:
        company = str(with_contracts(folder / "company"))
        with Stack(home, **graph.settings(), TRIAGEM_COMPANY_DIR=company, **settings) as stack:
            graph.webhook = f"{stack.url}/webhooks/whatsapp"
            yield Line(stack, graph)


def _bring_what_is_built(home: Path) -> None:
    """Training takes longer than the measuring; what `make up` has built is taken along."""
    for built in ("models", "kb_index"):
        source = Settings().home / built
        if source.is_dir():
            shutil.copytree(source, home / built)


def _crowd_table(line: Line, crowd: Crowd, members: list[Member], found: list[str], seconds: float) -> str:
    written = sum(len(member.wamids) for member in members)
    ((tickets,),) = line.query("SELECT count(*) FROM tickets")
    ((repeats,),) = line.query("SELECT sum(repeats) FROM whatsapp_envelopes")
    ((answered,),) = line.query("SELECT count(*) FROM inbound WHERE answered_at IS NOT NULL")
    kills = ", ".join(f"{part} {count}" for part, count in sorted(crowd.kills.items()))
    rows = [
        ("pessoas", len(members)), ("mensagens escritas", written), ("mensagens respondidas", answered),
        ("chamados", tickets), ("mensagens enviadas", len(line.graph.taken)), ("envelopes repetidos", repeats),
        ("processos mortos", kills), ("duração", f"{seconds / 60:.0f} min"), ("violações", len(found)),
    ]  # fmt: skip
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"| o quê | medido |\n|---|---|\n{table}"


def _listed(found: list[str]) -> str:
    return "\n".join(f"- {problem}" for problem in found[:50])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whatsapp", description="Uma multidão no WhatsApp.")
    parser.add_argument("--people", type=int, default=200, help="pessoas (200)")
    parser.add_argument("--messages", type=int, default=2000, help="mensagens ao todo (2000)")
    parser.add_argument("--kills", type=int, default=40, help="processos a matar (40)")
    parser.add_argument("--kill-every", type=float, default=12, help="segundos entre duas mortes, em média (12)")
    parser.add_argument("--seed", type=int, default=1, help="semente do acaso (1)")
    parser.add_argument("--dialogues", type=Path, help="compara os chamados destes diálogos com os da web")
    return parser


if __name__ == "__main__":
    sys.exit(main())

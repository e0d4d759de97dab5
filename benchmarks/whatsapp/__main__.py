"""`python -m benchmarks.whatsapp [--people 200] [--messages 2000] [--kills 40] [--seed 1]`

Starts a service of its own beside a Graph API of its own, lets a crowd write by WhatsApp while gateway, Rasa and action
server are killed at random, and checks that every message was answered once and in order, and every ticket exists once.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import provenance
from bot.settings import Settings
from tests.graph_api import GraphServer
from tests.stack import Stack
from tests.whatsapp_crowd import Crowd, Member, settled, violations
from tests.whatsapp_talk import Line

RESULTS = Path(__file__).with_name("results.md")
_AT_ONCE = 40


def main() -> int:
    """1 when something did not hold; every such thing is printed and stands in results.md."""
    options, started = _parser().parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder, GraphServer() as graph:
        home = Path(folder) / "home"
        _bring_what_is_built(home)
        with Stack(home, **graph.settings(), TRIAGEM_SILENCE_SECONDS="0.5") as stack:
            graph.webhook = f"{stack.url}/webhooks/whatsapp"
            line = Line(stack, graph)
            crowd = Crowd(line, options.people, options.messages, options.seed)
            members = crowd.run(kill_every=options.kill_every, kills=options.kills, at_once=_AT_ONCE)
            stack.wait_ready(180)
            found = [] if settled(line, 600) else ["something still waits"]
            found += violations(line, members)
            page = _page(line, crowd, members, found, time.monotonic() - started)
    RESULTS.write_text(page, "utf-8")
    print(page)
    return 1 if found else 0


def _bring_what_is_built(home: Path) -> None:
    """Training takes longer than the measuring; what `make up` has built is taken along."""
    for built in ("models", "kb_index"):
        source = Settings().home / built
        if source.is_dir():
            shutil.copytree(source, home / built)


def _page(line: Line, crowd: Crowd, members: list[Member], found: list[str], seconds: float) -> str:
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
    listed = "\n".join(f"- {problem}" for problem in found[:50])
    return (
        f"# WhatsApp enquanto os processos são mortos\n\n{provenance()}\n\n| o quê | medido |\n|---|---|\n{table}\n\n{listed}".strip()
        + "\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.whatsapp", description="Uma multidão no WhatsApp.")
    parser.add_argument("--people", type=int, default=200, help="pessoas (200)")
    parser.add_argument("--messages", type=int, default=2000, help="mensagens ao todo (2000)")
    parser.add_argument("--kills", type=int, default=40, help="processos a matar (40)")
    parser.add_argument("--kill-every", type=float, default=12, help="segundos entre duas mortes, em média (12)")
    parser.add_argument("--seed", type=int, default=1, help="semente do acaso (1)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

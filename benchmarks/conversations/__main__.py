"""`python -m benchmarks.conversations --url http://127.0.0.1:8000 [--turns 2000] [--seed 1]`

Talks to the running service at random and to the ticket, prints one line per measure and writes results.md. The last
turns of every violation lie in TRIAGEM_HOME/fuzz. People are identified with TRIAGEM_IDENTITY_SECRET, as the service is.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import httpx

from benchmarks import provenance
from benchmarks.conversations import report
from benchmarks.conversations.paths import play_all
from benchmarks.conversations.service import Service
from benchmarks.conversations.walk import walk
from bot.settings import Settings

RESULTS = Path(__file__).with_name("results.md")


def main(arguments: list[str] | None = None) -> int:
    """0 whatever the figures; 2 after a sentence when no service answers at the address."""
    options, settings = _parser().parse_args(arguments), Settings()
    if not _is_ready(options.url):
        print(f"Não há serviço pronto em {options.url}; inicie-o com `make up`.", file=sys.stderr)
        return 2
    service, start = Service(options.url, settings.identity_secret), time.monotonic()
    courses = play_all(service)
    findings = walk(service, options.turns, options.seed)
    service.close()
    report.keep(findings.violations, settings.home / "fuzz")
    conditions = f"{findings.turns} turnos, semente {options.seed}, {time.monotonic() - start:.0f} s."
    RESULTS.write_text(report.page(findings, courses, provenance(), conditions), "utf-8")
    print("\n".join(report.lines(findings, courses)))
    return 0


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=10).is_success
    except httpx.HTTPError:
        return False


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.conversations", description="Conversa ao acaso e mede.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="endereço do serviço no ar")
    parser.add_argument("--turns", type=int, default=2000, help="turnos do passeio (2000)")
    parser.add_argument("--seed", type=int, default=1, help="semente do acaso (1)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

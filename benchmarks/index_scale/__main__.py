"""`python -m benchmarks.index_scale`: indexes of a thousand, 100 thousand and a million passages, in results.md.

Takes about a quarter of an hour, 4 GB of memory and 2 GB of disk. faiss is measured where it is installed
(`pip install faiss-cpu`); it is no dependency of ours.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks import ROOT, provenance
from benchmarks.index_scale.data import Vectors
from benchmarks.index_scale.measure import CORE, POSTINGS, Figures
from benchmarks.index_scale.report import count, page
from tests.kb_index.pgvector_server import PgvectorServer

RESULTS = Path(__file__).with_name("results.md")
_SIZES = (1_000, 100_000, 1_000_000)
_POSTINGS_SIZES = (1_000, 100_000)
# A graph grows a little faster than its vectors: ten times as many take more than ten times as long.
_LONGEST_BUILD_S = 360
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main() -> int:
    options = _parser().parse_args()
    figures: list[Figures] = []
    left_out: list[str] = []
    with tempfile.TemporaryDirectory(prefix="index-scale-", dir=options.folder) as name:
        for size in options.sizes:
            Vectors.make(size, Path(name))
            for way in _ways(size):
                if reason := _reason_against(way, size, figures):
                    left_out.append(reason)
                else:
                    figures.extend(_measured(way, size, Path(name)))
    for size in options.postings:
        figures += [_run(way, size, Path(), "") for way in POSTINGS]
    text = page(figures, dict.fromkeys(left_out), provenance(), _conditions())
    RESULTS.write_text(text, "utf-8")
    print(text)
    return 0


def _ways(size: int) -> Iterator[str]:
    yield from ("exact", "exact, landscape", "pgvector", "faiss Flat")
    yield "faiss HNSW" if size <= 100_000 else "faiss IVF SQ8"


def _reason_against(way: str, size: int, figures: list[Figures]) -> str | None:
    """Why this one is not measured, if it is not."""
    if way.startswith("faiss") and importlib.util.find_spec("faiss") is None:
        return "faiss não foi medido: não está instalado (`pip install faiss-cpu`)."
    if way != "pgvector":
        return None
    for one in figures:
        expected = one.build_s * size / one.size
        if one.way == "pgvector" and one.size >= 10_000 and expected > _LONGEST_BUILD_S:
            took = f"{count(one.size)} levaram {one.build_s:.0f} s, e {count(size)} levariam mais de {expected / 60:.0f} minutos"
            return f"pgvector com {count(size)} não foi construído: {took}."
    return None


def _measured(way: str, size: int, folder: Path) -> Iterator[Figures]:
    if way != "pgvector":
        yield _run(way, size, folder, "")
        return
    server = PgvectorServer()
    server.start()
    try:
        yield _run("pgvector", size, folder, server.url)
        yield _run("pgvector, landscape", size, folder, server.url)
    finally:
        server.stop()


def _run(way: str, size: int, folder: Path, url: str) -> Figures:
    command = [sys.executable, "-m", "benchmarks.index_scale.measure", way, str(size), str(folder), url]
    environment = {**os.environ, **_ONE_THREAD}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures = Figures(**json.loads(done.stdout))
    print(f"{size} {way}: {figures.p50_ms:.2f} ms, construção {figures.build_s:.1f} s", flush=True)
    return figures


def _conditions() -> str:
    load = " ".join(f"{value:.1f}" for value in psutil.getloadavg())
    return f"Núcleo {CORE} de {os.cpu_count()}; carga da máquina ao fim (1, 5, 15 min): {load}."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index_scale", description="Mede o índice por tamanho.")
    parser.add_argument("--sizes", type=int, nargs="*", default=_SIZES, help="quantos vetores")
    parser.add_argument("--postings", type=int, nargs="*", default=_POSTINGS_SIZES, help="quantos trechos de texto")
    parser.add_argument("--folder", type=Path, help="onde pôr os vetores enquanto se mede (2 GB)")
    return parser


if __name__ == "__main__":
    sys.exit(main())

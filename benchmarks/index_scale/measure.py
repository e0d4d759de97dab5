"""`python -m benchmarks.index_scale.measure WAY SIZE FOLDER [URL]`: one way of searching, measured in a fresh process.

Prints a `Figures` as JSON. The process keeps to one core, and so does the PostgreSQL that answers it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.index_scale.data import DIMENSION, NEAREST, Vectors, batches, texts
from kb_index.encoder import EncoderCard
from kb_index.pgvector_store import StoredVectors, VectorDatabase, VectorShelf
from kb_index.postings import Postings, Weighting
from kb_index.vectors import ExactVectors

CORE = 0
_WARM_UP = 20
_KEY_COPIES = 3  # as they come, in order, and the order

# Places of the nearest, best first.
Search = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Figures:
    """Times in milliseconds and seconds; `cpu_ms` is the mean of a query, that of PostgreSQL included.

    `memory_mb` is what the searching process holds of the index, `building_mb` what building took at most.
    """

    way: str
    size: int
    build_s: float
    cpu_ms: float
    p50_ms: float
    p95_ms: float
    recall: float | None
    memory_mb: float
    building_mb: float = 0.0
    database_mb: float = 0.0


def main(way: str, size: int, folder: Path, url: str) -> Figures:
    os.sched_setaffinity(0, {CORE})
    return _postings(way, size) if way in POSTINGS else _vectors(way, Vectors.load(size, folder), url)


def _vectors(way: str, vectors: Vectors, url: str) -> Figures:
    started = time.perf_counter()
    opened = WAYS[way](vectors.stored, url)
    built = time.perf_counter() - started
    cpu, p50, p95, found = _timed(opened.search, vectors.queries, opened.server)
    hits = [len(np.intersect1d(*pair)) for pair in zip(found, vectors.truth, strict=True)]
    recall = None if "landscape" in way else float(np.mean(hits)) / NEAREST
    database = _database_mb(url) if way.startswith("pgvector") else 0.0
    return Figures(way, len(vectors.stored), built, cpu, p50, p95, recall, opened.memory_mb, database_mb=database)


@dataclass(frozen=True)
class Opened:
    """`server` is the process that answers, if another one does."""

    search: Search
    memory_mb: float
    server: int | None = None


def _exact(stored: np.ndarray, _url: str) -> Opened:
    vectors = ExactVectors(np.array(stored))
    return Opened(lambda query: vectors.nearest(query, NEAREST)[0], stored.nbytes / 1e6)


def _exact_landscape(stored: np.ndarray, _url: str) -> Opened:
    vectors, hint = ExactVectors(np.array(stored)), np.zeros(len(stored))
    return Opened(lambda query: vectors.landscape(query, hint), stored.nbytes / 1e6)


def _pgvector(stored: np.ndarray, url: str) -> Opened:
    vectors, server = _stored(stored, url)
    memory = _KEY_COPIES * vectors.keys.nbytes / 1e6
    return Opened(lambda query: vectors.nearest(query, NEAREST)[0], memory, server)


def _pgvector_landscape(stored: np.ndarray, url: str) -> Opened:
    (vectors, server), hint = _stored(stored, url), np.random.default_rng(0).random(len(stored))
    memory = _KEY_COPIES * vectors.keys.nbytes / 1e6
    return Opened(lambda query: vectors.landscape(query, hint), memory, server)


def _stored(stored: np.ndarray, url: str) -> tuple[StoredVectors, int]:
    """In the database, and the process that answers; who asks for the same vectors again finds them there."""
    card = EncoderCard("synthetic", DIMENSION)
    shelf = VectorShelf(url, card, {"articles": np.arange(len(stored), dtype=np.int64)})
    vectors = shelf.keep("articles", stored)
    ((server,),) = vectors.database.run("SELECT pg_backend_pid()")
    os.sched_setaffinity(server, {CORE})
    return vectors, server


def _faiss(description: str, **parameters: int) -> Callable[[np.ndarray, str], Opened]:
    def build(stored: np.ndarray, _url: str) -> Opened:
        import faiss

        faiss.omp_set_num_threads(1)
        index = faiss.index_factory(DIMENSION, description, faiss.METRIC_INNER_PRODUCT)
        if not index.is_trained:
            index.train(np.ascontiguousarray(stored[:: max(len(stored) // 50_000, 1)]))
        for batch in batches(stored):
            index.add(batch)
        for name, value in parameters.items():
            faiss.ParameterSpace().set_index_parameter(index, name, value)
        size = faiss.serialize_index(index).nbytes / 1e6
        return Opened(lambda query: index.search(query[None], NEAREST)[1][0], size)

    return build


WAYS: dict[str, Callable[[np.ndarray, str], Opened]] = {
    "exact": _exact,
    "exact, landscape": _exact_landscape,
    "pgvector": _pgvector,
    "pgvector, landscape": _pgvector_landscape,
    "faiss Flat": _faiss("Flat"),
    "faiss HNSW": _faiss("HNSW32,Flat", efSearch=64),
    "faiss IVF SQ8": _faiss("IVF1024,SQ8", nprobe=32),
}
POSTINGS = {"BM25": (Weighting.BM25, "stems"), "TF-IDF": (Weighting.TFIDF, "letters")}


def _postings(way: str, size: int) -> Figures:
    passages, questions = texts(size)
    before, started = _rss_mb(), time.perf_counter()
    postings = Postings.build(*POSTINGS[way], passages)
    built = time.perf_counter() - started
    arrays = (postings.rarity, postings.starts, postings.texts, postings.weights)
    memory, building = sum(array.nbytes for array in arrays) / 1e6, _peak_mb() - before
    cpu, p50, p95, _ = _timed(postings.scores, questions)
    return Figures(way, size, built, cpu, p50, p95, None, memory, building)


def _timed(
    search: Callable[[Any], np.ndarray], queries: Sequence[Any], server: int | None = None
) -> tuple[float, float, float, list[np.ndarray]]:
    """CPU a query, median and 95th percentile of the time that passed, in milliseconds, and what was found."""
    for query in queries[:_WARM_UP]:
        search(query)
    walls, found, before = [], [], _cpu_s(server)
    for query in queries:
        started = time.perf_counter()
        found.append(search(query))
        walls.append(1000 * (time.perf_counter() - started))
    cpu = 1000 * (_cpu_s(server) - before) / len(queries)
    return cpu, *np.percentile(walls, [50, 95]).tolist(), found


def _cpu_s(server: int | None) -> float:
    times = psutil.Process(server).cpu_times() if server else None
    return time.process_time() + (times.user + times.system if times else 0.0)


def _database_mb(url: str) -> float:
    ((size,),) = VectorDatabase(url).run("SELECT pg_total_relation_size('articles')")
    return size / 1e6


def _rss_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


def _peak_mb() -> float:
    """Of this process alone; what getrusage tells begins with the one that started it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e3


if __name__ == "__main__":
    print(json.dumps(asdict(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))))

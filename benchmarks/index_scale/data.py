"""What is searched: vectors that lie in clusters, as those of texts do, and texts in something like Portuguese."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DIMENSION = 384  # that of the encoder that ships
QUERIES, NEAREST = 200, 10
_CHUNK = 50_000
_IN_A_CLUSTER = 100
_SPREAD = 0.7  # length of what a vector adds to the centre of its cluster, which has length 1

_VOCABULARY, _WORDS_A_PASSAGE, _WORDS_A_QUERY = 30_000, 45, 7
_ONSETS = [
    "b",
    "c",
    "d",
    "f",
    "g",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "br",
    "cr",
    "tr",
    "pr",
    "ch",
    "lh",
    "nh",
    "qu",
]
_VOWELS = ["a", "e", "i", "o", "u", "a", "e", "o", "ã", "é", "ei", "ou"]
_ENDINGS = ["ar", "ando", "ção", "ções", "mento", "dor", "s", "o", "a", "os", "as", "ou", "eiro", "idade"]


@dataclass(frozen=True)
class Vectors:
    """`stored`, (n, d), is read from disk as needed; `queries` are (QUERIES, d), `truth` (QUERIES, NEAREST) places."""

    stored: np.ndarray
    queries: np.ndarray
    truth: np.ndarray

    @classmethod
    def make(cls, size: int, folder: Path) -> Vectors:
        random = np.random.default_rng(size)
        centres = _unit(random.standard_normal((max(size // _IN_A_CLUSTER, 10), DIMENSION), np.float32))
        stored = np.lib.format.open_memmap(_file(folder, size), "w+", np.float32, (size, DIMENSION))
        for start in range(0, size, _CHUNK):
            stored[start : start + _CHUNK] = _around(centres, len(stored[start : start + _CHUNK]), random)
        queries = _around(centres, QUERIES, random)
        made = cls(stored, queries, _nearest(stored, queries))
        np.savez(_file(folder, size).with_suffix(".npz"), queries=queries, truth=made.truth)
        return made

    @classmethod
    def load(cls, size: int, folder: Path) -> Vectors:
        with np.load(_file(folder, size).with_suffix(".npz")) as beside:
            return cls(np.load(_file(folder, size), mmap_mode="r"), beside["queries"], beside["truth"])


def texts(size: int) -> tuple[list[str], list[str]]:
    """Passages of 45 words, and questions of seven words of a passage each."""
    random = np.random.default_rng(size)
    words = np.array(_vocabulary(random))
    likelihood = 1 / (np.arange(len(words)) + 2.7)  # as Zipf and Mandelbrot say of words
    places = random.choice(len(words), (size, _WORDS_A_PASSAGE), p=likelihood / likelihood.sum())
    asked = places[random.integers(size, size=QUERIES), :_WORDS_A_QUERY]
    return [" ".join(row) for row in words[places]], [" ".join(row) for row in words[asked]]


def _vocabulary(random: np.random.Generator) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < _VOCABULARY:
        syllables = 1 if len(found) < 60 else int(random.integers(1, 4))
        stem = "".join(str(random.choice(_ONSETS)) + str(random.choice(_VOWELS)) for _ in range(syllables))
        found[stem if len(found) < 60 else stem + str(random.choice(_ENDINGS))] = None
    return list(found)


def _file(folder: Path, size: int) -> Path:
    return folder / f"{size}.npy"


def _around(centres: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    noise = random.standard_normal((count, DIMENSION), np.float32) * np.float32(_SPREAD / np.sqrt(DIMENSION))
    return _unit(centres[random.integers(len(centres), size=count)] + noise)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _nearest(stored: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """Places of the NEAREST of each query, best first."""
    best = [_best(stored[start : start + _CHUNK] @ queries.T, start) for start in range(0, len(stored), _CHUNK)]
    places, scores = (np.concatenate(parts) for parts in zip(*best, strict=True))
    order = np.argsort(-scores, axis=0, kind="stable")[:NEAREST]
    return np.take_along_axis(places, order, axis=0).T


def _best(scores: np.ndarray, start: int) -> tuple[np.ndarray, np.ndarray]:
    places = np.argpartition(-scores, min(NEAREST, len(scores) - 1), axis=0)[:NEAREST]
    return places + start, np.take_along_axis(scores, places, axis=0)


def batches(stored: np.ndarray) -> Iterator[np.ndarray]:
    """The vectors in memory, a part at a time."""
    for start in range(0, len(stored), _CHUNK):
        yield np.ascontiguousarray(stored[start : start + _CHUNK])

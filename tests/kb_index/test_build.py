"""A build encodes what is new, drops what is gone, and never disturbs who reads the index."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from kb_index.article import load_articles
from kb_index.build import Report, build
from kb_index.encoder import Encoder, OnnxEncoder
from kb_index.errors import ArticleError, IndexUnusable
from kb_index.search import ArticleSearch
from tests.kb_index.library import CountingEncoder, write_article, write_library, write_others


class Shelf:
    """A folder of articles with its index and a counting encoder."""

    def __init__(self, home: Path, encoder: Encoder) -> None:
        self.articles, self.index, self.others = home / "articles", home / "index", write_others(home)
        self.encoder = CountingEncoder(encoder)
        write_library(self.articles)

    def build(self) -> Report:
        self.encoder.forget()
        return build(self.articles, self.index, encoder=self.encoder, unanswerable=self.others)

    def open(self) -> ArticleSearch:
        return ArticleSearch.open(self.index, self.encoder)


@pytest.fixture
def shelf(tmp_path: Path, encoder: OnnxEncoder) -> Shelf:
    return Shelf(tmp_path, encoder)


def test_a_first_build_takes_every_article(shelf: Shelf) -> None:
    report = shelf.build()
    assert (report.rebuilt, report.articles, report.changed, report.removed) == (True, 6, 6, 0)
    assert report.encoded == len(shelf.encoder.encoded) == len(set(shelf.encoder.encoded))
    assert [article.id for article in shelf.open().articles()] == [a.id for a in load_articles(shelf.articles)]


def test_a_build_without_a_change_does_nothing(shelf: Shelf) -> None:
    first = shelf.build()
    changed_at = (shelf.index / "current").stat().st_mtime_ns
    again = shelf.build()
    assert again == dataclasses.replace(first, rebuilt=False, changed=0, removed=0, encoded=0)
    assert not shelf.encoder.encoded
    assert (shelf.index / "current").stat().st_mtime_ns == changed_at


def test_only_the_new_texts_of_a_changed_article_are_encoded(shelf: Shelf) -> None:
    shelf.build()
    file = shelf.articles / "trocar-bobina.md"
    file.write_text(file.read_text("utf-8").replace("Corte a sobra.", "Rasgue a sobra com cuidado."), "utf-8")
    report = shelf.build()
    assert (report.changed, report.removed, report.encoded) == (1, 0, 1)
    assert "Rasgue a sobra" in shelf.encoder.encoded[0]
    assert "Rasgue a sobra" in shelf.open().search("bobina nova").results[0].passage


def test_a_deleted_article_vanishes_and_a_new_one_appears(shelf: Shelf) -> None:
    shelf.build()
    (shelf.articles / "trocar-bobina.md").unlink()
    write_article(shelf.articles, "ligar-forno", "Como ligar o forno", "Gire o botão até a luz acender.", ["forno"])
    report = shelf.build()
    assert (report.articles, report.changed, report.removed) == (6, 1, 1)
    search = shelf.open()
    assert search.article("trocar-bobina") is None
    assert search.search("como ligo o forno?").results[0].article_id == "ligar-forno"


def test_whoever_reads_the_old_index_may_go_on(shelf: Shelf) -> None:
    shelf.build()
    old = shelf.open()
    (shelf.articles / "trocar-bobina.md").unlink()
    shelf.build()
    assert old.search("bobina nova").results[0].article_id == "trocar-bobina"


def test_of_many_builds_the_last_two_stay_on_disk(shelf: Shelf) -> None:
    for text in ("um", "dois", "três"):
        write_article(shelf.articles, "ligar-forno", "Como ligar o forno", f"Gire o botão {text}.")
        shelf.build()
    versions = [folder.name for folder in (shelf.index / "versions").iterdir()]
    assert len(versions) == 2
    assert (shelf.index / "current").read_text("utf-8").strip() in versions


def test_a_mistake_in_an_article_leaves_the_index_as_it_was(shelf: Shelf) -> None:
    shelf.build()
    before = (shelf.index / "current").read_text("utf-8")
    (shelf.articles / "zz.md").write_text("sem cabeçalho", "utf-8")
    with pytest.raises(ArticleError, match=r"zz\.md, linha 1"):
        shelf.build()
    assert (shelf.index / "current").read_text("utf-8") == before


@pytest.mark.parametrize("text", ["", "fora: chove?", "fora:\n  - 7", "fora:\n  - [", "fora: []"])
def test_a_mistake_in_the_messages_without_an_answer_is_named(shelf: Shelf, text: str) -> None:
    shelf.others.write_text(text, "utf-8")
    with pytest.raises(ArticleError, match=r"others\.yml"):
        shelf.build()


def test_the_messages_without_an_answer_must_exist(shelf: Shelf) -> None:
    shelf.others.unlink()
    with pytest.raises(ArticleError, match=r"others\.yml: o arquivo não existe"):
        shelf.build()


def test_articles_without_any_way_of_asking_can_be_searched(shelf: Shelf) -> None:
    for file in shelf.articles.glob("*.md"):
        file.unlink()
    for number in range(4):
        write_article(shelf.articles, f"artigo-{number}", f"Assunto {'abcd'[number] * 4}", f"Texto {number}.")
    shelf.build()
    assert shelf.open().search("assunto cccc").results[0].article_id == "artigo-2"


def test_one_article_is_enough_for_an_index(shelf: Shelf) -> None:
    for file in shelf.articles.glob("*.md"):
        if file.name != "trocar-senha.md":
            file.unlink()
    assert shelf.build().articles == 1
    assert shelf.open().search("alterar senha").results[0].article_id == "trocar-senha"


def test_what_people_ask_is_encoded_as_a_query_and_the_body_as_a_passage(shelf: Shelf) -> None:
    shelf.build()
    assert {"bobina nova", "Troca da própria senha", "quem ganhou o jogo"} <= set(shelf.encoder.queries)
    assert any("Corte a sobra." in text for text in shelf.encoder.passages)
    assert not set(shelf.encoder.queries) & set(shelf.encoder.passages)


def test_without_an_index_the_command_that_makes_one_is_named(tmp_path: Path, encoder: OnnxEncoder) -> None:
    with pytest.raises(IndexUnusable, match=f"python -m kb_index build --index {tmp_path}"):
        ArticleSearch.open(tmp_path, encoder)


def test_a_damaged_index_names_the_command_and_the_next_build_mends_it(shelf: Shelf) -> None:
    shelf.build()
    (version,) = (shelf.index / "versions").iterdir()
    (version / "index.json").write_text("{", "utf-8")
    (version / "build.json").unlink()
    with pytest.raises(IndexUnusable, match="python -m kb_index build"):
        shelf.open()
    assert shelf.build().rebuilt
    assert shelf.open().articles()


def test_an_index_of_another_encoder_is_refused_with_the_command(shelf: Shelf) -> None:
    shelf.build()
    other = CountingEncoder(shelf.encoder)
    other.card = dataclasses.replace(shelf.encoder.card, model_id="outro-modelo", query_prefix="query: ")
    with pytest.raises(IndexUnusable, match=r"outro-modelo.*query: .*python -m kb_index build"):
        ArticleSearch.open(shelf.index, other)


def test_another_encoder_encodes_everything_anew(shelf: Shelf) -> None:
    first = shelf.build()
    shelf.encoder.card = dataclasses.replace(shelf.encoder.card, model_id="outro-modelo")
    assert shelf.build().encoded == first.encoded

"""A server notices a newer index by itself, without a pause and without falling over a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.build import build
from kb_index.encoder import OnnxEncoder
from kb_index.errors import IndexUnusable
from kb_index.search import LiveSearch
from tests.kb_index.library import write_article, write_library, write_others


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Server:
    """A live search over a library that can grow."""

    def __init__(self, home: Path, encoder: OnnxEncoder) -> None:
        self.articles, self.index, self.encoder, self.clock = home / "articles", home / "index", encoder, Clock()
        self.others = write_others(home)
        write_library(self.articles)
        self.rebuild()
        self.live = LiveSearch(self.index, encoder, self.clock)

    def rebuild(self) -> None:
        build(self.articles, self.index, encoder=self.encoder, unanswerable=self.others)

    def add_oven(self) -> None:
        write_article(self.articles, "ligar-forno", "Como ligar o forno", "Gire o botão até a luz acender.")
        self.rebuild()

    def knows_oven(self) -> bool:
        return self.live.article("ligar-forno") is not None


@pytest.fixture
def server(tmp_path: Path, encoder: OnnxEncoder) -> Server:
    return Server(tmp_path, encoder)


def test_it_answers_like_the_search_it_holds(server: Server) -> None:
    assert server.live.search("sangria") == server.live.current().search("sangria")
    assert server.live.articles() == server.live.current().articles()


def test_a_newer_index_is_taken_after_two_seconds_and_not_before(server: Server) -> None:
    server.add_oven()
    server.clock.seconds += 1.9
    server.live.current()
    server.live.wait()
    assert not server.knows_oven()
    server.clock.seconds += 0.1
    server.live.current()
    server.live.wait()
    assert server.knows_oven()


def test_while_the_newer_one_is_read_the_old_one_answers(server: Server) -> None:
    server.add_oven()
    server.clock.seconds += 5
    assert server.live.search("sangria").results[0].article_id == "sangria-do-caixa"
    server.live.wait()
    assert server.live.search("como ligar o forno").results[0].article_id == "ligar-forno"


def test_a_newer_index_that_cannot_be_read_is_logged_and_the_old_one_goes_on(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    (server.index / "current").write_text("nenhuma\n", "utf-8")
    server.clock.seconds += 5
    server.live.current()
    server.live.wait()
    assert server.live.search("sangria").results[0].article_id == "sangria-do-caixa"
    assert "was not taken into use" in caplog.text
    server.add_oven()
    server.clock.seconds += 5
    server.live.current()
    server.live.wait()
    assert server.knows_oven()


def test_without_an_index_it_does_not_start(tmp_path: Path, encoder: OnnxEncoder) -> None:
    with pytest.raises(IndexUnusable):
        LiveSearch(tmp_path, encoder)

"""What a person who asks gets to see."""

from __future__ import annotations

import pytest

from kb_index.search import NOTHING, ArticleSearch, Hit


@pytest.mark.parametrize(
    ("question", "article_id"),
    [
        ("como encerro o caixa quando acaba o expediente", "fechar-caixa"),
        ("COMO FAÇO A SANGRIA??", "sangria-do-caixa"),
        ("acabou a bobina da impresora", "trocar-bobina"),
        ("cade o entregador no mapa", "rastrear-entregador"),
        ("nao lembro como muda a senha", "trocar-senha"),
    ],
)
def test_a_question_in_other_words_finds_its_article(library: ArticleSearch, question: str, article_id: str) -> None:
    assert library.search(question).results[0].article_id == article_id


def test_what_is_asked_in_an_articles_own_words_comes_first_and_is_answerable(library: ArticleSearch) -> None:
    for article in library.articles():
        for question in (article.title, *article.questions):
            answer = library.search(question.upper().replace("?", ""))
            assert answer.results[0].article_id == article.id
            assert answer.results[0].score == 1


def test_a_hit_carries_title_address_score_and_the_passage_nearest_to_the_question(library: ArticleSearch) -> None:
    hit = library.search("quem pode ver o fechamento do caixa? só aparece pra quem abriu?").results[0]
    assert (hit.article_id, hit.title) == ("fechar-caixa", "Como fechar o caixa no fim do dia")
    assert hit.url == "/artigos/fechar-caixa"
    assert hit.passage == "O fechamento só aparece para quem abriu o caixa."


def test_a_passage_comes_from_the_body_also_when_a_way_of_asking_was_hit(library: ArticleSearch) -> None:
    hit = library.search("fechamento diario").results[0]
    article = library.article(hit.article_id)
    assert article and hit.passage in article.passages()


def test_hits_come_best_first_with_scores_between_0_and_1(library: ArticleSearch) -> None:
    scores = [hit.score for hit in library.search("senha do caixa", limit=6).results]
    assert len(scores) == 6
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] <= scores[0] <= 1


@pytest.mark.parametrize(("limit", "found"), [(0, 0), (-1, 0), (2, 2), (99, 6)])
def test_no_more_hits_than_asked_for(library: ArticleSearch, limit: int, found: int) -> None:
    assert len(library.search("caixa", limit=limit).results) == found


def test_articles_of_another_product_are_left_out_and_those_of_none_stay(library: ArticleSearch) -> None:
    found = {hit.article_id for hit in library.search("fechar o caixa", product="app", limit=9).results}
    assert found == {"rastrear-entregador", "cadastrar-entregador", "trocar-senha"}


def test_a_product_without_articles_leaves_those_that_concern_all(library: ArticleSearch) -> None:
    assert [hit.article_id for hit in library.search("senha", product="OUTRO").results] == ["trocar-senha"]


def test_an_article_of_another_product_does_not_make_a_question_answerable(library: ArticleSearch) -> None:
    question = "onde digito o valor que contei no final do dia?"
    assert library.search(question, product="TILL").confidence > library.search(question, product="APP").confidence


def test_the_module_lifts_its_own_articles_and_hides_none(library: ArticleSearch) -> None:
    def score(module: str | None) -> dict[str, float]:
        return {hit.article_id: hit.score for hit in library.search("papel na gaveta", module=module, limit=6).results}

    assert score("caixa")["fechar-caixa"] > score(None)["fechar-caixa"]
    assert score("caixa")["trocar-senha"] == score(None)["trocar-senha"]
    assert score("caixa").keys() == score(None).keys()


@pytest.mark.parametrize("nothing", ["", "   ", "?!", "😀😀", "\n"])
def test_a_message_without_words_finds_nothing(library: ArticleSearch, nothing: str) -> None:
    assert library.search(nothing) == NOTHING


def test_a_very_long_message_is_read_by_its_beginning(library: ArticleSearch) -> None:
    answer = library.search("como faço a sangria do caixa? " + "blá " * 50_000)
    assert "sangria-do-caixa" in [hit.article_id for hit in answer.results]


def test_articles_are_given_by_id(library: ArticleSearch) -> None:
    article = library.article("trocar-senha")
    assert article and article.title == "Troca da própria senha"
    assert library.article("nenhum") is None
    assert len(library.articles()) == 6


def test_the_same_question_always_gives_the_same_answer(library: ArticleSearch) -> None:
    assert library.search("troco de senha") == library.search("troco de senha")


@pytest.mark.parametrize(
    ("topic", "named"),
    [
        ("relatório", True),
        ("RELATORIOS", True),
        ("relatório do e-mail", True),
        ("relatório por fax", False),
        ("o", False),
        ("", False),
        ("???", False),
    ],
)
def test_a_title_bears_a_topic_if_every_word_of_it_stands_there_in_some_form(topic: str, named: bool) -> None:
    assert Hit("1", "Agendamento de envio de relatório por e-mail", "", "", 1).has_in_title(topic) is named

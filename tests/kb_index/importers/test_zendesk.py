"""The articles of a Help Center, as its API hands them out in pages, become articles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb_index.errors import ArticleError
from kb_index.importers.importing import Shelving
from tests.kb_index.importers.exports import HELP_CENTER, articles, help_center


def page(tmp_path: Path, **fields: Any) -> Path:
    file = tmp_path / "pagina.json"
    article = {"id": 1, "title": "Título", "body": "<p>Texto.</p>", "draft": False, **fields}
    file.write_text(json.dumps({"articles": [article]}))
    return file


def test_published_articles_are_imported_and_the_rest_is_told(tmp_path: Path) -> None:
    report = help_center(tmp_path)
    assert {article.id: article.title for article in articles(tmp_path).values()} == {
        "zendesk-360001": "Como fechar o caixa?",
        "zendesk-360002": "Sangria do caixa",
        "zendesk-360006": "Rastrear o entregador",
    }
    assert report.skipped == {
        "rascunho": ["Entrega por bicicleta"],
        "restrito a um grupo na origem (--restricted importa também)": ["Senha mestra"],
        "sem texto": ["Chamar o gerente"],
    }


def test_the_portuguese_text_wins_over_a_newer_translation(tmp_path: Path) -> None:
    help_center(tmp_path)
    body = articles(tmp_path)["zendesk-360002"].body
    assert body == (
        "Peça a *senha* do gerente e informe o valor.\n\n"
        "- Uma via fica na gaveta\n  - com assinatura\n- outra vai no malote\n"
    )


def test_links_lead_to_articles_and_not_to_one_without_text(tmp_path: Path) -> None:
    help_center(tmp_path)
    body = articles(tmp_path)["zendesk-360001"].body
    assert "[a sangria](/artigos/zendesk-360002)" in body
    assert "Chame o gerente ou abra um pedido." in body
    assert "[Imagem](https://ajuda.loja.test/hc/article_attachments/1/tela.png)" in body
    assert "[Vídeo](https://www.video.test/embed/1)" in body


def test_another_help_center_s_numbers_are_not_ours(tmp_path: Path) -> None:
    link = '<p>Veja <a href="https://outra.test/hc/pt-br/articles/1">lá</a>.</p>'
    help_center(tmp_path / "artigos", page(tmp_path, html_url="https://ajuda.loja.test/hc/articles/1", body=link))
    assert "[lá](https://outra.test/hc/pt-br/articles/1)" in articles(tmp_path / "artigos")["zendesk-1"].body


def test_sections_and_categories_give_the_module(tmp_path: Path) -> None:
    help_center(tmp_path, shelving=Shelving("TILL", None, {"caixa": "CAIXA", "Rotas": "ROTA"}))
    assert {article.id: article.module for article in articles(tmp_path).values()} == {
        "zendesk-360001": "CAIXA",
        "zendesk-360002": "CAIXA",
        "zendesk-360006": "ROTA",
    }


def test_one_page_alone_and_without_sections_is_enough(tmp_path: Path) -> None:
    help_center(tmp_path, HELP_CENTER / "articles-2.json")
    assert set(articles(tmp_path)) == {"zendesk-360002", "zendesk-360006"}


def test_restricted_articles_are_imported_on_demand(tmp_path: Path) -> None:
    help_center(tmp_path, shelving=Shelving(restricted=True))
    assert "zendesk-360005" in articles(tmp_path)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"body": None}, "sem texto"),
        ({"body": ""}, "sem texto"),
        ({"title": None}, "sem título"),
        ({"title": " \u0000 "}, "sem título"),
        ({"body": "<div>" * 2000}, "elementos aninhados demais"),
        ({"body": "x" * 5_000_001}, "passa de 5 milhões de caracteres"),
        ({"user_segment_ids": [3]}, "restrito a um grupo na origem (--restricted importa também)"),
    ],
)
def test_an_article_that_cannot_be_one_has_a_reason(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    assert list(help_center(tmp_path / "artigos", page(tmp_path, **fields)).skipped) == [reason]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"articles": [', "não é JSON válido"),
        ("", "não é JSON válido"),
        ("[" * 100_000, "níveis demais"),
        ('{"articles": null}', "nenhum artigo"),
        ('{"users": [{"id": 1}]}', "nenhum artigo"),
        ("17", "nenhum artigo"),
    ],
)
def test_a_file_that_is_no_export_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ArticleError, match=words):
        help_center(tmp_path / "artigos", tmp_path / "x.json")
    assert not (tmp_path / "artigos").exists()

"""Articles are read whole or refused with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.article import load_articles, parse_article
from kb_index.errors import ArticleError
from tests.kb_index.library import write_article

FILE = Path("007-abrir-loja.md")
GOOD = """---
id: abrir-loja
title: "Como abrir a loja: passo a passo"
product: TILL
module: CAIXA
questions:
  - "como começo o dia?"
  - "abrir o caixa"
---
## Para que serve
Libera as vendas do dia.
"""


def test_an_article_is_read_with_all_its_fields() -> None:
    article = parse_article(GOOD, FILE)
    assert (article.id, article.product, article.module) == ("abrir-loja", "TILL", "CAIXA")
    assert article.title == "Como abrir a loja: passo a passo"
    assert article.questions == ("como começo o dia?", "abrir o caixa")
    assert article.body == "## Para que serve\nLibera as vendas do dia.\n"
    assert article.url == "/artigos/abrir-loja"


def test_product_module_and_questions_may_be_absent() -> None:
    article = parse_article("---\nid: abrir-loja\ntitle: Abrir\n---\nTexto.", FILE)
    assert (article.product, article.module, article.questions) == (None, None, ())


def test_a_byte_order_mark_and_windows_line_ends_are_forgiven() -> None:
    assert parse_article("\ufeff" + GOOD.replace("\n", "\r\n"), FILE) == parse_article(GOOD, FILE)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("---\nid", "id", 1, "começar por uma linha ---"),
        ("---\n##", "##", 1, "segunda linha ---"),
        ('title: "Como abrir a loja: passo a passo"\n', "", 1, "falta o campo title"),
        ('title: "Como abrir a loja: passo a passo"', "title: Como abrir: passo", 3, "não é YAML válido"),
        ("id: abrir-loja", "id: Abrir Loja", 2, "letras minúsculas sem acento"),
        ("id: abrir-loja", "id: ação", 2, "letras minúsculas sem acento"),
        ("id: abrir-loja", "id: 12", 2, "entre aspas"),
        ("module: CAIXA", "module: [CAIXA]", 5, "precisa ser um texto"),
        ("module: CAIXA", "modulo: CAIXA", 5, "campo desconhecido modulo"),
        ('questions:\n  - "como começo o dia?"\n  - "abrir o caixa"', 'questions: "como começo?"', 6, "lista"),
        ('  - "abrir o caixa"', "  - 2026", 6, "só pode ter textos"),
        ("## Para que serve\nLibera as vendas do dia.\n", "\n", None, "sem texto"),
        ("## Para que serve\nLibera as vendas do dia.\n", "## Para que serve\n", None, "sem texto"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_remedy(old: str, new: str, line: int | None, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ArticleError, match=FILE.name) as caught:
        parse_article(GOOD.replace(old, new), FILE)
    assert caught.value.line == line
    assert words in caught.value.problem


def test_two_articles_may_not_share_an_id(tmp_path: Path) -> None:
    write_article(tmp_path, "abrir-loja", "Abrir", "Texto.").rename(tmp_path / "001-abrir-loja.md")
    write_article(tmp_path, "abrir-loja", "Outro", "Texto.").rename(tmp_path / "002-outro.md")
    with pytest.raises(ArticleError, match=r"002-outro\.md: o id abrir-loja já é de 001-abrir-loja\.md"):
        load_articles(tmp_path)


def test_a_folder_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="não existe"):
        load_articles(tmp_path / "nada")
    with pytest.raises(ArticleError, match="nenhum artigo"):
        load_articles(tmp_path)


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "001-velho.md").write_bytes(GOOD.encode("latin-1"))
    with pytest.raises(ArticleError, match=r"001-velho\.md: .*UTF-8"):
        load_articles(tmp_path)

"""A folder of Markdown and HTML files becomes articles that link to each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb_index.errors import ArticleError
from kb_index.importers.importing import Shelving
from tests.kb_index.importers.exports import articles, folder


def test_every_file_with_a_text_becomes_an_article(tmp_path: Path) -> None:
    report = folder(tmp_path)
    assert {article.id: article.title for article in articles(tmp_path).values()} == {
        "index": "Ajuda do caixa",
        "fechamento-do-caixa": "Como fechar o caixa: passo a passo",
        "sangria": "Sangria do caixa",
        "impressora-bobina": "Bobina",
        "entregas-index": "Acompanhar entregas",
    }
    assert report.skipped == {
        "rascunho": ["Entregas por bicicleta"],
        "sem texto": ["Página por escrever"],
        "o cabeçalho não é YAML válido": ["cabecalho-quebrado.md"],
    }


def test_front_matter_is_used_and_its_unknown_fields_are_not(tmp_path: Path) -> None:
    folder(tmp_path)
    article = articles(tmp_path)["fechamento-do-caixa"]
    assert (article.product, article.module) == ("TILL", "CAIXA")
    assert article.questions == (
        "acabou o turno, como encerro a gaveta?",
        "fechamento diário",
        "E se o valor não bater?",
    )


def test_the_text_keeps_lists_tables_code_and_no_repeated_title(tmp_path: Path) -> None:
    folder(tmp_path)
    body = articles(tmp_path)["fechamento-do-caixa"].body
    assert body.startswith("Feche o caixa **antes** de desligar")
    assert "2. Abra `Caixa > Fechamento` e digite o valor contado.\n   - Moedas contam à parte." in body
    assert "| até R$ 5,00 | confirme e siga |" in body
    assert "```sql\nSELECT total FROM caixa WHERE dia = '2024-03-01'\n```" in body


@pytest.mark.parametrize(
    ("article", "link"),
    [
        ("index", "[fechar o caixa](/artigos/fechamento-do-caixa)"),
        ("index", "[trocar a bobina](/artigos/impressora-bobina)"),
        ("index", "[entregas](/artigos/entregas-index)"),
        ("index", "[fale conosco](https://ajuda.loja.test/contato)"),
        ("index", "leia o contrato."),
        ("fechamento-do-caixa", "[sangria](/artigos/sangria) e o [começo](/artigos/index)"),
        ("sangria", "[fechamento](/artigos/fechamento-do-caixa)"),
    ],
)
def test_links_between_files_lead_between_articles(tmp_path: Path, article: str, link: str) -> None:
    folder(tmp_path)
    assert link in articles(tmp_path)[article].body


def test_an_old_page_in_another_encoding_keeps_its_accents_and_loses_its_scripts(tmp_path: Path) -> None:
    folder(tmp_path)
    article = articles(tmp_path)["sangria"]
    assert "É preciso a **senha** do gerente." in article.body
    assert "Depois imprima o comprovante" in article.body
    assert article.questions == ("Posso desfazer uma sangria?",)
    for gone in ("javascript", "rastrear", "onclick", "Início", "© Loja", "color: red"):
        assert gone not in article.body


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    origin = tmp_path / "origem"
    origin.mkdir()
    (origin / "acao.md").write_bytes("# Ação\r\n\r\nTransferência — já".encode(encoding))
    folder(tmp_path / "artigos", origin)
    article = articles(tmp_path / "artigos")["acao"]
    assert (article.title, article.body) == ("Ação", "Transferência — já\n")


def test_the_encoding_that_a_page_declares_is_believed(tmp_path: Path) -> None:
    origin = tmp_path / "origem"
    origin.mkdir()
    (origin / "a.html").write_bytes('<meta charset="ISO-8859-2"><p>łódź</p>'.encode("iso-8859-2"))
    (origin / "b.html").write_bytes('<meta charset="idna"><p>ação</p>'.encode("windows-1252"))
    folder(tmp_path / "artigos", origin)
    assert articles(tmp_path / "artigos")["a"].body == "łódź\n"
    assert articles(tmp_path / "artigos")["b"].body == "ação\n"


def test_bytes_that_are_no_text_do_not_stop_the_import(tmp_path: Path) -> None:
    origin = tmp_path / "origem"
    origin.mkdir()
    (origin / "a.html").write_bytes(b"<p>ok \x00\x07\xff\x9d</p>")
    (origin / "b.md").write_bytes(bytes(range(256)))
    (origin / "c.md").write_text("---\ndata: 2024-99-99\n---\nx")
    folder(tmp_path / "artigos", origin)
    assert articles(tmp_path / "artigos")["a"].body.startswith("ok")


def test_hidden_files_and_links_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    origin = tmp_path / "origem"
    (origin / ".git").mkdir(parents=True)
    (tmp_path / "segredo.md").write_text("# Segredo\n\nNão é daqui.")
    (origin / ".git" / "nota.md").write_text("# Nota\n\nInterna.")
    (origin / "fora.md").symlink_to(tmp_path / "segredo.md")
    (origin / "dentro.md").write_text("# Dentro\n\nTexto.")
    folder(tmp_path / "artigos", origin)
    assert list(articles(tmp_path / "artigos")) == ["dentro"]


def test_a_file_too_large_is_left_out_and_said(tmp_path: Path) -> None:
    origin = tmp_path / "origem"
    origin.mkdir()
    (origin / "enorme.md").write_text("x" * 5_000_001)
    (origin / "fundo.html").write_text("<div>" * 3000 + "x")
    assert folder(tmp_path / "artigos", origin).skipped == {
        "passa de 5 MB": ["enorme.md"],
        "elementos aninhados demais": ["Fundo"],
    }


def test_two_files_of_one_id_give_one_article_and_a_reason(tmp_path: Path) -> None:
    origin = tmp_path / "origem"
    origin.mkdir()
    for name in ("um.md", "dois.md"):
        (origin / name).write_text(f"---\nid: mesmo\ntitle: {name}\n---\nTexto.")
    report = folder(tmp_path / "artigos", origin)
    assert report.skipped == {"o id mesmo já é de outro documento desta importação": ["um.md"]}


def test_the_module_comes_from_the_file_then_its_folder_then_the_default(tmp_path: Path) -> None:
    folder(tmp_path, shelving=Shelving("TILL", "GERAL", {"ENTREGAS": "ROTA"}))
    modules = {article.id: article.module for article in articles(tmp_path).values()}
    assert modules["fechamento-do-caixa"] == "CAIXA"
    assert modules["entregas-index"] == "ROTA"
    assert modules["sangria"] == "GERAL"


def test_a_folder_that_is_missing_or_has_no_texts_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="não existe"):
        folder(tmp_path, tmp_path / "nada")
    (tmp_path / "vazia").mkdir()
    with pytest.raises(ArticleError, match="nenhum artigo"):
        folder(tmp_path, tmp_path / "vazia")

"""The pages of a Confluence space, as its XML export holds them, become articles."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from kb_index.errors import ArticleError
from kb_index.importers.importing import Report, Shelving
from tests.kb_index.importers.exports import SPACE, articles, space, texts

_DUMP = """<?xml version="1.0" encoding="UTF-8"?>
{head}<hibernate-generic>
<object class="Page"><id name="id">1</id><property name="title"><![CDATA[Título]]></property></object>
<object class="BodyContent"><id name="id">2</id><property name="body"><![CDATA[{body}]]></property>
<property name="content" class="Page"><id name="id">1</id></property><property name="bodyType">2</property></object>
</hibernate-generic>"""


def page(tmp_path: Path, body: str, head: str = "") -> str:
    """The text of an article made of a page with this storage format."""
    (tmp_path / "entities.xml").write_text(_DUMP.format(head=head, body=body))
    space(tmp_path / "artigos", tmp_path)
    return articles(tmp_path / "artigos")["confluence-1"].body.strip()


@pytest.fixture
def imported(tmp_path: Path) -> Report:
    return space(tmp_path)


def test_only_current_pages_with_a_text_become_articles(tmp_path: Path, imported: Report) -> None:
    assert {article.id: article.title for article in articles(tmp_path).values()} == {
        "confluence-1001": "Ajuda da loja",
        "confluence-1003": "Fechar o caixa",
        "confluence-1004": "Sangria do caixa",
    }
    assert imported.skipped == {
        "sem texto": ["Frente de caixa"],
        "restrito a um grupo na origem (--restricted importa também)": ["Salários", "Bônus"],
        "rascunho": ["Promoções de junho"],
        "na lixeira": ["Caixa antigo"],
        "escrita no formato antigo do Confluence, anterior à versão 4": ["Página de 2009"],
    }
    assert not any("versão antiga" in text or "comentário" in text for text in texts(tmp_path).values())


@pytest.mark.parametrize(
    "markdown",
    [
        "> **Antes de desligar**\n>\n> Feche o caixa **antes** de desligar o computador.",
        "1. Conte o dinheiro da gaveta.\n   - Moedas à parte.\n     - Em sacos de 50.\n   - Vales não entram.\n2. Abra",
        "   > **Informação**\n   >\n   > Só aparece para quem abriu o caixa.",
        '**Pelo terminal**\n\n```bash\nfechar-caixa --dia "hoje" && echo <pronto>\n# fim\n```',
        "| até R$ 5,00 | • confirme • siga |\n| até R$ 5,00 | anote |\n| acima disso | chame o gerente \\| supervisor |",
        "**Posso reabrir um caixa fechado?**\n\nSó o gerente, no mesmo dia.\n\n> **Observação**\n>\n> Fica registrado.",
        "- ☑ Gaveta vazia\n- ☐ Malote lacrado",
        "Tela de fechamento [Imagem: Gaveta](https://imagens.loja.test/gaveta.png)",
        "Prazo: 10/05/2024. Situação: **VALE**",
    ],
)
def test_macros_lists_tables_and_tasks_are_kept(tmp_path: Path, imported: Report, markdown: str) -> None:
    assert markdown in articles(tmp_path)["confluence-1003"].body


@pytest.mark.parametrize("gone", ["LOJ-1", "smile", "escreva aqui", "ac:", "ri:", "CDATA", "]]", "## Fechar o caixa"])
def test_nothing_of_confluence_s_own_is_left(tmp_path: Path, imported: Report, gone: str) -> None:
    assert gone not in articles(tmp_path)["confluence-1003"].body


def test_links_lead_to_articles_by_title_and_by_number(tmp_path: Path, imported: Report) -> None:
    assert (
        "Veja [a sangria & a senha](/artigos/confluence-1004), o formulario.pdf, "
        "[o começo](/artigos/confluence-1001), Página que não existe e Salários."
    ) in articles(tmp_path)["confluence-1003"].body
    assert "Comece por [Fechar o caixa](/artigos/confluence-1003)." in articles(tmp_path)["confluence-1001"].body


def test_a_page_shown_in_another_is_linked_and_one_without_text_is_not(tmp_path: Path, imported: Report) -> None:
    body = articles(tmp_path)["confluence-1004"].body
    assert "Depois volte a frente **de caixa**." in body
    assert body.endswith("Veja também: [Fechar o caixa](/artigos/confluence-1003)\n")


def test_what_was_left_out_is_counted(imported: Report) -> None:
    assert imported.notes == {
        "links para anexos, que viraram texto": 1,
        "links sem destino, que viraram texto": 2,
        "imagens sem endereço público": 1,
        "macros sem equivalente (jira)": 1,
    }


def test_questions_are_the_headings_that_ask(tmp_path: Path, imported: Report) -> None:
    asked = articles(tmp_path)["confluence-1003"].questions
    assert asked == ("O valor não bateu?", "Posso reabrir um caixa fechado?")


def test_a_page_that_others_lie_under_can_give_the_module(tmp_path: Path) -> None:
    space(tmp_path, shelving=Shelving("TILL", "GERAL", {"frente de caixa": "CAIXA"}))
    modules = {article.id: article.module for article in articles(tmp_path).values()}
    assert modules == {"confluence-1001": "GERAL", "confluence-1003": "CAIXA", "confluence-1004": "CAIXA"}


def test_restricted_pages_and_those_under_them_are_imported_on_demand(tmp_path: Path) -> None:
    space(tmp_path, shelving=Shelving(restricted=True))
    assert {"confluence-1005", "confluence-1006"} <= set(articles(tmp_path))


def test_the_zip_gives_what_the_folder_gives_and_nothing_is_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "Confluence-export-loja.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        written.write(SPACE / "entities.xml", "entities.xml")
        written.writestr("../../fora.txt", "zip slip")
        written.writestr("attachments/1003/1/1", "pdf")
    space(tmp_path / "de-zip", archive)
    space(tmp_path / "de-pasta")
    assert texts(tmp_path / "de-zip") == texts(tmp_path / "de-pasta")
    assert not list(tmp_path.parent.glob("**/fora.txt"))


@pytest.mark.parametrize(
    ("storage", "markdown"),
    [
        ('<ac:structured-macro ac:name="code"><ac:plain-text-body><![CDATA[<!-- a --> b]] ></ac:plain-text-body>'
         "</ac:structured-macro>", "```\n<!-- a --> b\n```"),
        ('<ac:structured-macro ac:name="noformat"><ac:plain-text-body><![CDATA[x]]\u200b></ac:plain-text-body>'
         "</ac:structured-macro>", "```\nx\n```"),
        ('<ac:macro ac:name="tip"><ac:rich-text-body><p>a</p></ac:rich-text-body></ac:macro>', "> **Dica**\n>\n> a"),
        ('<ac:structured-macro ac:name="panel"><ac:rich-text-body><p>a</p></ac:rich-text-body></ac:structured-macro>',
         "> a"),
        ('<ac:structured-macro ac:name="nova"><ac:rich-text-body><p>a</p></ac:rich-text-body></ac:structured-macro>',
         "a"),
        ('<p>a <ac:inline-comment-marker ac:ref="1">b</ac:inline-comment-marker></p><!-- c -->', "a b"),
        ('<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="x">1</ac:adf-attribute></ac:adf-node>'
         "<ac:adf-fallback><p>a</p></ac:adf-fallback></ac:adf-extension>", "a"),
        ('<p>olá <ac:link><ri:user ri:account-id="7"/></ac:link> e <ac:link ac:anchor="x"><ac:link-body>aqui'
         "</ac:link-body></ac:link></p>", "olá e aqui"),
        ('<p><ac:emoticon ac:name="tick" ac:emoji-fallback="✅"/> feito</p>', "✅ feito"),
        ('<p>a</p><ac:structured-macro ac:name="info"><ac:rich-text-body><p>sem fim', "a\n\n> **Informação**\n>\n> sem fim"),
        ("<p>a<script>alert(1)</script> <a href='javascript:alert(1)' onclick='x'>b</a></p>", "a b"),
    ],
)  # fmt: skip
def test_a_construct_of_the_storage_format(tmp_path: Path, storage: str, markdown: str) -> None:
    assert page(tmp_path, storage) == markdown


def test_controls_and_broken_bytes_in_the_dump_are_mended(tmp_path: Path) -> None:
    dump = _DUMP.format(head="", body="<p>ação@</p>").encode().replace(b"@", b"\x0b\x1c \xff")
    (tmp_path / "entities.xml").write_bytes(dump)
    space(tmp_path / "artigos", tmp_path)
    assert articles(tmp_path / "artigos")["confluence-1"].body == "ação \ufffd\n"


_BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE hibernate-generic [<!ENTITY e0 "ha">{_BOMB}]>\n',
        '<!DOCTYPE hibernate-generic [<!ENTITY e0 SYSTEM "file:///etc/passwd">]>\n',
        '<!DOCTYPE hibernate-generic SYSTEM "http://mau.test/x.dtd">\n',
    ],
)
def test_entities_are_refused_before_they_are_read(tmp_path: Path, head: str) -> None:
    with pytest.raises(ArticleError, match="declara entidades"):
        page(tmp_path, "<p>x</p>", head)
    assert not (tmp_path / "artigos").exists()


def test_a_file_that_is_no_export_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="não existe"):
        space(tmp_path, tmp_path / "nada.zip")
    with pytest.raises(ArticleError, match=r"não há entities\.xml"):
        space(tmp_path, tmp_path)
    (tmp_path / "entities.xml").write_text("<hibernate-generic>\n<object>\n</hibernate-generic>")
    with pytest.raises(ArticleError, match=r"linha 3: o arquivo não é XML válido"):
        space(tmp_path, tmp_path)
    with zipfile.ZipFile(tmp_path / "html.zip", "w") as archive:
        archive.writestr("index.html", "<p>x</p>")
    with pytest.raises(ArticleError, match=r"o zip não tem entities\.xml"):
        space(tmp_path, tmp_path / "html.zip")


def test_a_dump_beyond_all_measure_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb_index.importers.confluence._LARGEST_FILE", 1000)
    with pytest.raises(ArticleError, match="grande demais"):
        space(tmp_path)


def test_a_damaged_zip_is_named(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        written.write(SPACE / "entities.xml", "entities.xml")
    data = bytearray(archive.read_bytes())
    data[200:400] = bytes(200)
    archive.write_bytes(data)
    with pytest.raises(ArticleError, match="está danificado ou tem senha"):
        space(tmp_path / "artigos", archive)

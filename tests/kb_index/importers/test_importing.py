"""A second import changes nothing, a changed source changes its article, and a person's work is never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kb_index.__main__ import main
from kb_index.article import parse_article
from kb_index.build import build
from kb_index.encoder import OnnxEncoder
from kb_index.importers.importing import Report, Shelving
from kb_index.importers.shelf import Outcome
from kb_index.search import ArticleSearch
from tests.kb_index.importers.exports import EXPORTS, articles, folder, help_center, space, texts
from tests.kb_index.library import write_article, write_others


def help_center_of(home: Path, *bodies: str) -> Path:
    """A page of articles numbered from 1."""
    rows = [{"id": number, "title": f"Artigo {number}", "body": body} for number, body in enumerate(bodies, 1)]
    (home / "pagina.json").write_text(json.dumps({"articles": rows}))
    return home / "pagina.json"


@pytest.mark.parametrize("bring", [folder, space, help_center])
def test_the_same_source_twice_changes_nothing(tmp_path: Path, bring: Callable[[Path], Report]) -> None:
    first = bring(tmp_path)
    before = texts(tmp_path)
    second = bring(tmp_path)
    assert texts(tmp_path) == before
    assert second.outcomes == {Outcome.UNCHANGED: first.outcomes[Outcome.ADDED]}
    assert second.skipped == first.skipped


def test_three_systems_share_a_folder(tmp_path: Path) -> None:
    for bring in (folder, space, help_center):
        bring(tmp_path)
    assert len(articles(tmp_path)) == 11


def test_a_changed_source_changes_its_article_under_whatever_name_it_lies(tmp_path: Path) -> None:
    into = tmp_path / "artigos"
    help_center(into, help_center_of(tmp_path, "<p>antes</p>", "<p>igual</p>"))
    (into / "zendesk-1.md").rename(into / "101-um.md")
    report = help_center(into, help_center_of(tmp_path, "<p>depois</p>", "<p>igual</p>"))
    assert report.outcomes == {Outcome.UPDATED: 1, Outcome.UNCHANGED: 1}
    assert sorted(texts(into)) == ["101-um.md", "zendesk-2.md"]
    assert articles(into)["zendesk-1"].body == "depois\n"


@pytest.mark.parametrize(("old", "new"), [("antes", "antes e mais"), ("Artigo 1", "Outro título"), ("TILL", "APP")])
def test_an_article_edited_by_hand_is_never_written_over(tmp_path: Path, old: str, new: str) -> None:
    into = tmp_path / "artigos"
    help_center(into, help_center_of(tmp_path, "<p>antes</p>"))
    file = into / "zendesk-1.md"
    edited = file.read_text().replace(old, new)
    file.write_text(edited)
    report = help_center(into, help_center_of(tmp_path, "<p>depois</p>"))
    assert file.read_text() == edited
    assert report.skipped == {"editado à mão depois da importação (zendesk-1.md)": ["Artigo 1"]}


def test_line_ends_and_blanks_that_an_editor_changes_are_no_edit(tmp_path: Path) -> None:
    into = tmp_path / "artigos"
    help_center(into, help_center_of(tmp_path, "<p>um<br>dois</p>"))
    file = into / "zendesk-1.md"
    file.write_bytes(file.read_text().replace("  \n", "\n").replace("\n", "\r\n").encode())
    assert help_center(into, help_center_of(tmp_path, "<p>três</p>")).outcomes == {Outcome.UPDATED: 1}


def test_links_to_an_edited_article_stay(tmp_path: Path) -> None:
    into = tmp_path / "artigos"
    pages = help_center_of(tmp_path, '<p>veja <a href="/hc/articles/2">o outro</a></p>', "<p>texto</p>")
    help_center(into, pages)
    before = (into / "zendesk-1.md").read_text()
    (into / "zendesk-2.md").write_text((into / "zendesk-2.md").read_text() + "\nE mais.\n")
    help_center(into, pages)
    assert (into / "zendesk-1.md").read_text() == before
    assert "[o outro](/artigos/zendesk-2)" in before


def test_a_person_s_own_article_keeps_its_id_and_its_file(tmp_path: Path) -> None:
    into = tmp_path / "artigos"
    write_article(into, "zendesk-1", "Meu", "Texto.").rename(into / "meu.md")
    write_article(into, "outro", "Outro", "Texto.").rename(into / "zendesk-2.md")
    (into / "zendesk-3.md").write_bytes(b"\xff\xfe nem texto")
    before = {file: file.read_bytes() for file in into.iterdir()}
    report = help_center(into, help_center_of(tmp_path, "<p>a</p>", "<p>b</p>", "<p>c</p>"))
    assert {file: file.read_bytes() for file in into.iterdir()} == before
    assert report.skipped == {
        "o id zendesk-1 já é de meu.md": ["Artigo 1"],
        "já existe um arquivo zendesk-2.md": ["Artigo 2"],
        "já existe um arquivo zendesk-3.md": ["Artigo 3"],
    }


def test_an_article_whose_source_is_no_longer_one_is_pointed_out(tmp_path: Path) -> None:
    into = tmp_path / "artigos"
    help_center(into, help_center_of(tmp_path, "<p>texto</p>"))
    report = help_center(into, help_center_of(tmp_path, ""))
    assert report.skipped == {"sem texto, mas importado antes: apague zendesk-1.md se não vale mais": ["Artigo 1"]}
    assert (into / "zendesk-1.md").exists()


def test_folders_of_one_shape_do_not_take_each_other_s_articles(tmp_path: Path) -> None:
    for name in ("um", "dois"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.md").write_text(f"# {name}\n\nTexto de {name}.")
    into = tmp_path / "artigos"
    folder(into, tmp_path / "um")
    report = folder(into, tmp_path / "dois")
    assert report.skipped == {"o id index já é de index.md": ["dois"]}
    assert articles(into)["index"].title == "um"


def test_a_title_may_hold_anything(tmp_path: Path) -> None:
    rows = [{"id": 1, "title": 'a: "b" \n---\n# c \u2028 é 🙂', "body": "<p>x</p>\n<hr>\n<p>y</p>"}]
    (tmp_path / "p.json").write_text(json.dumps({"articles": rows}))
    for outcome in (Outcome.ADDED, Outcome.UNCHANGED):
        report = help_center(tmp_path / "artigos", tmp_path / "p.json", Shelving())
        assert report.outcomes == {outcome: 1}
    article = articles(tmp_path / "artigos")["zendesk-1"]
    assert article.title == 'a: "b" --- # c é 🙂'
    assert (article.body, article.product, article.module) == ("x\n\n---\n\ny\n", None, None)


def test_the_command_imports_and_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    into = tmp_path / "artigos"
    command = ["import", "zendesk", str(EXPORTS / "zendesk"), "--into", str(into), "--product", "TILL"]
    assert main([*command, "--map", "Rotas=ROTA", "--module", "CAIXA"]) == 0
    printed = capsys.readouterr().out
    assert "Importados: 3 (3 novos, 0 atualizados). Sem mudança: 0. Deixados de fora: 3." in printed
    assert "  rascunho: Entrega por bicicleta\n" in printed
    assert "Retirado dos textos (links sem destino, que viraram texto: 1)." in printed
    assert f"python -m kb_index build --articles {into}" in printed
    text = (into / "zendesk-360006.md").read_text()
    assert parse_article(text, into).module == "ROTA"


def test_a_mistake_is_a_sentence_and_not_a_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "confluence", str(tmp_path / "x.zip"), "--into", str(tmp_path)]) == 1
    assert "x.zip: o arquivo ou a pasta de origem não existe" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["import", "zendesk", "x", "--into", "y", "--map", "sem-igual"])
    assert "NOME=MÓDULO" in capsys.readouterr().err


def test_an_imported_article_is_found(tmp_path: Path, encoder: OnnxEncoder) -> None:
    into = tmp_path / "artigos"
    for bring in (folder, space, help_center):
        bring(into)
    build(into, tmp_path / "index", encoder=encoder, unanswerable=write_others(tmp_path))
    hits = ArticleSearch.open(tmp_path / "index", encoder).search("trocar o papel da impressora, bobina").results
    assert hits[0].url == "/artigos/impressora-bobina"

"""HTML of any origin becomes Markdown that renders as it was meant, and is safe."""

from __future__ import annotations

from collections import Counter

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kb_index.importers.conversion import LOST_LINK, LOST_PICTURE, STRUCK_OUT, to_markdown
from kb_index.importers.document import Notes
from kb_index.markdown import split_passages, to_safe_html


def convert(html: str, title: str = "Título", targets: dict[str, str] | None = None) -> str:
    return to_markdown(html, title, (targets or {}).get, Counter()).markdown.strip()


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>Um.</p><p>Dois.</p>", "Um.\n\nDois."),
        ("<p>sem fim<p>de parágrafo", "sem fim\n\nde parágrafo"),
        ("<ul><li>um<li>dois</ul>", "- um\n- dois"),
        ("<ol start=3><li>três<ul><li>dentro</li></ul></li></ol>", "3. três\n   - dentro"),
        ("<b>Não</b> feche <i>antes</i>", "**Não** feche *antes*"),
        ("<strong><p>um</p><p>dois</p></strong>", "um\n\ndois"),
        ("<pre><code class='language-sql'>select 1\n\nfrom x</code></pre>", "```sql\nselect 1\n\nfrom x\n```"),
        ("<pre>um ``` dentro</pre>", "````\num ``` dentro\n````"),
        ("<details><summary>Mais</summary><p>texto</p></details>", "**Mais**\n\ntexto"),
        ("<dl><dt>TMA</dt><dd>tempo médio</dd></dl>", "**TMA**\n\ntempo médio"),
        ("a&nbsp;b\u200b \xad c", "a b c"),
        ("<iframe src='//video.test/1'></iframe>", "[Vídeo](https://video.test/1)"),
        ("<header>x</header><main><p>y</p></main><footer>z</footer>", "y"),
    ],
)
def test_markup_is_kept_as_markdown(html: str, markdown: str) -> None:
    assert convert(html) == markdown


@pytest.mark.parametrize(
    "text",
    ["1. não é lista", "- nem esta", "# nem título", "> nem citação", "a_b_c e *asteriscos*", "[colchetes](x)",
     "| barra |", "<script>alert(1)</script>", "&amp; literal", "C:\\pasta\\*", "`crase`", "=== ", "10 + 5 = 15"],
)  # fmt: skip
def test_a_text_that_looks_like_markdown_is_shown_as_it_was_written(text: str) -> None:
    html = text.replace("&", "&amp;").replace("<", "&lt;")
    assert split_passages(convert(f"<p>{html}</p>")) == [text.strip()]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("<tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr>", ["A | B", "1 | 2"]),
        ("<tr><td>A</td><td>B</td></tr><tr><td>1</td></tr>", ["A | B", "1 |"]),
        ("<tr><td>A</td><td>B</td></tr><tr><td rowspan=2>1</td><td>2</td></tr><tr><td>3</td></tr>",
         ["A | B", "1 | 2", "1 | 3"]),
        ("<tr><td colspan=2>A</td><td>B</td></tr><tr><td>1</td><td>2</td><td>3</td></tr>", ["A | | B", "1 | 2 | 3"]),
        ("<tr><td>A</td><td>B</td></tr><tr><td><p>x</p><ul><li>y<li>z</ul></td><td><code>a|b</code></td></tr>",
         ["A | B", "x • y • z | a|b"]),
        ("<tr><td><table><tr><td>x</td><td>y</td></tr></table></td><td>B</td></tr><tr><td>1</td><td>2</td></tr>",
         ["x y | B", "1 | 2"]),
    ],
)  # fmt: skip
def test_a_table_keeps_its_columns(table: str, rows: list[str]) -> None:
    (passage,) = split_passages(convert(f"<table>{table}</table>"))
    assert " ".join(passage.split()) == " ".join(rows)


def test_a_table_for_looks_only_becomes_paragraphs() -> None:
    assert convert("<table><tr><td>um</td></tr><tr><td>dois</td></tr></table>") == "um\n\ndois"
    assert convert("<table><tr><td>um</td><td>dois</td></tr></table>") == "um\n\ndois"


def test_the_title_is_not_said_twice_and_headings_start_at_the_second_level() -> None:
    assert convert("<h1>titulo</h1><h1>Um</h1><h2>Dois</h2>") == "## Um\n\n### Dois"
    assert convert("<h2>Um</h2><h3>Dois</h3>") == "## Um\n\n### Dois"


def test_headings_that_ask_something_are_questions() -> None:
    html = "<h2>Como abro?</h2><p><b>E fecho?</b></p><p>Isto é texto?</p><h2>Passos</h2><h3>Como abro?</h3>"
    assert to_markdown(html, "Título", lambda _: None, Counter()).questions == ("Como abro?", "E fecho?")


def test_links_lead_to_articles_or_to_a_public_address_and_others_are_text() -> None:
    notes: Notes = Counter()
    html = (
        "<a href='fechar.md'>fechar</a> <a href='https://loja.test/a (b)'>site</a> <a href='mailto:a@b.test'>e-mail</a> "
        "<a href='perdida.html'>perdida</a> <a href='#topo'>topo</a> <a name='x'>âncora</a> <a href='http://['>torto</a>"
    )
    markdown = to_markdown(html, "", {"fechar.md": "/artigos/fechar"}.get, notes).markdown
    assert markdown == (
        "[fechar](/artigos/fechar) [site](https://loja.test/a%20%28b%29) [e-mail](mailto:a@b.test) "
        "perdida topo âncora torto\n"
    )
    assert notes[LOST_LINK] == 1


def test_a_picture_is_a_link_or_its_description() -> None:
    notes: Notes = Counter()
    html = (
        "<img src='https://i.test/a.png' alt='Tela'> <img src='a.png' alt='engrenagem'> <img src='b.png' alt='b.png'>."
    )
    assert (
        to_markdown(html, "", lambda _: None, notes).markdown == "[Imagem: Tela](https://i.test/a.png) engrenagem .\n"
    )
    assert notes[LOST_PICTURE] == 2


def test_what_was_struck_out_is_left_out_and_counted() -> None:
    notes: Notes = Counter()
    assert to_markdown("<p><del>2 h</del> 4 h</p>", "", lambda _: None, notes).markdown == "4 h\n"
    assert notes == {STRUCK_OUT: 1}


ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=' java\nscript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<p onclick='alert(1)' style='background:url(javascript:1)'>x</p>",
    "<svg/onload=alert(1)>",
    "<style>@import 'http://mau.test'</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='x.swf'></object>",
    "<a href='https://x.test/) <img src=x onerror=alert(1)>'>x</a>",
    "<img src='https://x.test/a.png' alt='](javascript:alert(1)) <script>'>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
]


def dangers(markdown: str) -> list[str]:
    """What a browser would run or load of it, however it is rendered; nothing, it is hoped."""
    found = []
    for html in (to_safe_html(markdown), MarkdownIt("commonmark").render(markdown)):
        for tag in BeautifulSoup(html, "html.parser").find_all(True):
            schemes = [str(tag[name]).partition(":")[0] for name in ("href", "src") if name in tag.attrs]
            found += [tag.name] if tag.name in {"script", "img", "svg", "style", "iframe", "object", "math"} else []
            found += [name for name in tag.attrs if name not in {"href", "rel", "class", "start"}]
            found += [scheme for scheme in schemes if scheme not in {"https", "mailto"}]
    return found


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_attack_survives(attack: str) -> None:
    markdown = convert(f"<p>Antes.</p>{attack}<p>Depois.</p>")
    assert dangers(markdown) == []
    assert "Antes." in markdown and "Depois." in markdown


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from([*ATTACKS, "<b>", "</p>", "<td>", "<li>", "<!--", "<![CDATA[", "&#0;", "]", "x", "</"]))
)
@example(["<![CDATA[", "<b>", "<table>"])
def test_no_heap_of_broken_markup_is_dangerous(parts: list[str]) -> None:
    assert dangers(convert("".join(parts))) == []


@pytest.mark.parametrize("markup", ["<div>", "<b>", "<ul><li>", "<blockquote>", "<table><tr><td>"])
def test_elements_nested_too_deep_are_refused_at_once(markup: str) -> None:
    with pytest.raises(RecursionError):
        convert(markup * 5000 + "x")

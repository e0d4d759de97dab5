"""The text of a page, whatever the page is like."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.mail_in.page_text import page_text


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("Olá<br>mundo", "Olá\nmundo"),
        ("<p>um</p><p>dois</p>", "um\n\ndois"),
        ("<div>um</div><div>dois</div>", "um\ndois"),
        ("a &amp; b &lt;c&gt; &eacute;&nbsp;d", "a & b <c> é d"),
        ("<ul><li>um<li>dois</ul>", "- um\n- dois"),
        ("<table><tr><th>Nome</th><td>Ana</td></tr><tr><td>x</td></tr></table>", "Nome Ana\nx"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("linhas\n  do   código", "linhas do código"),
        ("<blockquote>um<blockquote>dois</blockquote></blockquote>três", "> um\n> > dois\ntrês"),
        ("<head><title>T</title><style>x{}</style></head><script>if (a<b) {}</script>fim", "fim"),
        ("<div style='display: none'>oculto <b>isto</b></div>visto", "visto"),
        ("<!-- oculto -->visto<!-- e sem fim", "visto"),
        ("<a title='a > b' href=x>link</a>", "link"),
        ("3 < 4 e 5 > 4", "3 < 4 e 5 > 4"),
        ("<!doctype html><?xml x?>oi", "oi"),
        ("sem marcas", "sem marcas"),
    ],
)
def test_a_page_reads_as_it_is_seen(page, text):
    assert page_text(page) == text


@pytest.mark.parametrize(
    "page",
    [
        "<!--" * 100_000, "<!" * 200_000, "<a " * 150_000, '<a "<a" ' * 60_000, "<" * 500_000, "&#" * 200_000,
        "<blockquote>" * 40_000, "<div style='display:none'>" * 20_000, "<p>a" * 100_000, "</p>" * 100_000,
        "<a x='" * 80_000,
    ],
)  # fmt: skip
def test_no_page_takes_long(page):
    began = time.process_time()
    page_text(page)
    assert time.process_time() - began < 15


@given(st.text(alphabet="<>/!-ab \n\"'=&;#", max_size=300))
def test_no_page_breaks_the_reading(page):
    assert isinstance(page_text(page), str)

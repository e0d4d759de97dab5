"""Passages are short plain texts; HTML is safe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb_index.markdown import split_passages, to_safe_html

SENTENCE = "Confira o valor contado na gaveta antes de confirmar o fechamento. "


def test_short_neighbours_are_joined_and_lists_keep_their_numbers() -> None:
    assert split_passages("1. Conte o **dinheiro**.\n2. Abra `Caixa > Fechamento`.\n\n- Não\n  feche antes.") == [
        "1. Conte o dinheiro. 2. Abra Caixa > Fechamento. • Não feche antes."
    ]


def test_a_passage_never_crosses_a_heading_and_headings_are_none() -> None:
    assert split_passages("Começo.\n\n## Título\n\nFim.") == ["Começo.", "Fim."]


def test_a_table_gives_a_text_for_each_row() -> None:
    assert split_passages("| Nível | Prazo |\n|---|---|\n| **1** | 2 h |") == ["Nível | Prazo 1 | 2 h"]


def test_a_link_shows_its_text_and_raw_html_shows_nothing() -> None:
    assert split_passages("Veja [o manual](https://exemplo.test) <b onclick='x()'>agora</b>.") == [
        "Veja o manual agora."
    ]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    passages = split_passages(SENTENCE * 20)
    assert all(200 <= len(passage) <= 350 for passage in passages[:-1])
    assert all(passage.endswith(".") for passage in passages)
    assert " ".join(passages) == (SENTENCE * 20).strip()


@given(st.lists(st.text("abcdef", min_size=1, max_size=30), min_size=1, max_size=300))
def test_no_word_is_lost_and_no_passage_is_too_long(words: list[str]) -> None:
    passages = split_passages(" ".join(words))
    assert " ".join(passages).split() == words
    assert all(len(passage) <= 350 for passage in passages)


def test_html_keeps_headings_lists_tables_and_links() -> None:
    html = to_safe_html("## Título\n\n1. um\n\n| a |\n|---|\n| b |\n\n[site](https://exemplo.test)")
    for kept in ("<h2>Título</h2>", "<li>um</li>", "<td>b</td>", 'href="https://exemplo.test"'):
        assert kept in html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[clique](javascript:alert(1))",
        "<a href='javascript:alert(1)'>x</a>",
        "<iframe src='https://mau.test'></iframe>",
        "<svg onload=alert(1)>",
        "![x](data:text/html;base64,PHNjcmlwdD4=)",
        "<style>body{display:none}</style>",
    ],
)
def test_nothing_dangerous_gets_into_the_html(attack: str) -> None:
    html = to_safe_html(f"Antes.\n\n{attack}\n\nDepois.").lower()
    assert "antes." in html and "depois." in html
    for forbidden in ("<script", "onerror", "onload", 'href="javascript', "<iframe", "<svg", 'src="data', "<style"):
        assert forbidden not in html

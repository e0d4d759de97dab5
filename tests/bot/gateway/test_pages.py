"""The pages people open, as far as the server makes them."""

import re
from dataclasses import replace

import pytest

from tests.bot.filings import filing
from tests.bot.people import ANA, as_requester


async def test_the_first_page_is_the_conversation_in_portuguese(as_):
    html = (await as_().get("/")).text
    assert 'lang="pt-BR"' in html and "/widget/loader.js" in html and "JavaScript" in html


async def test_the_list_of_articles_leads_to_each(as_):
    html = (await as_().get("/artigos")).text
    for id in ("ligar-forno", "trocar-lampada", "abrir-caixa", "pesar-pao"):
        assert f'href="/artigos/{id}"' in html


def groups_of(html):
    """Titles of articles by the heading they stand under."""
    sections = re.findall(r"<section><h2>(.*?)</h2>(.*?)</section>", html, re.DOTALL)
    return {title: re.findall(r'href="/artigos/([\w-]+)"', listed) for title, listed in sections}


@pytest.mark.parametrize(
    ("product", "module"),
    [(None, None), ("OMNI", "NAO_EXISTE"), ("NAO_EXISTE", "CHAT"), ("OMNI", None), (None, "CHAT")],
)
async def test_an_article_that_no_module_claims_is_listed_with_the_rest(as_, assembly, monkeypatch, product, module):
    first, *others = assembly.articles.articles()
    known = [replace(article, product="OMNI", module="CHAT") for article in others]
    stray = replace(first, product=product, module=module)
    monkeypatch.setattr(assembly.articles, "articles", lambda: [*known, stray])
    groups = groups_of((await as_().get("/artigos")).text)
    assert list(groups)[-1] == "Outros assuntos" and groups["Outros assuntos"] == [stray.id]
    assert sorted(id for listed in groups.values() for id in listed) == sorted(
        article.id for article in [*known, stray]
    )


async def test_a_search_leads_to_what_it_found(as_):
    html = (await as_().get("/artigos", params={"q": "ligar o forno"})).text
    assert 'href="/artigos/ligar-forno"' in html and "para “ligar o forno”" in html


async def test_a_search_that_no_article_answers_says_so_beside_what_comes_nearest(as_):
    html = (await as_().get("/artigos", params={"q": "qual a previsão do tempo amanhã"})).text
    assert "chegam mais perto" in html and 1 <= html.count("<li><a") <= 5
    nothing = (await as_().get("/artigos", params={"q": "???"})).text
    assert "Nada encontrado" in nothing and 'href="/">pergunte na conversa' in nothing


@pytest.mark.parametrize("topic", ["forno", "FORNOS", "ligar forno"])
async def test_a_bare_topic_lists_the_articles_that_bear_it_in_their_title(as_, assembly, monkeypatch, topic):
    answer = replace(assembly.articles.search(topic), answerable=False)
    monkeypatch.setattr(assembly.articles, "search", lambda *_, **__: answer)
    html = (await as_().get("/artigos", params={"q": topic})).text
    assert f"1 resultado para “{topic}”" in html and html.count("<li><a") == 1
    assert 'href="/artigos/ligar-forno"' in html and "chegam mais perto" not in html


async def test_a_wide_table_in_an_article_is_moved_by_keyboard(as_, assembly, monkeypatch):
    article = replace(assembly.articles.article("ligar-forno"), body="| a | b |\n|---|---|\n| 1 | &lt;table&gt; |\n")
    monkeypatch.setattr(assembly.articles, "article", lambda id: article)
    html = (await as_().get("/artigos/ligar-forno")).text
    assert html.count('<div class="scroll" tabindex="0"') == html.count("</table></div>") == 1


async def test_what_was_searched_for_is_shown_as_text(as_):
    html = (await as_().get("/artigos", params={"q": '<script>alert(1)</script>"><img src=x>'})).text
    assert "<script>alert(1)" not in html and "<img src=x" not in html and "&lt;script&gt;" in html


async def test_an_article_is_shown_without_the_scripts_in_its_file(as_):
    response = await as_().get("/artigos/pesar-pao")
    assert response.status_code == 200 and "Como pesar o pão" in response.text
    assert "alert(1)" not in response.text


@pytest.mark.parametrize("path", ["/artigos/nada", "/artigos/..%2F..%2Fetc", "/artigos/<script>"])
async def test_a_page_that_is_not_there_is_a_page_that_says_so(as_, path):
    response = await as_().get(path)
    assert response.status_code == 404 and "<script>" not in response.text and "PC-<b>" not in response.text


async def test_the_page_of_a_ticket_tells_a_stranger_nothing_but_where_to_sign_in(as_, assembly):
    assembly.inbox.open("conversa-ana", "web", None)
    number = assembly.tickets.file(filing(as_requester(ANA, "conversa-ana"), what="segredo")).number
    there, not_there = [
        await as_().get(f"/chamados/{name}", headers={"Accept": "text/html"}) for name in (number, "PC-9999")
    ]
    assert (there.status_code, there.headers["location"]) == (303, f"/entrar?next=%2Fchamados%2F{number}")
    assert there.text == not_there.text.replace("PC-9999", number)


async def test_a_search_that_is_too_long_is_refused(as_):
    assert (await as_().get("/artigos", params={"q": "x" * 301})).status_code == 422

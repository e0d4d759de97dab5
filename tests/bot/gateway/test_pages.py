"""The pages people open, as far as the server makes them."""

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


async def test_a_search_leads_to_what_it_found(as_):
    html = (await as_().get("/artigos", params={"q": "ligar o forno"})).text
    assert 'href="/artigos/ligar-forno"' in html and "para “ligar o forno”" in html


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

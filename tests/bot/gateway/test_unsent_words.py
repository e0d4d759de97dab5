"""The session ends while somebody writes: the words are there again for them, for nobody else, and are sent once."""

import re
from html import unescape

import pytest
from sqlalchemy import func, select

from bot.gateway.browser_session import SESSION_COOKIE, writer_mark, writer_of
from bot.store.tables import ticket_messages, unsent_texts
from tests.bot.gateway.desk_of_aurora import SUPPORT, furnish, picture, said
from tests.bot.people import ANA, BRUNO, CARLA
from tests.stack import SECRET

TEXT = 'Linha um\nlinha <dois> & "três"'


@pytest.fixture
def numbers(assembly):
    return furnish(assembly)


@pytest.fixture
def number(numbers):
    return numbers["late"]


@pytest.fixture
def count(assembly):
    def count(table):
        with assembly.database.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    return count


def form_of(html):
    """What the form to answer with carries, apart from what is typed."""
    return {name: re.search(rf'name="{name}" value="([^"]+)"', html)[1] for name in ("key", "mark")}


def typed(html):
    return unescape(re.search(r'<textarea id="text".*?>(.*?)</textarea>', html, re.DOTALL)[1])


@pytest.fixture
async def late(at, number):
    """Ana's browser with the page open, her session over, and a way to send its form."""
    browser = at(ANA)
    form = form_of(await browser.page(f"/chamados/{number}"))
    browser.http.cookies.delete(SESSION_COOKIE)

    async def send(text=TEXT, act="responder", **more):
        return await browser.post(f"/chamados/{number}/{act}", text=text.replace("\n", "\r\n"), **{**form, **more})

    return send


def led_to(response):
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def test_the_words_are_there_again_on_the_ticket_and_signing_in_leads_to_them(late, at, number, count):
    before = count(ticket_messages)
    way = led_to(await late())
    assert way == f"/entrar?next=%2Fchamados%2F{number}%23escrever&guardado=true"
    assert "Guardamos o que você escreveu" in await at().page(way)
    html = await at(ANA).page(f"/chamados/{number}")
    assert typed(html) == TEXT and "Sua sessão terminou antes do envio. O que você escreveu está abaixo." in html
    assert count(ticket_messages) == before


async def test_the_words_are_sent_once_however_often_either_form_is_sent(late, at, number, count):
    before = count(ticket_messages)
    await late()
    await late()
    back = at(ANA)
    form = form_of(await back.page(f"/chamados/{number}"))
    for _ in range(2):
        assert led_to(await back.post(f"/chamados/{number}/responder", text=TEXT, **form)).endswith("#feito")
    assert led_to(await late()) == f"/entrar?next=%2Fchamados%2F{number}"
    assert count(ticket_messages) == before + 1 and count(unsent_texts) == 0
    assert typed(await back.page(f"/chamados/{number}")) == ""


async def test_words_that_were_sent_before_the_session_ended_are_not_kept(at, number, count):
    browser = at(ANA)
    form = form_of(await browser.page(f"/chamados/{number}"))
    await browser.post(f"/chamados/{number}/responder", text=TEXT, **form)
    browser.http.cookies.delete(SESSION_COOKIE)
    assert led_to(await browser.post(f"/chamados/{number}/responder", text=TEXT, **form)) == (
        f"/entrar?next=%2Fchamados%2F{number}"
    )
    assert count(unsent_texts) == 0


async def test_a_death_between_sending_and_forgetting_shows_nothing_to_send_again(
    late, at, assembly, number, monkeypatch
):
    await late()
    back = at(ANA)
    form = form_of(await back.page(f"/chamados/{number}"))
    monkeypatch.setattr(assembly.unsent, "forget", lambda *_: 1 / 0)
    assert (await back.post(f"/chamados/{number}/responder", text=TEXT, **form)).status_code == 500
    html = await back.page(f"/chamados/{number}")
    assert typed(html) == "" and "terminou antes do envio" not in html


async def test_the_words_come_back_when_signing_in_again_happened_in_another_tab(at, number, late):
    browser = at(ANA)
    old = form_of(await browser.page(f"/chamados/{number}"))
    again = at(ANA)
    again.token = browser.token  # the form of the tab that was left open
    assert led_to(await again.post(f"/chamados/{number}/responder", text=TEXT, **old)) == f"/chamados/{number}#escrever"
    assert typed(await again.page(f"/chamados/{number}")) == TEXT


async def test_a_session_that_ran_out_is_no_other_case(at, number, clock):
    browser = at(ANA)
    form = form_of(await browser.page(f"/chamados/{number}"))
    clock.advance(days=15)
    assert "guardado=true" in led_to(await browser.post(f"/chamados/{number}/responder", text=TEXT, **form))
    assert typed(await at(ANA).page(f"/chamados/{number}")) == TEXT


async def test_files_are_not_kept_and_that_is_said(late, at, number):
    await late(files=[("files", ("tela.png", picture(), "image/png"))])
    assert "O navegador não guarda arquivos: escolha-os de novo." in await at(ANA).page(f"/chamados/{number}")
    await late()
    assert "escolha-os de novo" not in await at(ANA).page(f"/chamados/{number}")


async def test_nobody_else_sees_the_words(late, at, number, count):
    await late()
    for person in (BRUNO, SUPPORT):
        browser = at(person)
        assert TEXT.splitlines()[0] not in await browser.page(f"/chamados/{number}")
    assert count(unsent_texts) == 1


async def test_whoever_signed_in_meanwhile_at_the_same_browser_is_told_whose_words_they_are(at, number):
    form = form_of(await at(ANA).page(f"/chamados/{number}"))
    response = await at(BRUNO).post(f"/chamados/{number}/responder", text=TEXT, csrf="0" * 64, **form)
    assert response.status_code == 403 and "guardado para quem o escreveu" in response.text
    assert typed(await at(ANA).page(f"/chamados/{number}")) == TEXT
    assert typed(await at(BRUNO).page(f"/chamados/{number}")) == ""


async def test_another_site_plants_no_words(at, number, count):
    browser = at(ANA)
    form = form_of(await browser.page(f"/chamados/{number}"))
    browser.http.cookies.delete(SESSION_COOKIE)
    browser.http.headers["Origin"] = "https://mal.example"
    await browser.post(f"/chamados/{number}/responder", text="plantado", **form)
    assert count(unsent_texts) == 0


@pytest.mark.parametrize("mark", ["", "inventado", "x" * 5_000])
async def test_words_without_their_writers_mark_are_not_kept(late, count, mark):
    assert led_to(await late(mark=mark)).endswith("PC-1001") and count(unsent_texts) == 0


async def test_a_mark_counts_for_its_form_on_its_ticket_only(late, numbers, at, count):
    form = form_of(await at(ANA).page(f"/chamados/{numbers['running']}"))
    await late(mark=form["mark"])
    await late(key="b" * 32)
    assert count(unsent_texts) == 0
    assert writer_of(ANA.token(), "PC-1", "a" * 32, SECRET) is None
    assert writer_of(writer_mark("a@x.example", "PC-1", "k", "outro" * 8), "PC-1", "k", SECRET) is None


async def test_a_refused_file_leaves_the_kept_words_theirs(late, at, number, count):
    before = count(ticket_messages)
    await late()
    back = at(ANA)
    form = form_of(await back.page(f"/chamados/{number}"))
    files = [("files", ("x.exe", b"MZ", "image/png"))]
    refused = await back.post(f"/chamados/{number}/responder", files=files, text="Mudei.", **form)
    assert typed(refused.text) == "Mudei." and form_of(refused.text)["key"] == form["key"]
    await back.post(f"/chamados/{number}/responder", text="Mudei.", **form_of(refused.text))
    assert typed(await back.page(f"/chamados/{number}")) == "" and count(ticket_messages) == before + 1


async def test_words_may_be_thrown_away(late, at, number, count):
    await late()
    back = at(ANA)
    await back.page(f"/chamados/{number}")
    assert led_to(await back.post(f"/chamados/{number}/descartar")) == f"/chamados/{number}?feito=descartado#feito"
    assert count(unsent_texts) == 0
    assert (await at(CARLA).post(f"/chamados/{number}/descartar")).status_code == 404


async def test_words_to_reopen_with_are_kept_and_shown_even_when_it_is_too_late(at, numbers, clock):
    browser, number = at(ANA), numbers["resolved"]
    form = form_of(await browser.page(f"/chamados/{number}"))
    browser.http.cookies.delete(SESSION_COOKIE)
    await browser.post(f"/chamados/{number}/reabrir", text=TEXT, **form)
    assert typed(await at(ANA).page(f"/chamados/{number}")) == TEXT
    clock.advance(days=8)
    html = await at(ANA).page(f"/chamados/{number}")
    assert "<textarea" not in html and "linha &lt;dois&gt;" in html


async def test_words_for_an_open_ticket_are_there_when_it_was_resolved_meanwhile(late, at, assembly, number):
    await late()
    assembly.handling.resolve(number, SUPPORT, said("Feito.", "r"))
    html = await at(ANA).page(f"/chamados/{number}")
    assert typed(html) == TEXT and "Reabrir chamado" in html


async def test_more_than_a_message_may_hold_is_cut(late, at, number):
    await late(text="x" * 30_000)
    assert len(typed(await at(ANA).page(f"/chamados/{number}"))) == 20_000

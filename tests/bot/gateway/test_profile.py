"""The page of the person who is signed in."""

import asyncio
import re
import time
from html import unescape

import jwt
import pytest

from bot.conversation.message import BotMessage
from bot.errors import InvalidRequest
from bot.gateway.profile_routes import checked_name
from tests.bot.gateway.conftest import TALK, assert_refused, post
from tests.bot.gateway.desk_of_aurora import file_ticket
from tests.bot.gateway.stream import listening
from tests.bot.people import ANA, BRUNO, Person
from tests.stack import SECRET

NOBODY = Person("Zeca", "zeca@casa.example", None)


async def called(browser):
    """The name in the header, or None."""
    found = re.search(r'href="/perfil".*?</span>(.*?)</a>', (await browser.get("/artigos")).text, re.DOTALL)
    return unescape(found[1]) if found else None


async def test_a_person_is_called_what_they_want(at, assembly):
    ana = at(ANA)
    html = await ana.page("/perfil")
    assert ANA.email in html and f'value="{ANA.name}"' in html and ANA.company in html
    response = await ana.post("/perfil", name="  Ana   d’Ávila ")
    assert (response.status_code, response.headers["location"]) == (303, "/perfil?feito=nome")
    assert await called(ana) == "Ana d’Ávila" and "Nome guardado." in await ana.page("/perfil?feito=nome")


async def test_colleagues_and_the_desk_see_the_name_from_then_on(at, assembly):
    ana, number = at(ANA), file_ticket(assembly, ANA, "a").number
    await ana.post("/perfil", name="Aninha")
    key = re.search(r'name="key" value="(\w+)"', await ana.page(f"/chamados/{number}"))[1]
    await ana.post(f"/chamados/{number}/responder", text="Oi", key=key)
    assert assembly.tickets.by_number(number).messages[-1].actor_name == "Aninha"
    assert await called(at(BRUNO)) == BRUNO.name


async def test_the_hosts_token_does_not_undo_the_name(at, as_, assembly):
    await at(ANA).post("/perfil", name="Aninha")
    talk = {"id": "m-1", "text": "oi"}
    await as_(ANA).post("/api/conversations/conversa-da-ana/messages", json=talk)
    assert await called(at(ANA)) == "Aninha"
    with assembly.database.read() as connection:
        told = connection.exec_driver_sql("select requester from inbound").scalar_one()
    assert "Aninha" in told and "Ana Prado" not in told


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "Escreva como"), ("  . ", "Escreva como"), ("42", "Escreva como"), ("x" * 81, "até 80"), ("<b>Ana</b>", "Use só letras"), ("Ana\u202e", "Use só letras"),
     ("ana@aurora.example", "Use só letras"), ("https://mal.example", "Use só letras"), ("www.mal.example", "endereço de um site"), ("Ana 👍", "Use só letras")],
)  # fmt: skip
async def test_what_nobody_can_be_called_by_is_refused_with_a_sentence_and_stays_in_the_form(at, name, sentence):
    ana = at(ANA)
    response = await ana.post("/perfil", name=name)
    assert response.status_code == 422 and sentence in response.text and "<b>Ana" not in response.text
    assert await called(ana) == ANA.name


@pytest.mark.parametrize("name", ["Zé", "J. R. Silva", "J.R. Silva", "Ana-Maria d'Ávila (TI)", "李雷", "Jose\u0301 2"])
def test_names_of_people_are_names(name):
    assert checked_name(name)


def test_a_name_stands_on_one_line():
    assert checked_name(" Ana\n\t Prado\0".replace("\0", "")) == "Ana Prado"
    with pytest.raises(InvalidRequest):
        checked_name("Ana\0")


@pytest.mark.parametrize("path", ["/perfil", "/perfil/sair-de-todos"])
async def test_only_this_browsers_form_changes_anything(at, path):
    ana = at(ANA)
    assert (await ana.post(path, csrf="0" * 64, name="Outra")).status_code == 403
    assert await called(ana) == ANA.name


async def test_whoever_is_not_signed_in_is_led_to_where_that_is_done(at):
    assert (await at().get("/perfil")).headers["location"] == "/entrar?next=%2Fperfil"
    for path in ("/perfil", "/perfil/sair-de-todos"):
        assert (await at().post(path, name="x")).headers["location"].startswith("/entrar?next=%2F")


async def test_leaving_everywhere_ends_every_session_of_the_person_and_of_nobody_else(at, clock):
    office, phone, bruno = at(ANA), at(ANA), at(BRUNO)
    clock.advance(seconds=1)
    response = await office.post("/perfil/sair-de-todos")
    assert (response.status_code, response.headers["location"]) == (303, "/entrar?saiu=true")
    assert await called(office) is None and await called(phone) is None and await called(bruno) == BRUNO.name
    clock.advance(milliseconds=1)
    assert await called(at(ANA)) == ANA.name


def token_of_conversation(html):
    """The identity token that the page gives its conversation, with an hour from now: the tests' clock is in the past."""
    token = re.search(r'data-token="([^"]+)"', html)[1]
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False})
    return jwt.encode({**claims, "exp": int(time.time()) + 3_600}, SECRET, algorithm="HS256")


@pytest.mark.parametrize("path", ["/perfil/sair-de-todos", "/sair"])
async def test_leaving_ends_the_conversation_of_a_page_that_is_still_open(at, as_, path):
    ana = at(ANA)
    token = token_of_conversation(await ana.page("/"))
    assert (await post(as_(token=token), text="oi")).status_code == 200
    await ana.post(path)
    for response in (
        await post(as_(token=token), text="ainda aqui"),
        await as_(token=token).get(f"/api/conversations/{TALK}/events"),
        await as_(token=token).get("/api/tickets"),
        await as_().post("/entrar/token", data={"token": token}),
    ):
        assert "Sua sessão terminou" in assert_refused(response, 401)["detail"]


async def test_leaving_everywhere_leaves_the_hosts_own_token_and_later_sessions_alone(at, as_, clock):
    ana = at(ANA)
    clock.advance(seconds=1)
    await ana.post("/perfil/sair-de-todos")
    clock.advance(milliseconds=1)
    for token in (ANA.token(), token_of_conversation(await at(ANA).page("/"))):
        assert (await post(as_(token=token), text="oi")).status_code == 200


async def test_leaving_everywhere_ends_what_an_open_page_still_hears(app, at, as_, assembly):
    ana = at(ANA)
    token = token_of_conversation(await ana.page("/"))
    await post(as_(token=token), text="oi")
    async with listening(app, f"/api/conversations/{TALK}/events", authorization=f"Bearer {token}") as stream:
        await ana.post("/perfil/sair-de-todos")
        await asyncio.to_thread(assembly.inbox.say, TALK, BotMessage("só para a Ana"), "agent")
        await assembly.sessions.ring(TALK)
        await stream.end()
        assert stream.events() == []


async def test_a_person_the_host_never_told_of_has_a_profile_too(at, clock):
    zeca = at(NOBODY)
    assert "Empresa" not in await zeca.page("/perfil")

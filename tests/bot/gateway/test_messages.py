"""The conversation over HTTP, as the interface describes it."""

import pytest

from bot.conversation.message import Choice
from bot.conversation.wording import UNAVAILABLE
from bot.store.outbox import Outbox
from tests.bot.conversation.engine import reply
from tests.bot.gateway.conftest import TALK, assert_refused, post, upload
from tests.bot.people import ANA, BRUNO, CARLA, DAVI
from tests.bot.tickets.samples import PNG

SIM = Choice("Sim, resolveu", "/choose_yes")


async def test_a_message_is_answered_with_the_fields_of_the_interface(as_, engine):
    engine.script["olá"] = reply("Isso resolve?", SIM, asking="article")
    response = await post(as_(), text="olá")
    assert response.status_code == 200
    answer = response.json()
    assert answer["messages"] == [
        {"text": "Isso resolve?", "choices": [{"title": SIM.title, "value": SIM.value}], "articles": []}
    ]
    assert (answer["asking"], answer["outcome"], answer["ticket"]) == ("article", None, None)


async def test_the_same_id_gives_the_same_answer_and_nothing_happens_twice(as_, engine):
    first = await post(as_(), id="m1", text="olá")
    assert (await post(as_(), id="m1", text="olá")).json() == first.json()
    assert len(engine.played) == 1


async def test_a_fragment_is_answered_with_pending_and_no_messages(as_, engine):
    answer = (await post(as_(), text="o chat", more=True)).json()
    assert answer["pending"] is True and answer["messages"] == []
    assert (await post(as_(), text="caiu")).json()["messages"][0]["text"] == "ouvi: o chat\ncaiu"


async def test_a_button_is_pressed_by_its_value(as_, engine):
    engine.script["olá"] = reply("Isso resolve?", SIM)
    await post(as_(), text="olá")
    await post(as_(), choice=SIM.value)
    assert engine.played[-1].payload == SIM.value


async def test_the_engine_hears_who_talks(as_, engine):
    await post(as_(ANA), text="olá")
    who = engine.played[0].requester
    assert (who.email, who.name, who.company, who.role) == (ANA.email, ANA.name, ANA.company, "requester")


async def test_of_an_anonymous_visitor_the_engine_hears_nothing(as_, engine):
    await post(as_(), text="olá")
    who = engine.played[0].requester
    assert (who.email, who.name, who.company, who.role) == (None, None, None, "requester")


async def test_nobody_becomes_somebody_by_what_the_body_says(as_, engine):
    await post(as_(), text="olá", requester={"role": "agent"}, email=ANA.email, metadata={"company": "x"})
    assert (engine.played[0].requester.email, engine.played[0].requester.role) == (None, "requester")


async def test_a_proven_address_speaks_for_its_conversation_only(as_, engine, assembly):
    await post(as_(), text="olá")
    assembly.verification.send_code(TALK, "eu@casa.example")
    code = Outbox(assembly.database, assembly.now).claim().payload["code"]
    assembly.verification.check(TALK, code)
    await post(as_(), text="meus chamados")
    await post(as_(), "conversa-outra", text="meus chamados")
    assert [turn.requester.email for turn in engine.played] == [None, "eu@casa.example", None]


@pytest.mark.parametrize("text", ["8 mil" * 1_600, "a\x00b", "👍", "linha\r\noutra", "<script>alert(1)</script>", "'; DROP TABLE x;--"])  # fmt: skip
async def test_strange_but_honest_texts_are_answered(as_, text):
    assert (await post(as_(), text=text)).status_code == 200


async def test_a_text_with_nul_characters_reaches_the_engine_without_them(as_, engine):
    await post(as_(), text="a\x00b")
    assert engine.played[0].text == "ab"


async def test_while_the_engine_is_down_the_answer_says_so_and_nothing_is_lost(as_, engine):
    engine.fail()
    response = await post(as_(), text="o chat caiu")
    assert (response.status_code, response.json()["messages"][0]["text"]) == (200, UNAVAILABLE)
    engine.recover()
    assert (await post(as_(), text="o chat caiu")).json()["messages"][0]["text"] == "ouvi: o chat caiu"


# Whose conversation


@pytest.mark.parametrize("caller", [None, BRUNO, CARLA], ids=["nobody", "colleague", "stranger"])
async def test_the_conversation_of_somebody_else_does_not_exist(as_, caller):
    await post(as_(ANA), text="segredo da ana")
    intruder = as_(caller)
    for response in (
        await post(intruder, text="oi"),
        await intruder.get(f"/api/conversations/{TALK}/messages"),
        await intruder.get(f"/api/conversations/{TALK}/events"),
        await upload(intruder, "print.png", PNG),
    ):
        assert_refused(response, 404, "segredo")


async def test_support_may_read_and_write_in_every_conversation(as_, engine):
    await post(as_(ANA), text="olá")
    assert (await as_(DAVI).get(f"/api/conversations/{TALK}/messages")).status_code == 200
    assert (await post(as_(DAVI), text="sou o Davi")).status_code == 200


async def test_support_does_not_become_the_owner_of_what_it_enters(as_):
    await post(as_(DAVI), text="sou o Davi")
    assert (await post(as_(ANA), text="olá")).status_code == 200
    assert (await post(as_(), text="olá")).status_code == 404


async def test_an_anonymous_conversation_is_its_visitors_until_somebody_shows_who_they_are(as_):
    await post(as_(), text="olá")
    assert (await post(as_(ANA), text="agora com nome")).status_code == 200
    assert (await post(as_(), text="e de novo sem")).status_code == 404


# History


async def test_everything_said_is_in_the_history_oldest_first(as_, engine):
    file = (await upload(as_(), "print.png", PNG)).json()
    await post(as_(), text="veja", attachments=[file["id"]])
    body = (await as_().get(f"/api/conversations/{TALK}/messages")).json()
    assert [(item["from"], item["text"]) for item in body["messages"]] == [("customer", "veja"), ("bot", "ouvi: veja")]
    (shown,) = body["messages"][0]["attachments"]
    assert shown["url"] == f"/api/attachments/{file['id']}?conversation={TALK}"
    assert (body["asking"], body["with_human"]) == (None, False)


async def test_a_conversation_nobody_began_has_no_history(as_):
    response = await as_().get("/api/conversations/nunca-comecou/messages")
    assert response.status_code == 200
    assert response.json() == {"messages": [], "asking": None, "with_human": False}

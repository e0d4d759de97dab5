"""What the bot or an agent says without being asked arrives by server-sent events, each once and in order."""

import asyncio

import pytest

from bot.conversation.message import BotMessage
from tests.bot.gateway.conftest import TALK, assert_refused, post
from tests.bot.gateway.stream import listening
from tests.bot.people import ANA

EVENTS = f"/api/conversations/{TALK}/events"


@pytest.fixture
def say(assembly):
    """Says something unasked, and rings the bell as whoever says it does."""

    async def say(text):
        await asyncio.to_thread(assembly.inbox.say, TALK, BotMessage(text), "agent")
        await assembly.sessions.ring(TALK)

    return say


@pytest.fixture(autouse=True)
async def begun(as_):
    await post(as_(), text="olá")


async def test_what_is_said_arrives_while_one_listens(app, say):
    async with listening(app, EVENTS) as stream:
        await say("bom dia, sou o Davi")
        await stream.until("sou o Davi")
    assert stream.status == 200 and stream.headers["content-type"].startswith("text/event-stream")
    assert stream.headers["cache-control"] == "no-store"


async def test_accents_arrive_as_they_are(app, say):
    async with listening(app, EVENTS) as stream:
        await say("situação: não há 👍")
        await stream.until("situação: não há 👍")


async def test_what_is_said_arrives_once_and_in_order(app, say):
    async with listening(app, EVENTS) as stream:
        for text in ("um", "dois", "três"):
            await say(text)
        await stream.until("três")
        await asyncio.sleep(0.1)
        assert [text for _, text in stream.events()] == ["um", "dois", "três"]


async def test_whoever_comes_back_gets_what_was_missed(app, say):
    async with listening(app, EVENTS) as stream:
        await say("um")
        await stream.until("um")
        last = stream.events()[-1][0]
    await say("dois")
    async with listening(app, EVENTS, last_event_id=str(last)) as stream:
        await stream.until("dois")
        assert [text for _, text in stream.events()] == ["dois"]


async def test_whoever_comes_new_gets_only_what_comes_new(app, say):
    await say("antes")
    async with listening(app, EVENTS) as stream:
        await say("depois")
        await stream.until("depois")
        assert [text for _, text in stream.events()] == ["depois"]


@pytest.mark.parametrize("last", ["nada", "-1", "", "1.5"])
async def test_a_place_that_is_no_number_is_the_end(app, say, last):
    await say("antes")
    async with listening(app, EVENTS, last_event_id=last) as stream:
        await say("depois")
        await stream.until("depois")
        assert [text for _, text in stream.events()] == ["depois"]


async def test_a_place_that_no_event_can_have_is_refused(as_):
    assert_refused(await as_().get(EVENTS, headers={"Last-Event-ID": "9" * 30}), 422, "999")


async def test_the_answer_to_a_request_is_no_event(app, as_, say):
    async with listening(app, EVENTS) as stream:
        await post(as_(), text="respondida na hora")
        await say("fim")
        await stream.until("fim")
        assert [text for _, text in stream.events()] == ["fim"]


async def test_another_conversation_is_not_heard(app, assembly, say):
    assembly.inbox.open("conversa-outra", "web", None)
    async with listening(app, EVENTS) as stream:
        assembly.inbox.say("conversa-outra", BotMessage("para outra pessoa"))
        await say("fim")
        await stream.until("fim")
        assert [text for _, text in stream.events()] == ["fim"]


async def test_two_listeners_of_one_conversation_both_hear(app, say):
    async with listening(app, EVENTS) as one, listening(app, EVENTS) as other:
        await say("para as duas telas")
        await asyncio.gather(one.until("telas"), other.until("telas"))


async def test_what_was_deferred_arrives_as_an_event(app, as_, assembly, engine, clock):
    async with listening(app, EVENTS) as stream:
        engine.fail()
        await post(as_(), text="o chat caiu")
        engine.recover()
        clock.advance(seconds=61)
        await assembly.turns.finish_waiting()
        await stream.until("ouvi: o chat caiu")


async def test_the_owner_hears_with_a_token(app, as_, say):
    await post(as_(ANA), text="sou a Ana")
    async with listening(app, EVENTS, authorization=f"Bearer {ANA.token()}") as stream:
        await say("olá, Ana")
        await stream.until("olá, Ana")

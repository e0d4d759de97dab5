"""The engine's client against an HTTP server that speaks as our channel inside Rasa does."""

import pytest

from bot.conversation.message import BotMessage, Choice
from bot.conversation.rasa_client import RasaClient
from bot.errors import DialogueUnavailable
from tests.bot.conversation.channel import Channel
from tests.bot.people import ANA, as_requester

ANAS = as_requester(ANA, "conversa-ana")
TURN, PARSE, HEALTH = "/webhooks/gateway/turn", "/webhooks/gateway/parse", "/webhooks/gateway/health"
FORGET = "/webhooks/gateway/conversations/conversa-ana"


def told(*messages, **more):
    return {"messages": list(messages), "slots": {}, "active_loop": None, **more}


@pytest.fixture
def channel():
    with Channel() as channel:
        yield channel


@pytest.fixture
async def client(channel):
    client = RasaClient(channel.url, "uma-senha", timeout_seconds=5)
    yield client
    await client.close()


async def turn(client, text="olá", payload=None, attachments=()):
    return await client.turn("conversa-ana:7", ANAS, text=text, payload=payload, attachments=list(attachments))


async def test_a_turn_goes_out_with_its_id_the_person_and_the_password(channel, client):
    channel.answers[TURN] = (200, told({"text": "oi"}))
    await turn(client, attachments=[{"id": "a1", "name": "print.png"}])
    ((method, path, body, password),) = channel.asked
    assert (method, path, password) == ("POST", TURN, "Bearer uma-senha")
    assert (body["sender"], body["message_id"], body["text"], body["payload"]) == (
        "conversa-ana", "conversa-ana:7", "olá", None,
    )  # fmt: skip
    metadata = body["metadata"]
    assert (metadata["email"], metadata["company"], metadata["role"]) == (ANA.email, ANA.company, "requester")
    assert metadata["attachments"] == [{"id": "a1", "name": "print.png"}] and metadata["is_command"] is False


async def test_a_command_goes_out_as_a_command_without_text(channel, client):
    channel.answers[TURN] = (200, told({"text": "oi"}))
    await turn(client, "Sim", payload="/choose_yes")
    body = channel.asked[0][2]
    assert (body["text"], body["payload"], body["metadata"]["is_command"]) == (None, "/choose_yes", True)


async def test_a_text_that_looks_like_a_command_goes_out_as_text(channel, client):
    channel.answers[TURN] = (200, told({"text": "oi"}))
    await turn(client, "/restart")
    body = channel.asked[0][2]
    assert (body["text"], body["payload"], body["metadata"]["is_command"]) == ("/restart", None, False)


async def test_bubbles_choices_and_articles_come_in_their_order(channel, client):
    article = {"id": "007", "title": "Como assar", "passage": "…", "url": "/artigos/007", "score": 0.9}
    said = ({"text": "Achei:", "custom": {"articles": [article]}},
            {"text": "Resolve?", "buttons": [{"title": "Sim", "payload": "/y"}, {"title": "Não", "payload": "/n"}]})  # fmt: skip
    channel.answers[TURN] = (200, told(*said))
    assert (await turn(client)).messages == (
        BotMessage("Achei:", (), (article,)),
        BotMessage("Resolve?", (Choice("Sim", "/y"), Choice("Não", "/n"))),
    )


async def test_how_a_turn_ended_is_read_beside_the_text(channel, client):
    said = {"text": "Aberto", "custom": {"outcome": "ticket", "ticket": "PC-1001"}}
    channel.answers[TURN] = (200, told(said))
    reply = await turn(client)
    assert (reply.outcome, reply.ticket, reply.messages) == ("ticket", "PC-1001", (BotMessage("Aberto"),))


async def test_a_sign_without_text_is_no_bubble(channel, client):
    channel.answers[TURN] = (200, told({"text": "Certo"}, {"custom": {"outcome": "cancelled"}}))
    reply = await turn(client)
    assert reply.outcome == "cancelled" and len(reply.messages) == 1


async def test_what_a_form_asks_for_is_what_is_asked(channel, client):
    channel.answers[TURN] = (
        200,
        told({"text": "Onde?"}, slots={"requested_slot": "where"}, active_loop="ticket_form"),
    )
    assert (await turn(client)).asking == "where"


async def test_outside_of_a_form_nothing_is_asked(channel, client):
    channel.answers[TURN] = (200, told({"text": "Oi"}, slots={"requested_slot": "where"}))
    assert (await turn(client)).asking is None


async def test_what_an_action_says_it_asks_wins_over_the_form(channel, client):
    said = {"text": "Continuamos?", "custom": {"asking": "resume"}}
    channel.answers[TURN] = (200, told(said, slots={"requested_slot": "where"}, active_loop="ticket_form"))
    assert (await turn(client)).asking == "resume"


async def test_an_engine_that_names_the_part_that_failed_is_unavailable_for_that(channel, client):
    channel.answers[TURN] = (503, {"failed": "action_server"})
    with pytest.raises(DialogueUnavailable) as caught:
        await turn(client)
    assert caught.value.part == "action_server"


@pytest.mark.parametrize(
    "answer",
    [(500, {}), (401, {}), (404, {}), (200, "não é json"), (503, "não é json"), (200, told())],
    ids=["500", "401", "404", "no json", "503 no json", "empty"],
)
async def test_an_engine_that_answers_amiss_is_unavailable(channel, client, answer):
    channel.answers[TURN] = answer
    with pytest.raises(DialogueUnavailable):
        await turn(client)


async def test_an_engine_that_is_too_slow_is_unavailable(channel):
    channel.answers[TURN], channel.seconds = (200, told({"text": "oi"})), 1.0
    client = RasaClient(channel.url, "uma-senha", timeout_seconds=0.2)
    with pytest.raises(DialogueUnavailable) as caught:
        await turn(client)
    assert caught.value.__cause__ is not None
    await client.close()


@pytest.fixture
async def nobody():
    """The client of an engine that is not there."""
    with Channel() as gone:
        client = RasaClient(gone.url, "uma-senha", timeout_seconds=2)
    yield client
    await client.close()


async def test_an_engine_that_is_not_there_is_unavailable(nobody):
    for call in (turn(nobody), nobody.understand("olá"), nobody.forget("conversa-ana")):
        with pytest.raises(DialogueUnavailable):
            await call
    assert not await nobody.answers()


async def test_an_engine_that_is_there_answers(channel, client):
    channel.answers[HEALTH] = (200, {"status": "ok"})
    assert await client.answers()


async def test_an_engine_without_a_model_does_not_answer(channel, client):
    channel.answers[HEALTH] = (503, {"failed": "model"})
    assert not await client.answers()


def parsed(name, confidence=0.9, entities=(), **more):
    intent = {"name": name, "confidence": confidence}
    return {"intent": intent, "intent_ranking": [intent] if name else [], "entities": list(entities), **more}


async def test_a_text_is_understood_with_goal_confidence_and_spans(channel, client):
    spans = [{"entity": "when", "value": "hoje"}, {"entity": "what", "value": "não abre"}]
    channel.answers[PARSE] = (200, parsed("report_error", 0.87, spans))
    understood = await client.understand("hoje não abre")
    assert (understood.goal, understood.confidence) == ("report_error", 0.87)
    assert understood.spans == {"when": "hoje", "what": "não abre"}


async def test_a_goal_that_cannot_bear_its_own_name_in_rasa_has_it_outside(channel, client):
    channel.answers[PARSE] = (200, parsed("start_over"))
    assert (await client.understand("do zero")).goal == "restart"


async def test_behind_the_fallback_stands_the_likeliest_goal(channel, client):
    ranking = [{"name": "nlu_fallback", "confidence": 0.7}, {"name": "greet", "confidence": 0.4}]
    channel.answers[PARSE] = (200, parsed("nlu_fallback", 0.7, intent_ranking=ranking))
    understood = await client.understand("oooi")
    assert (understood.goal, understood.confidence) == ("greet", 0.4)


async def test_a_text_without_a_goal_has_none(channel, client):
    channel.answers[PARSE] = (200, parsed(None, 0.0))
    assert (await client.understand("…")).goal is None


async def test_a_conversation_is_forgotten(channel, client):
    channel.answers[FORGET] = (200, {})
    await client.forget("conversa-ana")
    assert channel.asked[0][:2] == ("DELETE", FORGET)

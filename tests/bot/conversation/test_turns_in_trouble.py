"""What may come together when parts fail: each of these once lost or doubled something."""

from bot.conversation.message import Choice, CustomerMessage
from bot.conversation.sessions import Sessions
from bot.conversation.turns import Turns
from tests.bot.conversation.conftest import SILENCE, TALK
from tests.bot.conversation.engine import reply


async def test_a_long_outage_gives_up_no_conversation(talk, other_talk, turns, engine, clock):
    engine.fail()
    await talk.say("um")
    await other_talk.say("dois")
    for _ in range(6):
        clock.advance(seconds=61)
        await turns.finish_waiting()
    engine.recover()
    for _ in range(6):
        clock.advance(seconds=61)
        await turns.finish_waiting()
    assert (talk.events(), other_talk.events()) == (["ouvi: um"], ["ouvi: dois"])


async def test_an_outage_of_redis_gives_up_no_conversation(
    talk, other_talk, turns, engine, inbox, files, tmp_path, clock
):
    away = Sessions.connect(f"unix://{tmp_path}/away.sock?db=0")
    lonely = Turns(inbox, files, engine, away, lambda *_: None, SILENCE, clock)
    await type(talk)(lonely, inbox, talk.requester).hear("um", id="m1")
    await type(talk)(lonely, inbox, other_talk.requester).hear("dois", id="m1")
    clock.advance(seconds=61)
    for _ in range(10):
        clock.advance(seconds=1)
        await lonely.finish_waiting()
    await away.close()
    for _ in range(3):
        clock.advance(seconds=61)
        await turns.finish_waiting()
    assert (talk.events(), other_talk.events()) == (["ouvi: um"], ["ouvi: dois"])


async def test_the_same_text_sent_three_times_in_an_outage_counts_once(talk, engine):
    engine.fail()
    await talk.say("o chat caiu")
    await talk.say("o chat caiu")
    engine.recover()
    await talk.say("o chat caiu")
    assert engine.heard == ["o chat caiu"]


async def test_the_same_text_sent_twice_and_caught_up_later_counts_once(talk, engine, turns, clock):
    engine.fail()
    await talk.say("o chat caiu")
    await talk.say("o chat caiu")
    engine.recover()
    clock.advance(seconds=120)
    await turns.finish_waiting()
    assert engine.heard == ["o chat caiu"]


async def test_the_same_short_answer_to_the_next_question_counts_again(talk, engine, turns, clock):
    engine.fail()
    await talk.say("sim")
    engine.recover()
    clock.advance(seconds=61)
    await turns.finish_waiting()
    clock.advance(seconds=30)
    await talk.say("sim")
    assert engine.heard == ["sim", "sim"]


async def test_fragments_before_a_choice_are_answered_with_it(talk, engine):
    engine.script["olá"] = reply("Resolve?", Choice("Sim", "/y"))
    await talk.say("olá")
    await talk.say("espera", more=True)
    assert await talk.hear(choice="/y") == "ouvi: espera\nouvi: /y"


async def test_what_a_dead_process_left_is_answered_with_the_next_message(talk, engine, inbox, clock):
    inbox.open(TALK, "web", None)
    inbox.keep(TALK, CustomerMessage("m0", "o chat caiu"), talk.requester)  # and then the process died
    clock.advance(seconds=120)
    assert await talk.hear("alô?") == "ouvi: o chat caiu\nouvi: alô?"


async def test_one_conversation_that_breaks_stops_no_other(talk, other_talk, turns, engine, clock):
    engine.fail()
    await talk.say("um")
    await other_talk.say("dois")
    engine.recover()
    real = engine.turn

    async def broken(turn_id, requester, **k):
        if requester.conversation == TALK:
            raise KeyError("messages")
        return await real(turn_id, requester, **k)

    engine.turn = broken
    clock.advance(seconds=61)
    await turns.finish_waiting()
    assert other_talk.events() == ["ouvi: dois"]

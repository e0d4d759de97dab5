"""Turns: each message answered once and in order, whatever fails, with a real inbox and a real Redis."""

import asyncio

import pytest

from bot.conversation.message import Answer, Choice, CustomerMessage
from bot.conversation.sessions import Sessions
from bot.conversation.turns import Turns
from bot.conversation.wording import GIVEN_UP, UNAVAILABLE
from bot.errors import InvalidRequest
from bot.store.handovers import Handovers
from bot.text import has_words
from bot.tickets.draft import TicketDraft
from tests.bot.conversation.conftest import SILENCE, TALK
from tests.bot.conversation.engine import reply
from tests.bot.filings import filing
from tests.bot.people import DAVI, as_requester

SIM, NAO = Choice("Sim, resolveu", "/choose_yes"), Choice("Não, continuar", "/choose_no")


def said(answer: Answer) -> list[str | None]:
    return [message.text for message in answer.messages]


# One message


async def test_a_message_is_answered_by_the_engine(talk, engine):
    assert await talk.hear("olá") == "ouvi: olá"
    (turn,) = engine.played
    assert (turn.text, turn.payload, turn.attachments, turn.requester) == ("olá", None, (), talk.requester)


async def test_an_answer_brings_what_is_asked_and_how_it_ended(talk, engine):
    engine.script["fim"] = reply("Até logo", asking="anything_else", outcome="cancelled")
    answer = await talk.say("fim")
    assert (answer.asking, answer.outcome, answer.ticket, answer.pending) == ("anything_else", "cancelled", None, False)


async def test_an_answer_that_files_a_ticket_brings_the_ticket(talk, engine, tickets, inbox):
    inbox.open(TALK, "web", None)
    number = tickets.file(filing(talk.requester)).number
    engine.script["abrir"] = reply("Aberto", outcome="ticket", ticket=number)
    assert (await talk.say("abrir")).ticket == {"number": number}


async def test_the_same_id_twice_is_one_turn_with_one_answer(talk, engine):
    first = await talk.say("olá", id="m1")
    assert await talk.say("olá", id="m1") == first
    assert len(engine.played) == 1


async def test_the_same_id_with_other_words_gives_the_first_answer(talk, engine):
    first = await talk.say("olá", id="m1")
    assert await talk.say("outra coisa", id="m1") == first
    assert engine.heard == ["olá"]


async def test_the_same_id_twice_at_once_is_one_turn_with_one_answer(talk, engine):
    engine.seconds = 0.1
    first, second = await asyncio.gather(talk.say("olá", id="m1"), talk.say("olá", id="m1"))
    assert first == second and len(engine.played) == 1


async def test_the_same_words_under_two_ids_are_two_turns(talk, engine):
    await talk.say("olá")
    await talk.say("olá")
    assert engine.heard == ["olá", "olá"]


# Several messages


async def test_two_posts_at_once_are_played_one_after_the_other_and_each_gets_its_answer(talk, engine):
    engine.seconds = 0.1
    answers = await asyncio.gather(*(talk.say(f"texto {n}") for n in range(4)))
    assert [said(answer) for answer in answers] == [[f"ouvi: texto {n}"] for n in range(4)]
    assert sorted(engine.heard) == [f"texto {n}" for n in range(4)] and engine.crowd == 1


async def test_they_are_played_in_the_order_in_which_they_were_kept(talk, engine, inbox):
    engine.seconds = 0.1
    await asyncio.gather(*(talk.say(f"texto {n}") for n in range(4)))
    kept = [item["text"] for item in inbox.history(TALK) if item["from"] == "customer"]
    assert engine.heard == kept


async def test_two_processes_do_not_play_one_conversation_at_once(talk, turns, engine, inbox, files, redis_url, clock):
    """The second process has its own Redis connection, as a second gateway has."""
    sessions = Sessions.connect(redis_url)
    second = Turns(inbox, files, engine, sessions, lambda *_: None, SILENCE, clock)
    talk_of_second = type(talk)(second, inbox, talk.requester)
    engine.seconds = 0.1
    await asyncio.gather(talk.say("um", id="a"), talk_of_second.say("dois", id="b"))
    assert engine.crowd == 1 and sorted(engine.heard) == ["dois", "um"]
    await sessions.close()


async def test_two_conversations_do_not_wait_for_each_other(other_talk, sessions):
    async with sessions.turn_of(TALK), asyncio.timeout(10):
        assert await other_talk.hear("olá") == "ouvi: olá"


# Fragments


async def test_a_fragment_is_kept_and_answered_with_pending(talk, engine):
    answer = await talk.say("o chat", more=True)
    assert answer.pending and answer.messages == ()
    assert engine.played == []


async def test_a_message_without_more_closes_the_fragments_and_all_are_read_as_one(talk, engine):
    await talk.say("o chat", more=True)
    await talk.say("não abre", more=True)
    assert await talk.hear("desde cedo") == "ouvi: o chat\nnão abre\ndesde cedo"
    assert len(engine.played) == 1


async def test_fragments_are_read_as_one_after_a_silence_and_answered_by_an_event(talk, turns, engine, clock):
    await talk.say("o chat", more=True)
    await talk.say("não abre", more=True)
    assert await turns.finish_waiting() == 0
    clock.advance(seconds=SILENCE.total_seconds() + 0.1)
    assert await turns.finish_waiting() == 1
    assert engine.heard == ["o chat\nnão abre"]
    assert talk.events() == ["ouvi: o chat\nnão abre"]


async def test_a_fragment_posted_again_after_it_was_read_gives_the_answer_of_its_turn(talk):
    await talk.say("o chat", more=True, id="m1")
    answer = await talk.say("não abre", id="m2")
    assert await talk.say("o chat", more=True, id="m1") == answer


# Commands


async def test_a_choice_that_was_offered_is_played_with_its_title_kept(talk, engine, inbox):
    engine.script["olá"] = reply("Isso resolve?", SIM, NAO)
    await talk.say("olá")
    await talk.say(choice=SIM.value)
    assert engine.played[-1].payload == SIM.value
    heard = [item for item in inbox.history(TALK) if item["from"] == "customer"][-1]
    assert (heard["text"], heard["choice"]) == (SIM.title, SIM.value)


@pytest.mark.parametrize("choice", ["/choose_maybe", "/talk_to_human", "Sim, resolveu", "/choose_yes "])
async def test_a_choice_that_was_not_offered_is_refused_and_not_kept(talk, engine, inbox, choice):
    engine.script["olá"] = reply("Isso resolve?", SIM, NAO)
    await talk.say("olá")
    with pytest.raises(InvalidRequest, match="já não vale nesta conversa"):
        await talk.say(choice=choice)
    assert engine.heard == ["olá"] and len(inbox.open_turns(TALK)) == 0


async def test_a_choice_of_an_earlier_question_is_refused(talk, engine):
    engine.script["olá"] = reply("Isso resolve?", SIM)
    engine.script["e então"] = reply("Outra pergunta?", NAO)
    await talk.say("olá")
    await talk.say("e então")
    with pytest.raises(InvalidRequest):
        await talk.say(choice=SIM.value)


async def test_a_choice_posted_again_is_answered_again_though_it_is_not_offered_any_more(talk, engine):
    engine.script["olá"] = reply("Isso resolve?", SIM)
    await talk.say("olá")
    first = await talk.say(choice=SIM.value, id="m2")
    assert await talk.say(choice=SIM.value, id="m2") == first


async def test_a_choice_in_a_conversation_that_offered_nothing_is_refused(talk):
    with pytest.raises(InvalidRequest):
        await talk.say(choice=SIM.value)


async def test_a_text_that_is_an_offered_value_counts_as_the_choice(talk, engine):
    engine.script["olá"] = reply("Isso resolve?", SIM)
    await talk.say("olá")
    await talk.say(SIM.value)
    assert (engine.played[-1].payload, engine.played[-1].text) == (SIM.value, SIM.title)


@pytest.mark.parametrize("text", ["/choose_yes", "/restart", "/talk_to_human", '/choose{"field": "confirm"}'])
async def test_a_text_that_looks_like_a_command_nobody_offered_is_text(talk, engine, text):
    await talk.say(text)
    assert (engine.played[-1].text, engine.played[-1].payload) == (text, None)


@pytest.mark.parametrize("text", ["Sim, resolveu", "sim resolveu", " SIM, RESOLVEU! "])
async def test_the_title_of_an_offered_choice_typed_counts_as_the_choice(talk, engine, inbox, text):
    engine.script["olá"] = reply("Isso resolve?", SIM, NAO)
    await talk.say("olá")
    await talk.say(text)
    assert engine.played[-1].payload == SIM.value
    assert text in [said["text"] for said in inbox.history(TALK)]  # as it was typed


@pytest.mark.parametrize("text", ["sim", "resolveu", "sim, resolveu tudo", "não"])
async def test_words_that_are_no_title_are_text(talk, engine, text):
    engine.script["olá"] = reply("Isso resolve?", SIM, NAO)
    await talk.say("olá")
    await talk.say(text)
    assert (engine.played[-1].text, engine.played[-1].payload) == (text, None)


@pytest.mark.parametrize(("asking", "payload"), [("article", NAO.value), ("who", None)])
async def test_a_place_counts_as_the_choice_only_at_a_closed_question(talk, engine, asking, payload):
    engine.script["olá"] = reply("Isso resolve?", SIM, NAO, asking=asking)
    await talk.say("olá")
    await talk.say("a segunda")
    assert engine.played[-1].payload == payload


async def test_a_title_that_ends_a_thought_in_pieces_is_part_of_it(talk, engine):
    engine.script["olá"] = reply("Isso resolve?", SIM, NAO)
    await talk.say("olá")
    await talk.say("acho que", more=True)
    await talk.say(SIM.title)
    assert (engine.played[-1].text, engine.played[-1].payload) == (f"acho que\n{SIM.title}", None)


@pytest.mark.parametrize("text", ["", "   ", "👍", "?!", None])
async def test_a_message_with_nothing_to_read_is_the_command_for_that(talk, engine, text):
    assert not has_words(text or "")
    await talk.say(text)
    assert engine.played[-1].payload == "/say_nothing"


@pytest.fixture
def file(files, inbox):
    inbox.open(TALK, "web", None)
    return files.save(TALK, "print.png", "image/png", b"conteudo")


async def test_a_file_without_words_is_the_command_for_that(talk, engine, file):
    await talk.say(attachments=(file.id,))
    assert (engine.played[-1].payload, engine.played[-1].attachments) == ("/send_attachment", (file.id,))


async def test_a_file_with_words_is_read_as_words(talk, engine, file):
    await talk.say("veja o print", attachments=(file.id,))
    assert (engine.played[-1].payload, engine.played[-1].text) == (None, "veja o print")
    assert engine.played[-1].attachments == (file.id,)


async def test_a_file_of_another_conversation_does_not_reach_the_engine(other_talk, engine, file):
    await other_talk.say(attachments=(file.id,))
    assert (engine.played[-1].payload, engine.played[-1].attachments) == ("/say_nothing", ())


# With a human


async def test_after_a_handoff_the_engine_is_silent(talk, engine):
    engine.script["quero uma pessoa"] = reply("Passo você", outcome="handoff")
    assert (await talk.say("quero uma pessoa")).outcome == "handoff"
    answer = await talk.say("tem alguém aí?")
    assert (answer.messages, answer.pending) == ((), False)
    assert engine.heard == ["quero uma pessoa"]


async def test_when_the_human_gives_the_conversation_back_the_engine_answers(talk, engine, database, clock):
    engine.script["quero uma pessoa"] = reply("Passo você", outcome="handoff")
    await talk.say("quero uma pessoa")
    handovers, davi = Handovers(database, clock), as_requester(DAVI, TALK)
    handovers.take(TALK, davi, TicketDraft("rascunho-1"), talk.requester, "Oi, sou o Davi.")
    handovers.give_back(TALK, davi, "Devolvi a conversa.")
    assert await talk.hear("voltei") == "ouvi: voltei"


# When the engine fails


async def test_while_the_engine_is_down_the_answer_says_so(talk, engine):
    engine.fail()
    assert await talk.hear("o chat caiu") == UNAVAILABLE


async def test_while_the_engine_is_down_what_was_asked_stays_asked(talk, engine):
    engine.script["olá"] = reply("Qual produto?", asking="product")
    await talk.say("olá")
    engine.fail()
    assert (await talk.say("o chat")).asking == "product"


async def test_what_was_said_in_an_outage_is_answered_by_an_event_afterwards(talk, turns, engine, clock):
    engine.fail()
    await talk.say("o chat caiu")
    engine.recover()
    clock.advance(seconds=61)
    assert await turns.finish_waiting() == 1
    assert talk.events() == ["ouvi: o chat caiu"]
    assert await turns.finish_waiting() == 0
    assert len(engine.played) == 1


async def test_while_the_engine_stays_down_nothing_is_lost(talk, turns, engine, clock):
    engine.fail()
    await talk.say("o chat caiu")
    for _ in range(3):
        clock.advance(seconds=61)
        assert await turns.finish_waiting() == 0
    engine.recover()
    clock.advance(seconds=61)
    await turns.finish_waiting()
    assert talk.events() == ["ouvi: o chat caiu"]


async def test_a_message_deferred_and_posted_again_gets_its_answer_at_once(talk, engine):
    engine.fail()
    await talk.say("o chat caiu", id="m1")
    engine.recover()
    assert await talk.hear("o chat caiu", id="m1") == "ouvi: o chat caiu"
    assert len(engine.played) == 1


async def test_the_same_words_after_an_outage_get_the_answer_of_the_deferred_and_count_once(talk, engine):
    engine.fail()
    await talk.say("o chat caiu")
    engine.recover()
    assert await talk.hear("o chat caiu") == "ouvi: o chat caiu"
    assert engine.heard == ["o chat caiu"]


async def test_other_words_after_an_outage_are_played_behind_the_deferred_and_both_are_answered(talk, engine):
    engine.fail()
    await talk.say("o chat caiu")
    engine.recover()
    assert await talk.hear("e o e-mail também") == "ouvi: o chat caiu\nouvi: e o e-mail também"
    assert engine.heard == ["o chat caiu", "e o e-mail também"]


async def test_an_answer_to_the_deferred_is_not_given_a_second_time(talk, engine):
    engine.fail()
    await talk.say("o chat caiu")
    engine.recover()
    await talk.say("e o e-mail também")
    assert await talk.hear("só isso") == "ouvi: só isso"


async def test_fragments_deferred_stay_one_turn(talk, engine):
    engine.fail()
    await talk.say("o chat", more=True)
    await talk.say("caiu")
    engine.recover()
    assert await talk.hear("alô?") == "ouvi: o chat\ncaiu\nouvi: alô?"


async def test_a_reply_that_was_lost_is_given_when_asked_again_and_nothing_happens_twice(talk, engine):
    engine.lose_replies()
    assert await talk.hear("abrir chamado", id="m1") == UNAVAILABLE
    assert await talk.hear("abrir chamado", id="m1") == "ouvi: abrir chamado"
    assert len(engine.played) == 1 and len(engine.repeated) == 1


async def test_a_message_of_a_process_that_died_is_answered_by_the_next(talk, turns, inbox, engine, clock):
    inbox.open(TALK, "web", None)
    inbox.keep(TALK, CustomerMessage("m1", "o chat caiu"), talk.requester)  # and then it died
    clock.advance(seconds=61)
    assert await turns.finish_waiting() == 1
    assert talk.events() == ["ouvi: o chat caiu"]


async def test_the_pause_after_a_vain_try_grows_with_the_wait(talk, turns, engine, clock):
    engine.fail()
    await talk.say("o chat caiu")
    clock.advance(seconds=61)
    await turns.finish_waiting()
    engine.recover()
    clock.advance(seconds=5)
    assert await turns.finish_waiting() == 0
    clock.advance(seconds=26)
    assert await turns.finish_waiting() == 1


async def test_a_turn_that_breaks_the_engine_is_given_up_while_others_go_well(talk, other_talk, turns, engine, clock):
    engine.break_on("veneno")
    await talk.say("veneno")
    for _ in range(8):
        clock.advance(seconds=61)
        await other_talk.say("olá")
        await turns.finish_waiting()
    assert talk.events() == [GIVEN_UP]
    assert await talk.hear("de outro jeito") == "ouvi: de outro jeito"


async def test_a_turn_that_breaks_the_engine_holds_up_no_other_conversation(talk, other_talk, turns, engine, clock):
    engine.break_on("veneno")
    await talk.say("veneno")
    engine.fail()
    await other_talk.say("olá")
    engine.recover()
    clock.advance(seconds=61)
    await turns.finish_waiting()
    assert other_talk.events() == ["ouvi: olá"]


async def test_without_redis_the_answer_says_so_and_the_message_is_kept(
    talk, turns, engine, inbox, files, tmp_path, clock
):
    away = Sessions.connect(f"unix://{tmp_path}/away.sock?db=0")
    lonely = Turns(inbox, files, engine, away, lambda *_: None, SILENCE, clock)
    assert await type(talk)(lonely, inbox, talk.requester).hear("o chat caiu", id="m1") == UNAVAILABLE
    assert await talk.hear("o chat caiu", id="m1") == "ouvi: o chat caiu"
    await away.close()

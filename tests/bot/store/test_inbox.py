"""What is kept of a conversation, and which turns it makes."""

from datetime import timedelta

import pytest

from bot.conversation.message import Answer, BotMessage, Choice, CustomerMessage
from tests.bot.at_once import at_once
from tests.bot.people import ANA, BRUNO, as_requester, visitor

TALK = "conversa-1"
OTHER = "conversa-2"


@pytest.fixture(autouse=True)
def opened(inbox):
    for conversation in (TALK, OTHER):
        inbox.open(conversation, "web", None)


@pytest.fixture
def keep(inbox):
    def keep(id, text=None, conversation=TALK, **more):
        return inbox.keep(conversation, CustomerMessage(id, text, **more), visitor(conversation))

    return keep


@pytest.fixture
def answer(inbox):
    """Answers the first open turn, closing what is held."""

    def answer(text="certo", conversation=TALK, pushed=False, **more):
        turn = inbox.open_turns(conversation, close_held=True)[0]
        inbox.answer(turn, Answer((BotMessage(text),), **more), pushed=pushed)
        return turn

    return answer


def texts(turns):
    return [turn.text for turn in turns]


# Conversations


def test_a_conversation_that_nobody_began_has_no_state(inbox):
    assert inbox.state("ninguem-comecou") is None


def test_a_conversation_is_opened_once(inbox):
    first = inbox.open("conversa-nova", "web", ANA.email)
    assert inbox.open("conversa-nova", "web", None) == first == inbox.state("conversa-nova")
    assert first.owner == ANA.email and not first.with_human


def test_a_conversation_opened_by_many_at_once_is_opened_once(inbox):
    states = at_once(8, lambda: inbox.open("conversa-nova", "web", ANA.email))
    assert len(set(states)) == 1


def test_the_first_identity_becomes_the_owner(inbox):
    assert inbox.open(TALK, "web", None).owner is None
    assert inbox.open(TALK, "web", ANA.email).owner == ANA.email


def test_an_owner_is_never_changed(inbox):
    inbox.open(TALK, "web", ANA.email)
    assert inbox.open(TALK, "web", BRUNO.email).owner == ANA.email


# Messages


def test_a_message_is_kept_with_everything_it_said(inbox, clock):
    message = CustomerMessage("m1", "olá 👋 ção", None, ("arquivo",), more=True)
    kept = inbox.keep(TALK, message, as_requester(ANA, TALK))
    assert (kept.message, kept.requester, kept.received_at) == (message, as_requester(ANA, TALK), clock())
    assert inbox.find(TALK, "m1") == kept


def test_the_same_client_id_is_kept_once(keep, inbox):
    first = keep("m1", "o chat caiu")
    assert keep("m1", "outra coisa") == first
    assert texts(inbox.open_turns(TALK)) == ["o chat caiu"]


def test_the_same_client_id_from_many_threads_at_once_is_kept_once(keep, inbox):
    kept = at_once(8, lambda: keep("m1", "o chat caiu"))
    assert len({one.sequence for one in kept}) == 1
    assert len(inbox.open_turns(TALK)) == 1


def test_the_same_client_id_in_another_conversation_is_another_message(keep):
    assert keep("m1", "a").sequence != keep("m1", "a", OTHER).sequence


def test_a_message_nobody_sent_is_not_found(inbox):
    assert inbox.find(TALK, "nada") is None


# Turns


def test_messages_are_turns_in_the_order_of_arrival(keep, inbox):
    for n in range(5):
        keep(f"m{n}", f"texto {n}")
    assert texts(inbox.open_turns(TALK)) == [f"texto {n}" for n in range(5)]


def test_fragments_join_the_message_that_closes_them(keep, inbox):
    keep("m1", "o chat", more=True)
    keep("m2", "não abre", more=True, attachments=("a",))
    keep("m3", "desde cedo", attachments=("b",))
    (turn,) = inbox.open_turns(TALK)
    assert turn.text == "o chat\nnão abre\ndesde cedo"
    assert turn.attachments == ("a", "b")


def test_fragments_without_an_end_are_no_turn_yet(keep, inbox):
    keep("m1", "o chat", more=True)
    assert inbox.open_turns(TALK) == []


def test_fragments_without_an_end_are_a_turn_once_they_are_closed(keep, inbox):
    keep("m1", "o chat", more=True)
    keep("m2", "não abre", more=True)
    assert texts(inbox.open_turns(TALK, close_held=True)) == ["o chat\nnão abre"]


def test_a_choice_stands_alone_behind_fragments(keep, inbox):
    keep("m1", "o chat", more=True)
    keep("m2", "Sim", choice="/sim")
    assert texts(inbox.open_turns(TALK)) == ["o chat", "Sim"]


def test_the_id_of_a_turn_is_the_same_whenever_it_is_read(keep, inbox):
    keep("m1", "o chat", more=True)
    keep("m2", "não abre")
    keep("m3", "nada abre")
    first, second = inbox.open_turns(TALK)
    assert first.id == inbox.open_turns(TALK)[0].id and first.id != second.id


def test_turns_of_another_conversation_are_not_mixed_in(keep, inbox):
    keep("m1", "aqui")
    keep("m2", "lá", OTHER)
    assert texts(inbox.open_turns(TALK)) == ["aqui"]


# Answers


def test_an_answered_turn_is_not_open_any_more(keep, answer, inbox):
    keep("m1", "olá")
    answer("oi")
    assert inbox.open_turns(TALK) == []
    assert inbox.find(TALK, "m1").answer.messages == (BotMessage("oi"),)


def test_every_fragment_of_a_turn_has_its_answer(keep, answer, inbox):
    keep("m1", "o chat", more=True)
    keep("m2", "não abre")
    answer("entendi")
    first, second = (inbox.find(TALK, id).answer for id in ("m1", "m2"))
    assert first == second == Answer((BotMessage("entendi"),))


def test_an_answer_comes_back_as_it_was_given(keep, inbox):
    keep("m1", "olá")
    given = Answer(
        (BotMessage("Qual?", (Choice("A", "/a"),), ({"id": "1", "score": 0.5},)),),
        "product",
        "ticket",
        {"number": "X-1"},
    )
    inbox.answer(inbox.open_turns(TALK)[0], given, pushed=False)
    assert inbox.find(TALK, "m1").answer == given


def test_what_an_answer_asks_and_offers_is_the_state_of_the_conversation(keep, inbox):
    keep("m1", "olá")
    asked = BotMessage("Qual?", (Choice("A", "/a"), Choice("B", "/b")))
    inbox.answer(inbox.open_turns(TALK)[0], Answer((asked, BotMessage("?")), asking="product"), pushed=False)
    state = inbox.state(TALK)
    assert state.asking == "product" and state.offered == asked.choices


def test_an_answer_without_choices_withdraws_those_offered_before(keep, inbox, answer):
    keep("m1", "olá")
    inbox.answer(inbox.open_turns(TALK)[0], Answer((BotMessage("Qual?", (Choice("A", "/a"),)),)), pushed=False)
    keep("m2", "nenhum")
    answer("Qual então?")
    assert inbox.state(TALK).offered == ()


def test_a_handoff_leaves_the_conversation_with_a_human(keep, answer, inbox):
    keep("m1", "quero uma pessoa")
    answer("passo você", outcome="handoff")
    assert inbox.state(TALK).with_human


@pytest.mark.parametrize("outcome", [None, "ticket", "cancelled", "deflected"])
def test_no_other_outcome_leaves_it_with_a_human(keep, answer, inbox, outcome):
    keep("m1", "olá")
    answer("certo", outcome=outcome)
    assert not inbox.state(TALK).with_human


# Events


def test_an_answer_to_an_open_request_is_no_event(keep, answer, inbox):
    keep("m1", "olá")
    answer("oi")
    assert inbox.pushed_after(TALK, 0) == []


def test_an_answer_nobody_waits_for_is_an_event(keep, answer, inbox):
    keep("m1", "olá")
    answer("oi", pushed=True)
    (event,) = inbox.pushed_after(TALK, 0)
    assert (event["text"], event["from"]) == ("oi", "bot")


def test_what_an_agent_says_is_an_event_with_its_author(inbox):
    inbox.say(TALK, BotMessage("Bom dia, sou o Davi"), author="agent")
    (event,) = inbox.pushed_after(TALK, 0)
    assert (event["text"], event["from"]) == ("Bom dia, sou o Davi", "agent")


def test_events_come_in_order_and_only_those_not_seen(inbox):
    for text in ("um", "dois", "três"):
        inbox.say(TALK, BotMessage(text))
    inbox.say(OTHER, BotMessage("para outra pessoa"))
    seen = inbox.pushed_after(TALK, 0)[0]["sequence"]
    assert [event["text"] for event in inbox.pushed_after(TALK, seen)] == ["dois", "três"]
    assert inbox.pushed_after(TALK, inbox.last_said(TALK)) == []


def test_in_a_conversation_without_a_word_nothing_was_said_last(inbox):
    assert inbox.last_said(TALK) == 0


# History


def test_each_message_is_followed_by_its_answer(keep, answer, inbox):
    keep("m1", "primeira")
    keep("m2", "segunda")  # arrives before the first is answered
    answer("resposta à primeira")
    answer("resposta à segunda")
    said = [(item["from"], item["text"]) for item in inbox.history(TALK)]
    assert said == [
        ("customer", "primeira"), ("bot", "resposta à primeira"), ("customer", "segunda"), ("bot", "resposta à segunda"),
    ]  # fmt: skip


def test_fragments_stand_together_before_their_answer(keep, answer, inbox):
    keep("m1", "o chat", more=True)
    keep("m2", "não abre")
    answer("entendi")
    assert [item["text"] for item in inbox.history(TALK)] == ["o chat", "não abre", "entendi"]


def test_what_an_agent_said_stands_where_it_was_said(keep, answer, inbox, clock):
    keep("m1", "olá")
    answer("oi")
    clock.advance(seconds=5)
    inbox.say(TALK, BotMessage("sou o Davi"), author="agent")
    clock.advance(seconds=5)
    keep("m2", "que bom")
    assert [item["text"] for item in inbox.history(TALK)] == ["olá", "oi", "sou o Davi", "que bom"]


def test_a_conversation_without_messages_has_no_history(inbox):
    assert inbox.history(TALK) == []


# The deferred


def test_the_same_words_while_the_first_wait_are_one_turn_with_one_answer(keep, inbox):
    keep("m1", "o chat caiu")
    inbox.defer(inbox.open_turns(TALK)[0])
    keep("m2", "o chat caiu")
    (turn,) = inbox.open_turns(TALK)
    assert turn.text == "o chat caiu"
    inbox.answer(turn, Answer(), pushed=False)
    assert inbox.open_turns(TALK) == []


def test_other_words_while_the_first_wait_are_a_turn_of_their_own(keep, inbox):
    keep("m1", "o chat caiu")
    inbox.defer(inbox.open_turns(TALK)[0])
    keep("m2", "desde cedo")
    assert [turn.text for turn in inbox.open_turns(TALK)] == ["o chat caiu", "desde cedo"]


def test_the_same_words_twice_without_an_outage_are_two_turns(keep, inbox):
    keep("m1", "sim")
    keep("m2", "sim")
    assert len(inbox.open_turns(TALK)) == 2


def test_the_same_words_just_after_a_late_answer_repeat_it_and_later_do_not(keep, inbox, clock):
    before = keep("m1", "o chat caiu")
    inbox.defer(inbox.open_turns(TALK)[0])
    inbox.answer(inbox.open_turns(TALK)[0], Answer(), pushed=True)
    clock.advance(seconds=5)
    found = inbox.repeats_caught_up(keep("m2", "o chat caiu"), within=timedelta(seconds=20))
    assert found is not None and found.sequence == before.sequence
    clock.advance(seconds=60)
    assert inbox.repeats_caught_up(keep("m3", "o chat caiu"), within=timedelta(seconds=20)) is None


def test_a_vain_try_counts_against_a_turn_only_when_others_went_well_since_the_last(keep, answer, inbox, clock):
    keep("m1", "quebra tudo")
    for _ in range(3):
        clock.advance(seconds=30)
        inbox.defer(inbox.open_turns(TALK)[0])
    assert inbox.open_turns(TALK)[0].last.tries == 0
    keep("m2", "olá", OTHER)
    clock.advance(seconds=1)
    answer("oi", OTHER)
    inbox.defer(inbox.open_turns(TALK)[0])
    assert inbox.open_turns(TALK)[0].last.tries == 1


# Waiting


@pytest.fixture
def waiting(inbox):
    def waiting():
        return inbox.waiting(quiet_for=timedelta(seconds=2), unanswered_for=timedelta(seconds=60))

    return waiting


def test_nobody_waits_while_nothing_was_said(waiting):
    assert waiting() == []


def test_fragments_wait_once_the_person_is_quiet(keep, waiting, clock):
    keep("m1", "o chat", more=True)
    clock.advance(seconds=1)
    assert waiting() == []
    clock.advance(seconds=2)
    assert waiting() == [TALK]


def test_fragments_do_not_wait_while_more_of_them_arrive(keep, waiting, clock):
    keep("m1", "o chat", more=True)
    clock.advance(seconds=3)
    keep("m2", "não abre", more=True)
    clock.advance(seconds=1)
    assert waiting() == []


def test_a_message_somebody_is_answering_does_not_wait(keep, waiting, clock):
    keep("m1", "olá")
    clock.advance(seconds=59)
    assert waiting() == []


def test_a_message_left_behind_waits(keep, waiting, clock):
    keep("m1", "olá")
    clock.advance(seconds=61)
    assert waiting() == [TALK]


def test_a_deferred_message_waits_after_the_same_time(keep, inbox, waiting, clock):
    keep("m1", "olá")
    inbox.defer(inbox.open_turns(TALK)[0])
    clock.advance(seconds=61)
    assert waiting() == [TALK]


def test_what_is_answered_does_not_wait(keep, answer, waiting, clock):
    keep("m1", "o chat", more=True)
    keep("m2", "caiu")
    answer("entendi")
    clock.advance(hours=1)
    assert waiting() == []


def test_each_conversation_waits_once_however_much_it_said(keep, waiting, clock):
    for n in range(3):
        keep(f"m{n}", "olá")
        keep(f"m{n}", "olá", OTHER)
    clock.advance(seconds=61)
    assert sorted(waiting()) == [TALK, OTHER]


def test_a_turn_of_fragments_that_is_closed_takes_in_nothing_that_comes_later(keep, inbox):
    keep("m1", "na tela", more=True)
    (turn,) = inbox.open_turns(TALK, close_held=True)
    inbox.close(turn)
    keep("m2", "desde ontem", more=True)
    assert texts(inbox.open_turns(TALK, close_held=True)) == ["na tela", "desde ontem"]


@pytest.mark.parametrize(("channel", "waiting"), [("web", []), ("whatsapp", ["conversa-3"])])
def test_where_no_request_waits_a_closed_turn_that_was_left_is_played_at_once(keep, inbox, channel, waiting):
    inbox.open("conversa-3", channel, None)
    keep("m1", "na tela", conversation="conversa-3")
    assert inbox.waiting(quiet_for=timedelta(seconds=1), unanswered_for=timedelta(seconds=60)) == waiting


def test_a_turn_answered_by_two_processes_is_said_once(keep, inbox):
    keep("m1", "oi")
    (turn,) = inbox.open_turns(TALK)
    for text in ("primeira", "segunda"):
        inbox.answer(turn, Answer((BotMessage(text),)), pushed=True)
    assert [said["text"] for said in inbox.pushed_after(TALK, 0)] == ["primeira"]
    assert inbox.find(TALK, "m1").answer.messages == (BotMessage("primeira"),)


def test_a_conversation_of_another_channel_gets_no_owner_through_the_web(inbox):
    inbox.open("wa-1", "whatsapp", None)
    assert inbox.open("wa-1", "web", ANA.email).owner is None

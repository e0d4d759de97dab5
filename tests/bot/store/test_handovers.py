"""Who has a conversation, also when two reach for it at the same moment."""

from dataclasses import replace

import pytest

from bot.errors import Conflict, Forbidden, NotFound
from bot.store.handovers import Handovers
from bot.store.notes import Notes
from bot.tickets.draft import TicketDraft
from tests.bot.at_once import at_once
from tests.bot.filings import filing
from tests.bot.people import ANA, DAVI, as_requester

TALK = "conversa-ana"
ANAS, DAVIS = as_requester(ANA, TALK), as_requester(DAVI, TALK)
EVAS = replace(DAVIS, email="eva@suporte.example", name="Eva Lima")
DRAFT = TicketDraft("d-1", what="o forno não liga", impact=("kind:down",), attachments=("a1",))


@pytest.fixture
def handovers(database, clock):
    return Handovers(database, clock)


@pytest.fixture
def talk(inbox):
    inbox.open(TALK, "web", ANA.email)


def take(handovers, agent=DAVIS, **more):
    return handovers.take(TALK, agent, DRAFT, ANAS, "Olá.", **more)


def test_what_was_asked_for_is_taken_with_what_was_told(handovers, tickets, talk, clock):
    tickets.hand_over(DRAFT, ANAS, clock())
    clock.advance(minutes=5)
    handover = take(handovers)
    assert (handover.draft, handover.requester, handover.agent) == (DRAFT, ANAS, DAVI.email)
    assert (handover.taken_at - handover.at).total_seconds() == 300


def test_of_many_at_once_exactly_one_takes_it(handovers, inbox, talk, database):
    agents = iter([replace(DAVIS, email=f"a{n}@suporte.example", name=f"A{n}") for n in range(6)])

    def reach():
        try:
            return take(handovers, next(agents)).agent
        except Conflict as error:
            return str(error)

    results = at_once(6, reach)
    holder = handovers.of(TALK)
    assert results.count(holder.agent) == 1
    assert sum(holder.holder in told for told in results if told != holder.agent) == 5
    assert len(inbox.history(TALK)) == 1 and inbox.state(TALK).with_human


def test_a_conversation_that_never_began_cannot_be_taken(handovers):
    with pytest.raises(NotFound):
        take(handovers)


def test_taking_one_s_own_again_says_nothing_again(handovers, inbox, talk):
    assert take(handovers).id == take(handovers).id
    assert len(inbox.history(TALK)) == 1


def test_the_same_form_at_the_same_moment_is_said_once(handovers, inbox, talk):
    take(handovers)
    at_once(4, lambda: handovers.write(TALK, DAVIS, "Já vejo.", "k-1"))
    assert [one["text"] for one in inbox.history(TALK)] == ["Olá.", "Já vejo."]


def test_nobody_writes_in_what_was_given_back(handovers, inbox, talk):
    take(handovers)
    handovers.give_back(TALK, DAVIS, "Até.")
    with pytest.raises(Conflict):
        handovers.write(TALK, DAVIS, "oi", "k-1")
    assert not inbox.state(TALK).with_human and handovers.of(TALK) is None


def test_a_conversation_given_back_can_be_asked_for_again(handovers, tickets, talk, clock):
    take(handovers)
    handovers.give_back(TALK, DAVIS, "Até.")
    tickets.hand_over(DRAFT, ANAS, clock())
    assert handovers.of(TALK).agent is None
    assert take(handovers, EVAS).agent == EVAS.email


def test_notes_are_written_once_and_for_agents(database, clock, tickets, talk):
    number, notes = tickets.file(filing(ANAS)).number, Notes(database, clock)
    at_once(4, lambda: notes.write(number, DAVIS, " Ver o servidor. ", "n-1"))
    assert [(note.text, note.author_name) for note in notes.of(number, DAVIS)] == [("Ver o servidor.", "Davi Melo")]
    for use in (lambda: notes.of(number, ANAS), lambda: notes.write(number, ANAS, "oi", "n-2")):
        with pytest.raises(Forbidden):
            use()

"""What is new since the last look: everything, once, in whatever order it is committed."""

import pytest
from sqlalchemy import insert

from bot.conversation.message import CustomerMessage
from bot.store.handovers import Handovers
from bot.store.mail_store import MailStore
from bot.store.notes import Notes
from bot.store.pulse import Pulse
from bot.store.tables import inbound
from bot.tickets.draft import TicketDraft
from tests.bot.filings import filing
from tests.bot.people import ANA, BRUNO, DAVI, as_requester

TALK, OTHER = "conversa-ana", "conversa-bruno"
ANAS, DAVIS = as_requester(ANA, TALK), as_requester(DAVI, TALK)


@pytest.fixture
def pulse(database, inbox):
    for conversation, person in ((TALK, ANA), (OTHER, BRUNO)):
        inbox.open(conversation, "web", person.email)
    return Pulse(database)


def say(inbox, conversation, key):
    inbox.keep(conversation, CustomerMessage(key, "oi"), as_requester(ANA, conversation))


def test_the_pulse_names_what_is_new_since_a_look(pulse, database, inbox, tickets, clock):
    before = pulse.look()
    look, changed = pulse.news(before)
    assert not changed and look == before
    number = tickets.file(filing(ANAS)).number
    look, changed = pulse.news(look)
    assert (changed.tickets, changed.conversations) == ({number}, set())
    Handovers(database, clock).take(TALK, DAVIS, TicketDraft("d"), ANAS, "Oi")
    look, changed = pulse.news(look)
    assert (changed.tickets, changed.conversations) == (set(), {TALK})
    Notes(database, clock).write(number, DAVIS, "nota", "n-1")
    look, changed = pulse.news(look)
    assert (changed.tickets, changed.conversations) == ({number}, set())
    assert not pulse.news(look)[1]
    assert pulse.news(before)[1].tickets == {number}


def test_mails_that_wait_and_mails_that_are_decided_are_news(pulse, database, tmp_path, clock):
    mails, look = MailStore(database, tmp_path / "mail_in", clock), pulse.look()
    mails.keep(b"x", "<1@x>/a", None, "", refused="grande demais")
    look, changed = pulse.news(look)
    assert changed and changed.mails
    mails.discard(mails.listed()[0].id, DAVI.email)
    assert pulse.news(look)[1].mails


def test_nothing_is_left_out_however_much_came_between_two_looks(pulse, database, inbox):
    look = pulse.look()
    say(inbox, OTHER, "b-1")
    for n in range(450):
        say(inbox, TALK, f"a-{n}")
    assert pulse.news(look)[1].conversations == {TALK, OTHER}


def test_what_got_its_id_first_and_is_committed_last_is_news_too(pulse, database, inbox, clock):
    if database._engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer: ids are committed in their order")
    look = pulse.look()
    values = {"client_id": "a-1", "attachments": [], "more": False, "requester": {}, "received_at": clock()}
    with database.write() as slow:
        slow.execute(insert(inbound).values(conversation_id=TALK, **values))
        say(inbox, OTHER, "b-1")
        look, changed = pulse.news(look)
        assert changed.conversations == {OTHER}
    look, changed = pulse.news(look)
    assert TALK in changed.conversations
    assert not pulse.news(look)[1]

"""What we sent by WhatsApp: taken, delivered, read, failed, and the other ways."""

import pytest
from sqlalchemy import select

from bot.channels.whatsapp_envelope import split
from bot.conversation.message import BotMessage
from bot.store.inbox import add_bubbles
from bot.store.outbox import Outbox
from bot.store.tables import outbox as table
from bot.store.whatsapp_sent import WhatsAppSent, tracker
from bot.tickets.draft import Requester
from tests.bot.filings import filing
from tests.bot.people import ANA
from tests.graph_api import Taken, status_envelope

TALK = "wa-da-ana"


@pytest.fixture
def sent(database, clock):
    return WhatsAppSent(database, clock)


@pytest.fixture
def outbox(database, clock):
    return Outbox(database, clock)


@pytest.fixture
def number(inbox, tickets):
    inbox.open(TALK, "whatsapp", None)
    return tickets.file(filing(Requester(TALK, "whatsapp", ANA.email))).number


@pytest.fixture
def notice(database, outbox, clock, number):
    """News about a ticket, long enough for two parts, claimed by a deliverer."""
    body = {**BotMessage("palavra " * 800).as_dict(), "ticket": {"number": number}}
    with database.write() as connection:
        add_bubbles(connection, TALK, [body], clock())
    return outbox.claim(by_whatsapp=True)


@pytest.fixture
def told(tickets, number):
    def told():
        entries = [entry.body for entry in tickets.by_number(number).timeline if entry.kind == "told"]
        return [(entry.get("way"), entry["state"]) for entry in entries]

    return told


@pytest.fixture
def row(database, notice):
    def row(key=notice.key):
        with database.read() as connection:
            return connection.execute(select(table).where(table.c.key == key)).first()

    return row


def status(sent, notice, part, name, code=None, wamid=None):
    message = {"biz_opaque_callback_data": tracker(notice.key, part)}
    (update,) = split(status_envelope(Taken("55", wamid or f"wamid.{part}", message, 0.0), name, code))
    sent.status(update)


def test_a_part_that_was_taken_is_known(sent, notice):
    sent.taken(notice, 0, "wamid.0", "whatsapp")
    assert sent.parts(notice.key) == {0}


def test_a_part_on_its_way_is_in_doubt_until_something_is_known(sent, notice, row, clock):
    sent.sending(notice.key, 0)
    assert (sent.parts(notice.key), sent.asked_at(notice.key, 0)) == (set(), clock())
    sent.refused(notice.key, 0)
    assert sent.asked_at(notice.key, 0) is None
    sent.sending(notice.key, 0)
    sent.sending(notice.key, 1)
    status(sent, notice, 0, "sent")
    assert (sent.parts(notice.key), sent.asked_at(notice.key, 0)) == ({0}, None)
    assert row().sent_at is None, "a part on its way is not one that was taken"


def test_what_is_refused_late_takes_nothing_back(sent, notice):
    status(sent, notice, 0, "sent")
    sent.refused(notice.key, 0)
    assert sent.parts(notice.key) == {0}


def test_a_status_alone_makes_a_part_known(sent, notice):
    status(sent, notice, 1, "sent")
    assert sent.parts(notice.key) == {1}


def test_a_notice_ends_when_its_last_part_has_a_status(sent, notice, row):
    status(sent, notice, 0, "delivered")
    assert row().sent_at is None
    status(sent, notice, 1, "sent")
    assert row().sent_at is not None


def test_the_ticket_shows_the_part_that_is_furthest_behind(sent, notice, told):
    sent.taken(notice, 0, "wamid.0", "whatsapp")
    sent.taken(notice, 1, "wamid.1", "whatsapp")
    status(sent, notice, 0, "read")
    assert told() == [("whatsapp", "sent")]
    status(sent, notice, 1, "delivered")
    assert told() == [("whatsapp", "delivered")]


def test_a_status_finds_its_message_by_the_wamid_too(sent, notice, told):
    sent.taken(notice, 0, "wamid.0", "whatsapp")
    (update,) = split(status_envelope(Taken("55", "wamid.0", {}, 0.0), "read"))
    sent.status(update)
    assert told() == [("whatsapp", "read")]


@pytest.mark.parametrize("mark", ["", "nada", "whatsapp:999#0", "a#b", "#"])
def test_a_status_of_something_else_changes_nothing(sent, notice, told, row, mark):
    (update,) = split(status_envelope(Taken("55", "wamid.x", {"biz_opaque_callback_data": mark}, 0.0), "read"))
    sent.status(update)
    assert told() == [] and row().sent_at is None


def test_another_way_is_taken_once(sent, notice, told, row):
    for _ in range(2):
        sent.by_other_way(notice, "código 131026")
    letter = row(f"{notice.key}:mail")
    assert (letter.kind, letter.recipient) == ("said", ANA.email)
    assert told() == [("email", "queued")]


def test_a_part_that_failed_for_a_passing_reason_is_due_again_alone(sent, notice, row, outbox):
    for part in (0, 1):
        sent.taken(notice, part, f"wamid.{part}", "whatsapp")
    outbox.delivered(notice)
    status(sent, notice, 1, "failed", 131000)
    assert sent.parts(notice.key) == {0} and row().sent_at is None and row().attempts == 1


def test_a_message_that_fails_for_ever_is_not_sent_for_ever(sent, notice, row, outbox):
    for attempt in range(6):
        sent.taken(notice, 0, f"wamid.{attempt}", "whatsapp")
        status(sent, notice, 0, "failed", 131000, wamid=f"wamid.{attempt}")
    assert row().attempts == 4 and row(f"{notice.key}:mail")

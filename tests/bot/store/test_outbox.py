"""The outbox: a row is one deliverer's at a time, and nobody's for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.store.outbox import WHATSAPP, Outbox, add_notice
from bot.store.tables import outbox as table
from tests.bot.at_once import at_once


@pytest.fixture
def outbox(database, clock):
    return Outbox(database, clock)


@pytest.fixture
def add(database, clock):
    def add(key, kind="code", **payload):
        with database.write() as connection:
            add_notice(connection, key=key, kind=kind, recipient="ana@aurora.example", payload=payload, at=clock())

    return add


@pytest.fixture
def row(database):
    def row(notice):
        with database.read() as connection:
            return connection.execute(select(table).where(table.c.id == notice.id)).one()

    return row


def test_an_empty_outbox_has_nothing_to_deliver(outbox):
    assert outbox.claim() is None


def test_a_notice_comes_out_as_it_was_put_in(outbox, add):
    add("k1", "ticket_copy", number="X-1")
    notice = outbox.claim()
    assert (notice.key, notice.kind, notice.recipient) == ("k1", "ticket_copy", "ana@aurora.example")
    assert (notice.payload, notice.attempts) == ({"number": "X-1"}, 0)


def test_the_same_key_twice_is_refused(add):
    add("k1")
    with pytest.raises(IntegrityError):
        add("k1")


def test_the_oldest_comes_first(outbox, add, clock):
    for key in ("k1", "k2", "k3"):
        add(key)
        clock.advance(seconds=1)
    assert [outbox.claim().key for _ in range(3)] == ["k1", "k2", "k3"]


def test_a_notice_is_claimed_once(outbox, add):
    add("k1")
    assert outbox.claim() is not None
    assert outbox.claim() is None


def test_a_notice_is_claimed_once_by_many_deliverers_at_once(outbox, add):
    add("k1")
    claims = at_once(8, outbox.claim)
    assert len([claim for claim in claims if claim]) == 1


def test_the_claim_of_a_dead_deliverer_runs_out(outbox, add, clock):
    add("k1")
    claimed = outbox.claim()
    clock.advance(minutes=1, seconds=59)
    assert outbox.claim() is None
    clock.advance(seconds=2)
    assert outbox.claim() == claimed


def test_what_is_delivered_never_comes_again(outbox, add, row, clock):
    add("k1")
    notice = outbox.claim()
    outbox.delivered(notice)
    clock.advance(days=1)
    assert outbox.claim() is None
    assert row(notice).sent_at is not None


def test_what_is_put_off_comes_again_when_it_is_due_with_its_failures_counted(outbox, add, clock):
    add("k1")
    outbox.failed(outbox.claim(), "sem resposta", clock() + timedelta(minutes=5))
    clock.advance(minutes=4)
    assert outbox.claim() is None
    clock.advance(minutes=1)
    assert outbox.claim().attempts == 1


def test_what_is_ended_never_comes_again_and_keeps_the_reason(outbox, add, row, clock):
    add("k1")
    notice = outbox.claim()
    outbox.failed(notice, "endereço recusado", None)
    clock.advance(days=30)
    assert outbox.claim() is None
    assert row(notice).error == "endereço recusado" and row(notice).failed_at is not None


def test_a_long_reason_is_cut(outbox, add, row, clock):
    add("k1")
    notice = outbox.claim()
    outbox.failed(notice, "x" * 5_000, None)
    assert len(row(notice).error) == 500


def test_what_is_put_off_does_not_hold_up_the_others(outbox, add, clock):
    add("k1")
    outbox.failed(outbox.claim(), "sem resposta", clock() + timedelta(hours=1))
    add("k2")
    assert outbox.claim().key == "k2"


@pytest.fixture
def bubble(database, clock):
    def bubble(key, conversation="wa-1"):
        with database.write() as connection:
            add_notice(connection, key=key, kind=WHATSAPP, recipient=conversation, payload={}, at=clock())

    return bubble


def test_letters_and_bubbles_are_claimed_apart(outbox, add, bubble):
    bubble("whatsapp:1")
    add("k1")
    assert (outbox.claim().key, outbox.claim()) == ("k1", None)
    assert (outbox.claim(by_whatsapp=True).key, outbox.claim(by_whatsapp=True)) == ("whatsapp:1", None)


def test_the_next_bubble_of_a_conversation_is_free_once_the_one_before_is_sent_or_given_up(outbox, bubble):
    for n in range(3):
        bubble(f"whatsapp:{n}")
    first = outbox.claim(by_whatsapp=True)
    assert outbox.claim(by_whatsapp=True) is None
    outbox.delivered(first)
    second = outbox.claim(by_whatsapp=True)
    outbox.failed(second, "recusado", None)
    assert (second.key, outbox.claim(by_whatsapp=True).key) == ("whatsapp:1", "whatsapp:2")


def test_a_bubble_put_off_holds_its_conversation_and_no_other(outbox, bubble, clock):
    bubble("whatsapp:0")
    bubble("whatsapp:1")
    bubble("whatsapp:2", "wa-2")
    outbox.failed(outbox.claim(by_whatsapp=True), "depois", clock() + timedelta(seconds=30))
    assert (outbox.claim(by_whatsapp=True).key, outbox.claim(by_whatsapp=True)) == ("whatsapp:2", None)
    clock.advance(seconds=30)
    assert outbox.claim(by_whatsapp=True).key == "whatsapp:0"


def test_a_row_that_is_put_back_is_due_later_and_was_not_tried(outbox, bubble, clock):
    bubble("whatsapp:0")
    outbox.put_back(outbox.claim(by_whatsapp=True), clock() + timedelta(seconds=5))
    assert outbox.claim(by_whatsapp=True) is None
    clock.advance(seconds=5)
    assert outbox.claim(by_whatsapp=True).attempts == 0

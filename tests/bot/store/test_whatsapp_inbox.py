"""Envelopes, updates and people: once each, in order, and nothing is lost."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.whatsapp_envelope import split
from bot.conversation.message import BotMessage
from bot.store.tables import outbox
from bot.store.verification import Verification
from bot.store.whatsapp_inbox import WhatsAppInbox
from tests.bot.at_once import at_once
from tests.bot.channels.payloads import payload
from tests.graph_api import contact, envelope, message, text, value

ANA = "5511987654321"


@pytest.fixture
def kept(database, clock):
    return WhatsAppInbox(database, clock)


def put(kept, *names):
    for name in names:
        kept.keep(json.dumps(payload(name)).encode())
    kept.split_new()


def open_ones(kept):
    return [one for line in kept.open_updates() for one in line]


def written(wa_id=ANA, body="oi", bsuid=None, **more):
    """The update of a message with these particulars."""
    envelope_ = envelope(value(contacts=[contact(wa_id, bsuid=bsuid)], messages=[message(wa_id, text(body), **more)]))
    (update,) = split(envelope_)
    return replace(update, bsuid=bsuid)


def test_an_envelope_is_taken_apart_once(kept):
    put(kept, "batch")
    assert kept.split_new() == 0
    assert len(open_ones(kept)) == 5


def test_an_envelope_that_comes_again_adds_nothing_and_is_counted(kept):
    put(kept, "text", "text", "text")
    assert len(open_ones(kept)) == 1
    assert (kept.counts()["envelopes"], kept.counts()["received"], kept.counts()["repeated"]) == (3, 1, 2)


def test_the_same_message_in_another_envelope_adds_nothing(kept):
    inner = payload("text")["entry"][0]["changes"][0]["value"]
    put(kept, "text")
    kept.keep(json.dumps(envelope(inner, inner)).encode())
    kept.split_new()
    assert len(open_ones(kept)) == 1


def test_two_processes_that_take_envelopes_apart_at_once_make_each_update_once(kept):
    for _ in range(4):
        kept.keep(json.dumps(payload("batch")).encode())
    at_once(4, kept.split_new)
    while kept.split_new():
        pass
    assert kept.counts()["received"] == 5 and kept.counts()["repeated"] == 15


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"{", b"[" * 5_000])
def test_what_is_no_json_is_kept_with_a_reason_and_stops_nothing(kept, body):
    kept.keep(body)
    put(kept, "text")
    assert len(open_ones(kept)) == 1 and kept.counts()["unreadable"] == 1


def test_updates_come_line_by_line_each_in_its_order(kept):
    put(kept, "batch")
    lines = {
        line[0].update.line: [one.update.body.get("text", {}).get("body") for one in line]
        for line in kept.open_updates()
    }
    assert lines["person:5511987654321"] == ["primeira", "segunda", "terceira"]
    assert lines["person:5521988887777"] == ["de outra pessoa"]


def test_a_line_whose_first_update_pauses_waits_whole(kept, clock):
    put(kept, "batch")
    first = next(line for line in kept.open_updates() if line[0].update.wa_id == ANA)[0]
    kept.put_off(first, "rede", clock() + timedelta(seconds=5))
    assert [line[0].update.wa_id for line in kept.open_updates() if line[0].update.kind == "message"] == [
        "5521988887777"
    ]
    clock.advance(seconds=6)
    assert next(line for line in kept.open_updates() if line[0].update.wa_id == ANA)[0].tries == 1


def test_what_is_said_with_the_end_of_an_update_is_said_once(kept, inbox):
    put(kept, "text")
    (one,) = open_ones(kept)
    conversation = kept.person_behind(one.update).conversation
    for _ in range(2):
        kept.handled(one, say=(conversation, BotMessage("oi").as_dict()))
    assert [said["text"] for said in inbox.pushed_after(conversation, 0)] == ["oi"]
    assert not kept.is_open(one)


def test_received_is_handled_and_failed_and_waiting(kept):
    put(kept, "batch", "text")
    one, two, *_ = open_ones(kept)
    kept.handled(one)
    kept.failed(two, "quebrado")
    counts = kept.counts()
    assert (counts["received"], counts["handled"], counts["failed"], counts["waiting"]) == (6, 1, 1, 4)


def test_what_failed_can_be_replayed(kept):
    put(kept, "text")
    (one,) = open_ones(kept)
    kept.failed(one, "quebrado")
    assert open_ones(kept) == []
    kept.keep(b"{")
    kept.split_new()
    assert kept.replay() == 2
    assert [again.id for again in open_ones(kept)] == [one.id]


def test_a_number_with_and_without_the_ninth_digit_is_one_person(kept):
    first = kept.person_behind(written("5511987654321"))
    second = kept.person_behind(written("551187654321"))
    assert second.conversation == first.conversation
    assert second.address == "551187654321"  # what the network called the person last


def test_the_older_form_first_is_the_same_person_too(kept):
    assert (
        kept.person_behind(written("551187654321")).conversation
        == kept.person_behind(written("5511987654321")).conversation
    )


def test_a_person_without_a_number_is_addressed_by_the_id(kept):
    person = kept.person_behind(written(None, bsuid="BR.123", from_user_id="BR.123"))
    assert person.address == "BR.123"


def test_an_id_and_a_number_that_come_together_are_one_person_from_then_on(kept):
    by_number = kept.person_behind(written(ANA))
    both = kept.person_behind(written(ANA, bsuid="BR.1"))
    by_id = kept.person_behind(written(None, bsuid="BR.1", from_user_id="BR.1"))
    assert by_number.conversation == both.conversation == by_id.conversation


def test_two_records_that_turn_out_to_be_one_person_go_on_under_the_number(kept):
    kept.person_behind(written(None, bsuid="BR.1", from_user_id="BR.1"))
    by_number = kept.person_behind(written(ANA))
    assert kept.person_behind(written(ANA, bsuid="BR.1")).conversation == by_number.conversation
    assert kept.person_behind(written(None, bsuid="BR.1", from_user_id="BR.1")).conversation == by_number.conversation


def test_conversations_are_drawn_at_random_and_tell_nothing_of_the_person(kept):
    first, second = (kept.person_behind(written(number)).conversation for number in (ANA, "5521988887777"))
    assert first != second and len(first) >= 40 and "87654321" not in first


def test_a_person_s_first_messages_in_two_processes_make_one_person(kept):
    people = at_once(4, lambda: kept.person_behind(written()).conversation)
    assert len(set(people)) == 1


def test_the_window_starts_with_the_newest_message_and_never_goes_back(kept, clock):
    now = clock().timestamp()
    kept.person_behind(written(at=now - 60))
    assert kept.person_behind(written(at=now - 3600)).last_inbound_at == clock() - timedelta(seconds=60)


def test_a_message_from_the_future_opens_the_window_only_from_now(kept, clock):
    assert kept.person_behind(written(at=clock().timestamp() + 9_000)).last_inbound_at == clock()


def test_a_new_number_keeps_the_person(kept):
    person = kept.person_behind(written(ANA))
    kept.number_changed(written(ANA), "5511955554444")
    moved = kept.person_behind(written("5511955554444"))
    assert moved.conversation == person.conversation and moved.address == "5511955554444"
    assert kept.person_behind(written(ANA)).conversation != person.conversation


def test_a_new_number_that_is_somebody_s_already_changes_nobody(kept):
    other = kept.person_behind(written("5511955554444"))
    person = kept.person_behind(written(ANA))
    kept.number_changed(written(ANA), "5511955554444")
    assert kept.person_behind(written(ANA)).conversation == person.conversation
    assert kept.person_behind(written("5511955554444")).conversation == other.conversation


@pytest.mark.parametrize(("days", "proven"), [(80, "ana@aurora.example"), (91, None)])
def test_a_number_silent_for_long_may_be_somebody_else_s_and_proves_the_address_anew(
    kept, inbox, clock, verify, days, proven
):
    person = kept.person_behind(written(at=clock().timestamp()))
    verify(person.conversation, "ana@aurora.example")
    clock.advance(days=days)
    kept.person_behind(written(at=clock().timestamp()))
    assert inbox.state(person.conversation).verified_email == proven


@pytest.fixture
def verify(database, clock):
    """Proves an address as the code from the letter would."""

    def verify(conversation, email):
        verification = Verification(database, clock)
        verification.send_code(conversation, email)
        with database.read() as connection:
            (code,) = connection.execute(select(outbox.c.payload)).scalars()
        assert verification.check(conversation, code["code"])

    return verify

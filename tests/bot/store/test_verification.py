"""One-time codes: hashed, short-lived, few tries, the newest only."""

import pytest
from sqlalchemy import select

from bot.store.tables import outbox, verification_codes
from bot.store.verification import Verification

TALK, OTHER = "conversa-1", "conversa-2"
ADDRESS = "eu@casa.example"


@pytest.fixture
def verification(database, clock, inbox):
    for conversation in (TALK, OTHER):
        inbox.open(conversation, "web", None)
    return Verification(database, clock)


@pytest.fixture
def sent(database):
    """The codes sent so far, as their addressees read them."""

    def sent():
        with database.read() as connection:
            rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
        return [row.payload["code"] for row in rows]

    return sent


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_has_six_digits_and_goes_to_the_address(verification, sent, database):
    verification.send_code(TALK, ADDRESS)
    (code,) = sent()
    assert len(code) == 6 and code.isdecimal()
    with database.read() as connection:
        assert connection.execute(select(outbox.c.recipient, outbox.c.kind)).one() == (ADDRESS, "code")


def test_the_right_code_proves_the_address_in_its_conversation(verification, sent, inbox):
    verification.send_code(TALK, ADDRESS)
    assert verification.check(TALK, sent()[0])
    assert inbox.state(TALK).verified_email == ADDRESS
    assert inbox.state(OTHER).verified_email is None


def test_a_wrong_code_proves_nothing(verification, sent, inbox):
    verification.send_code(TALK, ADDRESS)
    assert not verification.check(TALK, wrong(sent()[0]))
    assert inbox.state(TALK).verified_email is None


def test_without_a_code_sent_no_code_is_right(verification):
    assert not verification.check(TALK, "123456")


def test_a_code_is_kept_as_a_hash_only(verification, sent, database):
    verification.send_code(TALK, ADDRESS)
    with database.read() as connection:
        row = connection.execute(select(verification_codes)).one()
    assert sent()[0] not in str(tuple(row)) and len(row.code_sha256) == 64


def test_the_same_code_in_two_conversations_has_two_hashes(database, clock, verification, monkeypatch):
    monkeypatch.setattr("bot.store.verification.secrets.randbelow", lambda _: 123456)
    verification.send_code(TALK, ADDRESS)
    verification.send_code(OTHER, ADDRESS)
    with database.read() as connection:
        hashes = connection.execute(select(verification_codes.c.code_sha256)).scalars().all()
    assert len(set(hashes)) == 2


def test_a_code_works_once(verification, sent):
    verification.send_code(TALK, ADDRESS)
    assert verification.check(TALK, sent()[0])
    assert not verification.check(TALK, sent()[0])


def test_a_code_works_until_its_quarter_of_an_hour_is_over(verification, sent, clock):
    verification.send_code(TALK, ADDRESS)
    clock.advance(minutes=15)
    assert verification.check(TALK, sent()[0])


def test_a_code_does_not_work_after_its_quarter_of_an_hour(verification, sent, clock):
    verification.send_code(TALK, ADDRESS)
    clock.advance(minutes=15, seconds=1)
    assert not verification.check(TALK, sent()[0])


def test_the_fifth_try_may_be_the_right_one(verification, sent):
    verification.send_code(TALK, ADDRESS)
    for _ in range(4):
        assert not verification.check(TALK, wrong(sent()[0]))
    assert verification.check(TALK, sent()[0])


def test_after_five_wrong_tries_the_right_code_is_too_late(verification, sent):
    verification.send_code(TALK, ADDRESS)
    for _ in range(5):
        assert not verification.check(TALK, wrong(sent()[0]))
    assert not verification.check(TALK, sent()[0])


def test_a_new_code_replaces_the_old_one(verification, sent, inbox):
    verification.send_code(TALK, "errado@casa.example")
    verification.send_code(TALK, ADDRESS)
    old, new = sent()
    assert old == new or not verification.check(TALK, old)
    assert verification.check(TALK, new)
    assert inbox.state(TALK).verified_email == ADDRESS


def test_a_code_of_another_conversation_proves_nothing(verification, sent, inbox):
    verification.send_code(TALK, ADDRESS)
    verification.send_code(OTHER, "outra@casa.example")
    mine, theirs = sent()
    assert mine == theirs or not verification.check(OTHER, mine)
    assert inbox.state(OTHER).verified_email is None or mine == theirs

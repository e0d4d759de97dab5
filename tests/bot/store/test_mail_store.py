"""Mail that is kept: once, claimed once, decided once."""

from datetime import timedelta

import pytest

from bot.errors import Conflict, NotFound
from bot.store.mail_store import Decision, DecisionMade, MailState, MailStore
from tests.bot.at_once import at_once

DESK = "davi@suporte.example"


@pytest.fixture
def mails(database, tmp_path, clock):
    return MailStore(database, tmp_path / "mail_in", clock)


def keep(mails, key="<1@x>/a", raw=b"From: ana@aurora.example\n\nOi", **more):
    return mails.keep(raw, key, "ana@aurora.example", "Assunto", **more)


def test_a_mail_is_kept_once_also_by_several_at_once(mails):
    assert sorted(at_once(4, lambda: keep(mails))) == [False, False, False, True]
    assert len(mails.listed(tuple(MailState))) == 1


def test_a_mail_is_claimed_once_also_by_several_at_once(mails):
    keep(mails)
    claimed = at_once(4, mails.claim)
    assert len([mail for mail in claimed if mail]) == 1


def test_mails_are_claimed_in_the_order_in_which_they_came(mails):
    for n in range(3):
        keep(mails, f"<{n}@x>/a")
    assert [mails.claim().key for _ in range(3)] == ["<0@x>/a", "<1@x>/a", "<2@x>/a"]
    assert mails.claim() is None


def test_a_claim_runs_out_and_the_tries_are_counted(mails, clock):
    keep(mails)
    assert mails.claim().tries == 1
    clock.advance(minutes=2, seconds=1)
    assert mails.claim().tries == 2


def test_what_is_put_off_comes_again_when_its_time_has_come(mails, clock):
    keep(mails)
    mails.put_off(mails.claim(), clock() + timedelta(minutes=1), "ocupado")
    assert mails.claim() is None
    clock.advance(minutes=1)
    assert mails.claim()


def test_what_is_settled_is_not_claimed_again_and_tells_why(mails, clock):
    keep(mails)
    mails.settle(mails.claim(), MailState.QUARANTINED, "remetente desconhecido", "PC-1001")
    clock.advance(days=1)
    assert mails.claim() is None
    (held,) = mails.listed()
    assert (held.reason, held.number, held.state) == ("remetente desconhecido", "PC-1001", MailState.QUARANTINED)


def test_the_bytes_are_there_as_they_came(mails):
    raw = b"From: x\r\n\r\n\x00\xff"
    keep(mails, raw=raw)
    mail = mails.claim()
    assert mails.raw(mail) == raw and mails.path(mail).suffix == ".eml"


def test_what_is_refused_at_the_door_waits_unread(mails):
    keep(mails, size=50_000_000, refused="maior que o limite")
    assert mails.claim() is None
    assert (mails.listed()[0].reason, mails.listed()[0].size) == ("maior que o limite", 50_000_000)


def held(mails):
    keep(mails)
    mail = mails.claim()
    mails.settle(mail, MailState.QUARANTINED, "x", None)
    return mail.id


def test_what_is_released_is_claimed_with_its_ticket(mails):
    mails.release(held(mails), "PC-1001", DESK)
    mail = mails.claim()
    assert (mail.number, mail.released, mail.tries) == ("PC-1001", True, 1)


def test_a_decision_is_made_once(mails):
    id = held(mails)
    mails.discard(id, DESK)
    for decide in (mails.discard, mails.retry, lambda id, by: mails.release(id, "PC-1", by)):
        with pytest.raises(Conflict):
            decide(id, None)
    assert mails.listed() == []


def test_a_decision_tells_who_made_it_and_when_the_latest_first(mails, clock):
    first = held(mails)
    mails.discard(first, DESK)
    keep(mails, "<2@x>/a", refused="grande demais")
    second = mails.listed()[0].id
    clock.advance(minutes=1)
    mails.retry(second, None)
    assert [(mail.id, mail.decided_by, mail.waits) for mail in mails.decided()] == [
        (second, None, False),
        (first, DESK, False),
    ]
    assert mails.decided()[0].decided_at == clock()


def test_what_was_discarded_is_taken_back_by_whoever_says_so_and_both_decisions_stay(mails, clock):
    id = held(mails)
    mails.discard(id, DESK)
    assert [mail.id for mail in mails.discarded()] == [id]
    discarded_at = clock()
    clock.advance(minutes=5)
    mails.release(id, "PC-1001", "eva@suporte.example", discarded=True)
    assert mails.discarded() == [] and mails.claim().released
    assert mails.decisions(id) == [
        DecisionMade(Decision.DISCARDED, DESK, discarded_at),
        DecisionMade(Decision.RELEASED, "eva@suporte.example", clock()),
    ]
    with pytest.raises(Conflict):
        mails.release(id, "PC-1001", DESK, discarded=True)


def test_what_waits_is_not_taken_back(mails):
    id = held(mails)
    with pytest.raises(Conflict):
        mails.release(id, "PC-1001", DESK, discarded=True)
    assert mails.find(id).waits and mails.decisions(id) == []


def test_those_that_wait_are_counted(mails):
    assert mails.waiting() == 0
    for n in range(3):
        keep(mails, f"<{n}@x>/a", refused="grande demais")
    keep(mails, "<9@x>/a")
    mails.discard(mails.listed()[0].id, DESK)
    assert mails.waiting() == 2


def test_a_mail_that_is_not_there_cannot_be_decided_on(mails):
    for act in (mails.find, lambda id: mails.retry(id, DESK)):
        with pytest.raises(NotFound):
            act(99)


def test_very_long_names_are_kept_as_far_as_they_fit(mails):
    mails.keep(b"x", "<1@x>/a", "a" * 400 + "@aurora.example", "s" * 300, refused="r" * 200)
    assert len(mails.listed()[0].sender) == 320

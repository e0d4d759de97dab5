"""Codes and links of the sign-in letter: one entry each, also when several try at once."""

import pytest
from sqlalchemy import select

from bot.errors import TooMany
from bot.store.sign_in import SignIn, is_browser_of
from bot.store.tables import outbox, sign_in_codes
from tests.bot.at_once import at_once

EMAIL, BROWSER, CLIENT = "ana@aurora.example", "segredo-do-navegador", "rede-da-ana"


@pytest.fixture
def sign_in(database, clock):
    return SignIn(database, clock)


@pytest.fixture
def letters(database):
    def letters():
        with database.read() as connection:
            return connection.execute(select(outbox.c.payload).order_by(outbox.c.id)).scalars().all()

    return letters


@pytest.fixture
def letter(sign_in, letters):
    sign_in.send(EMAIL, BROWSER, CLIENT, "/chamados")
    return letters()[-1]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_of_many_that_enter_one_code_at_once_one_gets_in(sign_in, letter):
    entries = at_once(4, lambda: sign_in.enter_code(BROWSER, letter["code"]))
    assert [entry.email for entry in entries if entry] == [EMAIL]


def test_of_many_that_enter_by_one_link_at_once_one_gets_in(sign_in, letter):
    entries = at_once(4, lambda: sign_in.enter_link(letter["link"]))
    assert [entry.email for entry in entries if entry] == [EMAIL]


def test_guesses_at_once_are_counted_one_by_one(sign_in, letter, database):
    at_once(8, lambda: sign_in.enter_code(BROWSER, wrong(letter["code"])))
    assert sign_in.enter_code(BROWSER, letter["code"]) is None
    with database.read() as connection:
        assert connection.execute(select(sign_in_codes.c.tries_left)).scalar_one() == 0


def test_the_fifth_try_may_be_the_right_one(sign_in, letter):
    for _ in range(4):
        assert sign_in.enter_code(BROWSER, wrong(letter["code"])) is None
    assert sign_in.enter_code(BROWSER, letter["code"])


def test_only_the_newest_code_of_a_browser_counts_and_each_link_does(sign_in, letter, letters):
    sign_in.send("outra@aurora.example", BROWSER, CLIENT, "/chamados")
    newest = letters()[-1]
    assert letter["code"] == newest["code"] or sign_in.enter_code(BROWSER, letter["code"]) is None
    assert sign_in.asked(BROWSER) == "outra@aurora.example"
    assert sign_in.enter_code(BROWSER, newest["code"]).email == "outra@aurora.example"
    assert sign_in.enter_link(letter["link"]).email == EMAIL


def test_an_entry_knows_its_browser(sign_in, letter):
    entry = sign_in.behind_link(letter["link"])
    assert is_browser_of(entry, BROWSER) and not is_browser_of(entry, "outro")


def test_both_limits_count_an_hour_and_what_is_older_is_forgotten(sign_in, clock, database):
    for n in range(5):
        sign_in.send(EMAIL, BROWSER, f"rede-{n}", "/chamados")
    with pytest.raises(TooMany):
        sign_in.send(EMAIL, BROWSER, "rede-9", "/chamados")
    clock.advance(hours=1, seconds=1)
    sign_in.send(EMAIL, BROWSER, "rede-9", "/chamados")
    with database.read() as connection:
        assert len(connection.execute(select(sign_in_codes.c.id)).all()) == 1

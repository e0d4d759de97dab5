"""What people wrote when their session was over."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.store.tables import unsent_texts
from bot.store.unsent import KEPT_FOR, Unsent, UnsentTexts
from tests.bot.at_once import at_once

ANA, NUMBER = "ana@aurora.example", "PC-1001"
WORDS = Unsent("a" * 32, "Ainda acontece.", True)


@pytest.fixture
def unsent(database, clock):
    return UnsentTexts(database, clock)


def test_words_are_kept_for_their_writer_on_their_ticket(unsent):
    unsent.keep(ANA, NUMBER, WORDS)
    assert unsent.find(ANA, NUMBER) == WORDS
    assert unsent.find("bruno@aurora.example", NUMBER) is unsent.find(ANA, "PC-1002") is None


def test_the_newest_words_are_kept(unsent):
    unsent.keep(ANA, NUMBER, WORDS)
    unsent.keep(ANA, NUMBER, Unsent("b" * 32, "Parou.", False))
    assert unsent.find(ANA, NUMBER).text == "Parou."


def test_two_clicks_at_the_same_moment_keep_one_text(unsent, database):
    at_once(4, lambda: unsent.keep(ANA, NUMBER, WORDS))
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(unsent_texts)).scalar_one() == 1


def test_words_are_forgotten_once_sent_and_by_wish(unsent):
    unsent.keep(ANA, NUMBER, WORDS)
    unsent.forget(ANA, NUMBER, "b" * 32)
    unsent.forget(ANA, "PC-1002")
    assert unsent.find(ANA, NUMBER) == WORDS
    unsent.forget(ANA, NUMBER, WORDS.key)
    assert unsent.find(ANA, NUMBER) is None


def test_words_that_nobody_came_back_for_are_gone_after_a_month(unsent, clock, database):
    unsent.keep(ANA, NUMBER, WORDS)
    clock.advance(seconds=(KEPT_FOR + timedelta(seconds=1)).total_seconds())
    assert unsent.find(ANA, NUMBER) is None
    unsent.keep(ANA, "PC-1002", WORDS)
    with database.read() as connection:
        assert connection.execute(select(unsent_texts.c.number)).scalars().all() == ["PC-1002"]

"""People the tokens told of, and sessions that were ended."""

import pytest
from sqlalchemy import select

from bot.store.people import KnownPerson, People
from bot.store.tables import ended_sessions
from tests.bot.at_once import at_once

ANA = KnownPerson("ana@aurora.example", "Ana Prado", "Lojas Aurora")


@pytest.fixture
def people(database, clock):
    return People(database, clock, {"bia@norte.example": "Casa Norte", ANA.email: "Outra"}.get)


def test_a_person_is_found_as_they_were_told_of_last(people):
    people.note(ANA)
    people.note(KnownPerson(ANA.email, "Ana P.", "Banco Sul", "agent"))
    assert people.find(ANA.email) == KnownPerson(ANA.email, "Ana P.", "Banco Sul", "agent")
    assert people.find("ninguem@aurora.example") is None


def test_a_proven_address_has_the_company_of_the_last_token_else_of_the_contracts(people):
    people.note(ANA)
    assert people.proven(ANA.email) == ANA
    assert people.proven("bia@norte.example") == KnownPerson("bia@norte.example", company="Casa Norte")
    assert people.proven("caio@nenhures.example").company is None


def test_an_address_proven_within_a_conversation_has_a_company_on_a_phone_only(people):
    people.note(ANA)
    assert people.company_in("whatsapp", ANA.email) == ANA.company
    assert people.company_in("web", ANA.email) is None
    assert people.company_in("whatsapp", None) is None


def test_a_person_told_of_by_several_calls_at_once_is_one_person(people):
    at_once(4, lambda: people.note(ANA))
    assert people.find(ANA.email) == ANA


def test_a_session_that_was_ended_stays_so_and_is_forgotten_after_its_time(people, clock, database):
    first = clock()
    people.end_session("um", first)
    people.end_session("um", first)
    assert people.is_over(ANA.email, "um", first) and not people.is_over(ANA.email, "dois", first)
    clock.advance(seconds=1)
    people.end_session("dois", clock())
    with database.read() as connection:
        assert connection.execute(select(ended_sessions.c.nonce)).scalars().all() == ["dois"]


def test_the_name_a_person_chose_outlives_what_tokens_say(people):
    people.rename(ANA.email, "Aninha")
    people.note(ANA)
    known = KnownPerson(ANA.email, "Ana Prado", "Lojas Aurora", chosen_name="Aninha")
    assert people.find(ANA.email) == known and people.note(ANA) == known


def test_of_a_person_told_of_for_the_first_time_only_that_is_known(people):
    assert people.note(ANA) == ANA


def test_a_person_nobody_told_of_may_choose_a_name(people):
    at_once(4, lambda: people.rename("bia@sul.example", "Bia"))
    assert people.find("bia@sul.example") == KnownPerson("bia@sul.example", role="requester", chosen_name="Bia")


def test_leaving_everywhere_ends_what_began_until_then(people, clock):
    first = clock()
    people.note(ANA)
    clock.advance(seconds=1)
    people.leave_everywhere(ANA.email)
    assert people.is_over(ANA.email, "um", first) and people.is_over(ANA.email, "dois", clock())
    clock.advance(microseconds=1)
    assert not people.is_over(ANA.email, "três", clock()) and not people.is_over("outra@x.example", "um", first)
    assert people.find(ANA.email) == ANA

"""Tickets under an address that was typed: only who proves it says that they are theirs, and once."""

import pytest

from bot.store.claims import Claim, Claims
from tests.bot.at_once import at_once
from tests.bot.filings import filing
from tests.bot.people import ANA, BRUNO, as_requester, visitor


@pytest.fixture
def claims(database, clock):
    return Claims(database, clock)


@pytest.fixture
def number(tickets, inbox):
    inbox.open("anonima", "web", None)
    return tickets.file(filing(visitor("anonima", claimed="Ana@Aurora.example"))).number


def test_the_owner_of_an_address_is_told_number_and_subject(claims, number):
    assert claims.of(ANA.email) == [Claim(number, "Forno parado")] and claims.of(BRUNO.email) == []


def test_a_ticket_filed_with_proof_needs_no_confirmation(claims, tickets, inbox):
    inbox.open("da-ana", "web", ANA.email)
    tickets.file(filing(as_requester(ANA, "da-ana")))
    assert claims.of(ANA.email) == []


def test_a_ticket_is_confirmed_once_and_a_change_worked_out_before_starts_anew(claims, tickets, number):
    before = tickets.by_number(number).version
    assert sorted(at_once(3, lambda: claims.confirm(number, as_requester(ANA)))) == [False, False, True]
    ticket = tickets.by_number(number)
    assert (ticket.company, ticket.version) == (ANA.company, before + 1)
    assert [entry.kind for entry in ticket.timeline] == ["opened", "confirmed"]


def test_nobody_confirms_for_somebody_else(claims, tickets, number):
    assert not claims.confirm(number, as_requester(BRUNO))
    assert tickets.by_number(number).company is None

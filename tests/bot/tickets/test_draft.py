from dataclasses import asdict

import pytest

from bot.tickets.draft import Requester
from tests.bot.people import ANA, as_requester, visitor


def test_the_address_is_the_proven_one_before_the_claimed_one():
    both = Requester("c", "web", email="provado@casa.example", claimed_email="dito@casa.example")
    assert both.address == "provado@casa.example"
    assert visitor("c", claimed="dito@casa.example").address == "dito@casa.example"
    assert visitor("c").address is None


def test_a_requester_comes_back_from_the_metadata_of_a_turn():
    ana = as_requester(ANA, "conversa-ana")
    assert Requester.from_metadata({**asdict(ana), "attachments": [], "is_command": False}) == ana


@pytest.mark.parametrize("role", [None, ""])
def test_without_a_role_somebody_is_a_requester(role):
    assert Requester.from_metadata({"conversation": "c", "role": role}).role == "requester"

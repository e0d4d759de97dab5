"""Ana and Bruno share a company, Carla is of another, Davi answers for the desk, and somebody is nobody yet."""

from __future__ import annotations

from bot.tickets.draft import Requester
from tests.stack import ANA, BRUNO, CARLA, DAVI, Person

__all__ = ["ANA", "BRUNO", "CARLA", "DAVI", "Person", "as_requester", "visitor"]


def as_requester(person: Person, conversation: str = "") -> Requester:
    """A person whom a token identifies; outside of any conversation unless one is named."""
    return Requester(conversation, "web", person.email, person.name, person.company, person.role)


def visitor(conversation: str, *, proven: str | None = None, claimed: str | None = None) -> Requester:
    """Somebody without a token. `proven` is an address confirmed by a code, `claimed` one only typed."""
    return Requester(conversation, "web", email=proven, claimed_email=claimed)

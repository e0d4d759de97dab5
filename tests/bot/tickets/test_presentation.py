"""A ticket as the interface names its fields."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.tickets.presentation import ticket_fields
from bot.tickets.ticket import Status
from tests.bot.filings import filing
from tests.bot.people import ANA, as_requester

ZONE = ZoneInfo("America/Sao_Paulo")
PROMISED = [
    "number",
    "status",
    "product",
    "module",
    "type",
    "subject",
    "who",
    "what",
    "where",
    "when",
    "why",
    "contact",
    "severity",
    "sla_row",
    "diagnosis_due",
    "solution_due",
    "creator",
    "company",
    "channel",
    "created_at",
    "attachments",
    "articles_shown",
    "timeline",
]


@pytest.fixture
def fields(tickets, inbox):
    inbox.open("conversa-ana", "web", ANA.email)
    return ticket_fields(tickets.file(filing(as_requester(ANA, "conversa-ana"))), ZONE)


def test_every_promised_field_is_there(fields):
    assert set(PROMISED) <= set(fields)


def test_times_have_the_offset_of_the_desk(fields):
    assert fields["created_at"] == "2026-03-03T10:00:00-03:00"
    for name in ("diagnosis_due", "solution_due"):
        assert datetime.fromisoformat(fields[name]).utcoffset() == datetime(2026, 3, 3, tzinfo=ZONE).utcoffset()
    assert fields["timeline"][0]["at"].endswith("-03:00")


def test_a_ticket_without_deadlines_has_none(tickets, inbox):
    inbox.open("conversa-ana", "web", ANA.email)
    ticket = tickets.file(filing(as_requester(ANA, "conversa-ana"), severity=None))
    assert ticket_fields(ticket, ZONE)["diagnosis_due"] is None


def test_nothing_internal_is_shown(fields):
    assert {"draft_id", "conversation", "evidence"}.isdisjoint(fields)


def test_every_status_has_words_for_people():
    assert len({status.label for status in Status}) == len(Status)

"""A mailroom over real stores, with Ana's ticket PC-1001 in them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.channels.mail_marks import MailMarks
from bot.mailroom.clerk import Clerk
from bot.mailroom.sorting import Rules, Sorting
from bot.sla.contracts import Contract, Contracts
from bot.store.correspondents import Correspondents
from bot.store.mail_store import MailState, MailStore
from bot.store.outbox import Outbox
from bot.tickets.handling import Handling
from tests.bot.channels.mails import mail
from tests.bot.filings import clocks_from, filing
from tests.bot.people import ANA, CARLA, DAVI, as_requester
from tests.bot.sla.bakery import CALENDAR, MATRIX

SECRET = "segredo-somente-dos-testes-0123456789"


@pytest.fixture
def contracts():
    """Ana's company has a contract that names its domain of mail."""
    return Contracts(CALENDAR, [Contract(ANA.company, frozenset({"aurora.example"}))])


@pytest.fixture
def marks():
    return MailMarks("suporte@desk.example", SECRET)


@pytest.fixture
def handling(tickets, contracts, clock):
    return Handling(tickets, MATRIX, contracts, clock, reopen_within=timedelta(days=7))


@pytest.fixture
def number(tickets, inbox, clock, contracts):
    inbox.open("conversa-ana", "web", ANA.email)
    ana = as_requester(ANA, "conversa-ana")
    return tickets.file(filing(ana, clock_events=clocks_from(clock(), contracts))).number


@pytest.fixture
def carlas(tickets, inbox):
    """A ticket of another company."""
    inbox.open("conversa-carla", "web", CARLA.email)
    return tickets.file(filing(as_requester(CARLA, "conversa-carla"), "rascunho-carla")).number


@pytest.fixture
def correspondents(database):
    return Correspondents(database)


@pytest.fixture
def sorting(marks, correspondents, contracts, clock):
    return Sorting(marks, correspondents, contracts.company_of, Rules("PC", "mx.desk.example", most_per_hour=3), clock)


@pytest.fixture
def mails(database, tmp_path, clock):
    return MailStore(database, tmp_path / "mail_in", clock)


@pytest.fixture
def outbox(database, clock):
    return Outbox(database, clock)


@pytest.fixture
def clerk(mails, sorting, correspondents, handling, attachment_store, outbox, marks, clock):
    return Clerk(
        mails, sorting, correspondents, handling, attachment_store, outbox, marks, clock,
        max_bytes=1_000_000, max_file_bytes=200_000,
    )  # fmt: skip


@pytest.fixture
def receive(clerk, mails):
    """Takes a mail in and has everything handled; gives what became of the newest."""

    def receive(message):
        raw = message if isinstance(message, bytes) else message.as_bytes()
        clerk.keep(raw, len(raw))
        clerk.work()
        return mails.listed(tuple(MailState))[0]

    return receive


@pytest.fixture
def answer(marks, number):
    """A mail to the signed address of Ana's ticket."""

    def answer(text="Segue o que pediram.", **headers):
        return mail(text, **{"to": marks.reply_to(number), **headers})

    return answer


@pytest.fixture
def davis():
    return as_requester(DAVI, "conversa-ana")

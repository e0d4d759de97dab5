"""The queue in the database: its order, and what it must not forget."""

from datetime import timedelta

import pytest

from bot.errors import Forbidden
from bot.sla.contracts import Contracts
from bot.store.desk_queue import DeskQueue, QueueQuery
from bot.tickets.handling import Handling, Said
from bot.tickets.ticket import Status
from tests.bot.filings import clocks_from, filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester
from tests.bot.sla.bakery import CALENDAR, MATRIX

DAVIS = as_requester(DAVI)


@pytest.fixture
def handling(tickets, clock):
    return Handling(tickets, MATRIX, Contracts(CALENDAR), clock, reopen_within=timedelta(days=7))


@pytest.fixture
def queue(database):
    return DeskQueue(database)


@pytest.fixture
def file(tickets, inbox, clock):
    def file(talk, person=ANA, **told):
        inbox.open(talk, "web", person.email)
        events = clocks_from(clock(), Contracts(CALENDAR)) if told.get("severity", 1) else ()
        return tickets.file(filing(as_requester(person, talk), f"d-{talk}", clock_events=events, **told)).number

    return file


def act(handling, name, number, talk, person=DAVI, key="m"):
    getattr(handling, name)(number, as_requester(person, talk), Said("Texto.", f"{name}-{number}-{key}", "console"))


def shown(queue, **query):
    return [row.number for row in queue.page(QueueQuery(**query), DAVIS).rows]


@pytest.mark.parametrize("ask", [lambda q, who: q.page(QueueQuery(), who), lambda q, who: q.companies(who)])
def test_the_queue_is_for_agents(queue, ask):
    with pytest.raises(Forbidden):
        ask(queue, as_requester(ANA))


def test_what_a_customer_says_on_a_ticket_that_is_done_with_is_not_lost(queue, file, handling, clock):
    number = file("conversa-1")
    act(handling, "resolve", number, "conversa-1")
    assert shown(queue) == []
    clock.advance(days=8)
    act(handling, "reply", number, "conversa-1", ANA)
    row = queue.page(QueueQuery(), DAVIS).rows[0]
    assert (row.number, row.status, row.unanswered) == (number, Status.RESOLVED, True)
    act(handling, "reply", number, "conversa-1", key="m-2")
    assert shown(queue) == []


def test_a_ticket_is_unanswered_until_somebody_of_the_desk_writes(queue, file, handling):
    number = file("conversa-1")
    file("conversa-2")
    assert shown(queue, unanswered=True) == []
    act(handling, "reply", number, "conversa-1", ANA)
    assert shown(queue, unanswered=True) == [number]
    act(handling, "ask", number, "conversa-1")
    assert shown(queue, unanswered=True) == []


def test_the_counts_are_those_of_the_queue(queue, file, handling, clock):
    late, asked, done = file("conversa-1"), file("conversa-2", BRUNO), file("conversa-3", CARLA)
    act(handling, "ask", asked, "conversa-2")
    act(handling, "resolve", done, "conversa-3")
    act(handling, "reply", late, "conversa-1", ANA)
    clock.advance(days=1)
    counts = queue.counts(DAVIS, clock())
    assert (counts.open, counts.waiting_customer, counts.late, counts.unanswered) == (1, 1, 1, 1)
    assert queue.companies(DAVIS) == ["Banco Sul", "Lojas Aurora"]


def test_pages_leave_nothing_out_and_repeat_nothing(queue, file):
    numbers = [file(f"conversa-{n}", severity=None) for n in range(7)]
    found = [queue.page(QueueQuery(page=page, size=3), DAVIS) for page in (1, 2, 3, 4)]
    assert [row.number for page in found for row in page.rows] == numbers
    assert {page.total for page in found} == {7}

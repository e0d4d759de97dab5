"""The watch over the deadlines: a warning and an alarm, once each, to whoever must hear it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.notifications.watch import Watch
from bot.sla.clock import ClockEventKind
from bot.sla.contracts import Contracts
from bot.store import tables
from bot.store.watched import WatchedTickets
from bot.tickets.handling import Handling, Said
from tests.bot.at_once import at_once
from tests.bot.filings import clocks_from, filing
from tests.bot.people import ANA, BRUNO, DAVI, as_requester
from tests.bot.sla.bakery import CALENDAR, MATRIX

DESK = "desk@desk.example"
DAVIS, ANAS = as_requester(DAVI, "conversa-ana"), as_requester(ANA, "conversa-ana")
CONTRACTS = Contracts(CALENDAR)


@pytest.fixture
def handling(tickets, clock):
    return Handling(tickets, MATRIX, CONTRACTS, clock, reopen_within=timedelta(days=7))


@pytest.fixture
def number(tickets, inbox, clock):
    """An hour to diagnose, two to solve."""
    inbox.open("conversa-ana", "web", ANA.email)
    return tickets.file(filing(ANAS, clock_events=clocks_from(clock(), CONTRACTS))).number


@pytest.fixture
def watch(database, clock):
    return Watch(WatchedTickets(database, DESK), CONTRACTS.calendar, clock)


@pytest.fixture
def told(tickets, number):
    """Kinds and clocks of what the timeline tells of deadlines, in order."""

    def told():
        timeline = tickets.by_number(number).timeline
        return [(entry.kind, entry.body["clock"]) for entry in timeline if entry.kind.startswith("sla_")]

    return told


@pytest.fixture
def notices(database):
    def notices(kind):
        with database.read() as connection:
            query = select(tables.outbox).where(tables.outbox.c.kind == kind).order_by(tables.outbox.c.id)
            return connection.execute(query).all()

    return notices


def test_a_fresh_ticket_needs_no_warning(watch, told):
    assert watch.look() == 0 and told() == []


def test_each_clock_warns_once_before_and_once_after_its_target(watch, told, clock):
    for _ in range(180):
        clock.advance(minutes=1)
        watch.look()
    assert told() == [
        ("sla_warning", "diagnosis"), ("sla_breach", "diagnosis"), ("sla_warning", "solution"), ("sla_breach", "solution"),
    ]  # fmt: skip


def test_a_breach_is_in_the_log_with_the_instant_when_the_target_ran_out(watch, tickets, number, clock):
    start = clock()
    clock.advance(minutes=90)
    watch.look()
    events = tickets.by_number(number).clock_events
    (breach,) = [event for event in events if event.kind is ClockEventKind.BREACHED]
    assert (breach.clock, breach.at) == ("diagnosis", start + timedelta(hours=1))


def test_a_clock_that_is_due_now_is_in_time_and_a_second_later_is_not(watch, told, clock):
    clock.advance(hours=1)
    watch.look()
    assert ("sla_breach", "diagnosis") not in told()
    clock.advance(seconds=1)
    watch.look()
    assert ("sla_breach", "diagnosis") in told()


def test_the_desk_the_agent_and_the_subscribers_hear_of_it_and_the_customer_does_not(
    watch, notices, handling, number, clock, database
):
    handling.reply(number, DAVIS, Said("Vou ver.", "m-1", "console"))
    with database.write() as connection:
        id = connection.execute(select(tables.tickets.c.id)).scalar_one()
        connection.execute(insert(tables.subscriptions).values(ticket_id=id, email=BRUNO.email, at=clock()))
    clock.advance(minutes=50)
    watch.look()
    assert [row.recipient for row in notices("sla_warning")] == sorted([BRUNO.email, DAVI.email, DESK])


def test_a_ticket_that_waits_for_the_customer_comes_no_nearer(watch, told, handling, number, clock):
    handling.ask(number, DAVIS, Said("Qual o número?", "m-1", "console"))
    clock.advance(days=2)
    watch.look()
    assert told() == []
    handling.reply(number, ANAS, Said("4711", "m-2", "email"))
    clock.advance(minutes=50)
    watch.look()
    assert told() == [("sla_warning", "diagnosis")]


def test_what_is_resolved_in_time_is_left_alone(watch, told, handling, number, clock):
    handling.resolve(number, DAVIS, Said("Pronto.", "m-1", "console"))
    clock.advance(days=2)
    watch.look()
    assert told() == []


def test_another_target_warns_anew(watch, told, handling, number, clock):
    clock.advance(minutes=50)
    watch.look()
    handling.change_severity(number, DAVIS, "P-2", "Dá para assar.")
    watch.look()
    assert told() == [("sla_warning", "diagnosis")]
    clock.advance(days=3)
    watch.look()
    assert ("sla_breach", "diagnosis") in told() and len(told()) == 2


def test_between_the_moments_that_count_a_ticket_is_not_looked_at(watch, database, clock, number):
    watch.look()
    store = WatchedTickets(database, DESK)
    clock.advance(minutes=40)
    assert store.due(clock()) == []
    clock.advance(minutes=6)
    assert [ticket.number for ticket in store.due(clock())] == [number]


def test_two_watches_at_once_tell_once(watch, told, notices, clock):
    clock.advance(hours=3)
    assert sum(at_once(4, watch.look)) == 2
    assert len(told()) == 2 and len(notices("sla_breach")) == 2


def test_a_watch_that_was_away_tells_only_what_still_matters(watch, told, clock):
    clock.advance(days=5)
    watch.look()
    assert told() == [("sla_breach", "diagnosis"), ("sla_breach", "solution")]


def test_a_log_that_cannot_be_read_stops_no_other(watch, told, database, tickets, inbox, number, clock):
    inbox.open("conversa-2", "web", None)
    tickets.file(filing(as_requester(ANA, "conversa-2"), "r-2", clock_events=clocks_from(clock(), CONTRACTS)))
    with database.write() as connection:
        broken = select(tables.tickets.c.id).where(tables.tickets.c.draft_id == "r-2").scalar_subquery()
        of_it = tables.clock_events.c.ticket_id == broken
        connection.execute(update(tables.clock_events).where(of_it).values(target_seconds=None))
    clock.advance(minutes=50)
    assert watch.look() == 1
    assert told() == [("sla_warning", "diagnosis")]

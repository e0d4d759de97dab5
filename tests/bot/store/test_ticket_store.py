"""Tickets: filed once, numbered, told to the outbox in the same breath, and seen only by those who may."""

from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.store.tables import handovers, outbox, ticket_events
from bot.store.tables import tickets as ticket_table
from bot.tickets.draft import Requester
from bot.tickets.ports import TicketQuery
from bot.tickets.ticket import Status
from tests.bot.at_once import at_once
from tests.bot.clock import TUESDAY
from tests.bot.filings import draft, filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, Person, as_requester, visitor

TALKS = ("conversa-ana", "conversa-bruno", "conversa-carla", "conversa-anonima", "conversa-outra")
ANONYMOUS, OTHER = "conversa-anonima", "conversa-outra"
MINE, TEAM = TicketQuery(scope="mine"), TicketQuery(scope="team")


@pytest.fixture(autouse=True)
def opened(inbox):
    for conversation in TALKS:
        inbox.open(conversation, "web", None)


@pytest.fixture
def count(database):
    def count(table):
        with database.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar()

    return count


@pytest.fixture
def notices(database):
    def notices():
        with database.read() as connection:
            return connection.execute(select(outbox).order_by(outbox.c.id)).all()

    return notices


@pytest.fixture
def filed(tickets):
    """Files a ticket for a person (or a requester) in a conversation of their own."""

    def file(who: Person | Requester, id: str, /, **told):
        if isinstance(who, Person):
            who = as_requester(who, f"conversa-{who.name.split()[0].lower()}")
        return tickets.file(filing(who, id, **told))

    return file


def numbers(found):
    return [ticket.number for ticket in found]


# Filing


def test_a_ticket_is_kept_with_everything_that_was_told(filed, tickets):
    told = {"who": "todos", "where": "na loja", "when": "hoje", "why": "sem pão", "contact": "à tarde"}
    number = filed(ANA, "r1", subject="Forno parado", articles_shown=("007",), **told).number
    ticket = tickets.find(number, as_requester(ANA))
    assert {name: getattr(ticket, name) for name in told} == told
    assert (ticket.product, ticket.module, ticket.type, ticket.what) == (
        "FORNO", "TIMER", "report_error", "o forno não liga",
    )  # fmt: skip
    assert (ticket.creator, ticket.creator_name, ticket.company) == (ANA.email, ANA.name, ANA.company)
    assert (ticket.status, ticket.subject, ticket.channel) == (Status.OPEN, "Forno parado", "web")
    assert (ticket.created_at, ticket.articles_shown, ticket.severity) == (TUESDAY, ("007",), 1)
    assert ticket.began_at < ticket.created_at < ticket.diagnosis_due < ticket.solution_due


def test_a_request_that_is_no_incident_has_no_severity_and_no_deadline(filed):
    ticket = filed(ANA, "r1", severity=None)
    assert ticket.severity is ticket.sla_row is ticket.diagnosis_due is ticket.solution_due is None


def test_the_timeline_begins_with_the_opening(filed):
    (entry,) = filed(ANA, "r1").timeline
    assert (entry.kind, entry.actor, entry.at) == ("opened", ANA.email, TUESDAY)


def test_the_first_message_is_kept_whole_in_the_timeline(filed):
    said = "bom dia, o forno não liga e mostra E-42"
    assert filed(ANA, "r1", opening=said).timeline[0].body["said"] == said
    assert "said" not in filed(ANA, "r2").timeline[0].body


def test_numbers_run_on_from_the_companys_first(filed, company):
    given = [filed(ANA, f"r{n}").number for n in range(3)]
    assert given == [company.ticket_number(n) for n in (1, 2, 3)]


def test_the_same_draft_is_filed_once(filed, count, notices):
    first = filed(ANA, "r1")
    assert filed(ANA, "r1", what="outra coisa") == first
    assert (count(ticket_table), count(ticket_events), len(notices())) == (1, 1, 1)


def test_the_same_draft_from_eight_threads_at_once_is_filed_once(filed, count, notices):
    found = at_once(8, lambda: filed(ANA, "r1"))
    assert len({ticket.number for ticket in found}) == 1
    assert (count(ticket_table), count(ticket_events), len(notices())) == (1, 1, 1)


def test_two_drafts_with_the_same_words_are_two_tickets(filed, count):
    assert filed(ANA, "r1").number != filed(ANA, "r2").number
    assert count(ticket_table) == 2


def test_the_copy_goes_to_whoever_filed(filed, notices):
    number = filed(ANA, "r1").number
    (notice,) = notices()
    assert (notice.kind, notice.recipient, notice.payload) == ("ticket_copy", ANA.email, {"number": number})
    assert number in notice.key


def test_a_claimed_address_gets_the_copy_as_well(filed, notices):
    filed(visitor(ANONYMOUS, claimed="eu@casa.example"), "r1")
    assert [notice.recipient for notice in notices()] == ["eu@casa.example"]


def test_nobody_gets_a_copy_where_no_address_is_known(filed, notices):
    assert filed(visitor(ANONYMOUS), "r1").creator is None
    assert notices() == []


def test_there_is_no_ticket_where_its_copy_cannot_be_put_into_the_outbox(filed, database, count, company):
    with database.write() as connection:
        taken = {"key": f"ticket-copy:{company.ticket_number(1)}", "kind": "x", "recipient": "a@b.example"}
        times = {"created_at": TUESDAY, "due_at": TUESDAY}
        connection.execute(insert(outbox).values(**taken, **times, payload={}, attempts=0))
    with pytest.raises(IntegrityError):
        filed(ANA, "r1")
    assert (count(ticket_table), count(ticket_events), count(outbox)) == (0, 0, 1)


# Who sees what


def test_a_colleague_sees_the_ticket(filed, tickets):
    number = filed(ANA, "r1").number
    assert tickets.find(number, as_requester(BRUNO)).number == number
    assert numbers(tickets.find_all(TEAM, as_requester(BRUNO))) == [number]


def test_another_company_does_not_see_it_by_number(filed, tickets):
    assert tickets.find(filed(ANA, "r1").number, as_requester(CARLA)) is None


@pytest.mark.parametrize(
    "query",
    [MINE, TEAM, TicketQuery(scope="team", creator=ANA.email), TicketQuery(scope="team", q="forno"),
     TicketQuery(scope="team", status="open"),
     TicketQuery(scope="team", type="report_error"), TicketQuery(scope="everybody")],
)  # fmt: skip
def test_another_company_does_not_see_it_in_any_list(filed, tickets, query):
    filed(ANA, "r1")
    assert tickets.find_all(query, as_requester(CARLA)) == []


def test_another_company_does_not_see_it_from_inside_the_conversation(filed, tickets):
    number = filed(ANA, "r1").number
    assert tickets.find(number, as_requester(CARLA, "conversa-ana")) is None


def test_support_sees_every_ticket(filed, tickets):
    given = [filed(ANA, "r1").number, filed(CARLA, "r2").number, filed(visitor(ANONYMOUS), "r3").number]
    assert numbers(tickets.find_all(TEAM, as_requester(DAVI))) == given[::-1]
    assert all(tickets.find(number, as_requester(DAVI)) for number in given)


def test_a_proven_address_sees_what_was_filed_under_it_proven(filed, tickets):
    number = filed(visitor(ANONYMOUS, proven="eu@casa.example"), "r1").number
    assert tickets.find(number, visitor(OTHER, proven="Eu@Casa.example")).number == number


def test_a_proven_address_does_not_see_what_somebody_filed_under_it_unproven(filed, tickets):
    number = filed(visitor(ANONYMOUS, claimed="eu@casa.example"), "r1").number
    assert tickets.find(number, visitor(OTHER, proven="eu@casa.example")) is None


def test_a_proven_address_does_not_see_the_tickets_of_others(filed, tickets):
    filed(visitor(ANONYMOUS, proven="eu@casa.example"), "r1")
    assert tickets.find_all(TEAM, visitor(OTHER, proven="outra@casa.example")) == []


def test_a_claimed_address_sees_nothing(filed, tickets):
    number = filed(visitor(ANONYMOUS, proven="eu@casa.example"), "r1").number
    claimed = visitor(OTHER, claimed="eu@casa.example")
    assert tickets.find(number, claimed) is None
    assert tickets.find_all(MINE, claimed) == tickets.find_all(TEAM, claimed) == []


def test_a_claimed_address_of_a_company_shows_none_of_its_tickets(filed, tickets):
    filed(ANA, "r1")
    assert tickets.find_all(TEAM, visitor(OTHER, claimed=ANA.email)) == []


def test_whoever_filed_in_a_conversation_sees_the_ticket_there(filed, tickets):
    number = filed(visitor(ANONYMOUS), "r1").number
    assert tickets.find(number, visitor(ANONYMOUS)).number == number


def test_who_proved_a_companys_address_since_still_sees_what_was_filed_in_the_conversation_before(filed, tickets):
    number = filed(visitor(ANONYMOUS), "r1").number
    known = Requester(ANONYMOUS, "whatsapp", ANA.email, company=ANA.company)
    assert numbers(tickets.find_all(TEAM, known)) == [number]
    assert tickets.find(number, replace(known, conversation=OTHER)) is None


def test_nobody_unknown_sees_it_from_another_conversation_or_from_none(filed, tickets):
    number = filed(visitor(ANONYMOUS), "r1").number
    assert tickets.find(number, visitor(OTHER)) is None
    assert tickets.find(number, visitor("")) is None


# Lists


def test_mine_are_only_those_i_filed(filed, tickets):
    mine, _ = filed(ANA, "r1").number, filed(BRUNO, "r2")
    assert numbers(tickets.find_all(MINE, as_requester(ANA))) == [mine]


def test_the_teams_are_all_of_the_company_newest_first(filed, tickets):
    given = [filed(ANA, "r1").number, filed(CARLA, "r2").number, filed(BRUNO, "r3").number]
    assert numbers(tickets.find_all(TEAM, as_requester(ANA))) == [given[2], given[0]]


def test_my_address_is_mine_however_it_is_written(filed, tickets):
    number = filed(ANA, "r1").number
    loud = Requester("", "web", ANA.email.upper(), ANA.name, ANA.company)
    assert numbers(tickets.find_all(MINE, loud)) == [number]


@pytest.mark.parametrize(
    "query",
    [TicketQuery(scope="team", status="open"), TicketQuery(scope="team", type="report_error"),
     TicketQuery(scope="team", creator=ANA.email.upper()), TicketQuery(scope="team", q="LIGA"),
     TicketQuery(scope="team", q="na cozinha"), TicketQuery(scope="team", q="forno parado")],
)  # fmt: skip
def test_a_list_keeps_what_fits(filed, tickets, query):
    number = filed(ANA, "r1", where="na cozinha").number
    assert numbers(tickets.find_all(query, as_requester(BRUNO))) == [number]


@pytest.mark.parametrize(
    "query",
    [TicketQuery(scope="team", status="resolved"), TicketQuery(scope="team", type="usability_question"),
     TicketQuery(scope="team", creator=BRUNO.email), TicketQuery(scope="team", q="caixa"), TicketQuery(scope="team", q="%"), TicketQuery(scope="team", q="f__no"),
     TicketQuery(scope="team", after="ZZ-1")],
)  # fmt: skip
def test_a_list_leaves_out_what_does_not_fit(filed, tickets, query):
    filed(ANA, "r1")
    assert tickets.find_all(query, as_requester(BRUNO)) == []


def test_a_ticket_is_found_by_a_part_of_its_number(filed, tickets):
    filed(ANA, "r1")
    number = filed(ANA, "r2").number
    assert numbers(tickets.find_all(TicketQuery(q=number.lower()), as_requester(ANA))) == [number]


def test_a_page_goes_on_where_the_one_before_ended(filed, tickets):
    given = [filed(ANA, f"r{n}").number for n in range(5)][::-1]
    first = numbers(tickets.find_all(TicketQuery(limit=2), as_requester(ANA)))
    second = numbers(tickets.find_all(TicketQuery(limit=2, after=first[-1]), as_requester(ANA)))
    assert first + second == given[:4]


# Contact


def test_the_latest_contact_is_the_one_given_last(filed, tickets):
    filed(ANA, "r1", contact="(11) 99999-0001")
    filed(ANA, "r2", contact="(11) 99999-0002")
    filed(ANA, "r3")
    assert tickets.latest_contact(as_requester(ANA)) == "(11) 99999-0002"


def test_the_contact_of_a_colleague_is_not_mine(filed, tickets):
    filed(BRUNO, "r1", contact="(11) 99999-0001")
    assert tickets.latest_contact(as_requester(ANA)) is None


def test_nobody_unknown_has_a_latest_contact(filed, tickets):
    filed(visitor(ANONYMOUS), "r1", contact="(11) 99999-0001")
    assert tickets.latest_contact(visitor(ANONYMOUS)) is None


# Handing over


def test_a_handover_keeps_the_draft_and_tells_the_desk(tickets, notices, company, count):
    tickets.hand_over(draft("r1"), as_requester(ANA, "conversa-ana"), TUESDAY)
    (notice,) = notices()
    assert (notice.kind, notice.recipient) == ("handover", company.email)
    assert notice.payload["draft"]["what"] == "o forno não liga"
    assert notice.payload["requester"]["email"] == ANA.email
    assert count(handovers) == 1


def test_a_second_handover_while_the_first_is_open_changes_nothing(tickets, notices, count):
    for _ in range(2):
        tickets.hand_over(draft("r1"), as_requester(ANA, "conversa-ana"), TUESDAY)
    assert (count(handovers), len(notices())) == (1, 1)


def test_two_conversations_are_two_handovers(tickets, count):
    tickets.hand_over(draft("r1"), as_requester(ANA, "conversa-ana"), TUESDAY)
    tickets.hand_over(draft("r2"), as_requester(BRUNO, "conversa-bruno"), TUESDAY)
    assert count(handovers) == 2

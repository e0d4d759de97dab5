"""Filing: what a draft needs, what is assessed of it, and what the store is handed."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.errors import InvalidRequest
from bot.sla.assessment import Assessor
from bot.sla.business_hours import BusinessCalendar
from bot.sla.clock import Clock, ClockEventKind
from bot.sla.contracts import Contract, Contracts, Target
from bot.tickets.desk import Desk, description, subject_from
from tests.bot.filings import draft
from tests.bot.people import ANA, as_requester
from tests.bot.sla.bakery import MATRIX, trained

SPECIAL = "Padaria do Bairro"
ANAS = as_requester(ANA, "conversa-ana")


@pytest.fixture(scope="module")
def assessor():
    own = Contract(SPECIAL, targets={1: Target(0.5, 1)})
    return Assessor(
        trained(), MATRIX, Contracts(BusinessCalendar(ZoneInfo("UTC"), (((time(9), time(18)),),) * 7), [own])
    )


@pytest.fixture
def desk(tickets, inbox, assessor, clock):
    inbox.open("conversa-ana", "web", ANA.email)
    return Desk(tickets, assessor, clock)


def test_an_incident_is_filed_with_severity_and_deadlines(desk, clock):
    ticket = desk.file(draft(what="o forno parou de vez, nada assa", module="FORNO"), ANAS)
    assert (ticket.sla_row, ticket.severity) == ("P-1", 1)
    assert ticket.diagnosis_due == clock().replace(hour=14)
    assert ticket.solution_due == clock().replace(hour=15)


def test_both_clocks_of_an_incident_start_when_it_is_filed(desk, clock):
    log = desk.file(draft(what="o forno parou de vez, nada assa", module="FORNO"), ANAS).clock_events
    assert [(event.clock, event.kind, event.at) for event in log] == [
        (Clock.DIAGNOSIS, ClockEventKind.STARTED, clock()), (Clock.SOLUTION, ClockEventKind.STARTED, clock())
    ]  # fmt: skip
    assert [event.target for event in log] == [timedelta(hours=1), timedelta(hours=2)]
    assert desk.file(draft("r2", type="usability_question"), ANAS).clock_events == ()


def test_the_contract_of_the_requesters_company_decides_the_deadlines(desk, clock):
    told = draft(what="o forno parou de vez, nada assa", module="FORNO")
    assert desk.file(told, replace(ANAS, company=SPECIAL)).solution_due == clock().replace(hour=14)
    assert desk.suppose(told, "e se fosse agora?", SPECIAL).terms.special
    assert not desk.assess(told).terms.special


def test_the_moment_in_the_words_is_kept_beside_them(desk, clock):
    ticket = desk.file(draft(when="desde ontem às 14h"), ANAS)
    assert ticket.when == "desde ontem às 14h"
    assert ticket.began_at == (clock() - timedelta(days=1)).replace(hour=14, minute=0)
    assert desk.file(draft("r2", when="de vez em quando"), ANAS).began_at is None


def test_a_request_that_is_no_incident_is_filed_without(desk):
    ticket = desk.file(draft(type="usability_question"), ANAS)
    assert ticket.sla_row is ticket.severity is ticket.solution_due is None


def test_what_the_person_answered_decides_the_row(desk):
    told = {"product": "CAIXA", "module": "CAIXA", "what": "problema no caixa"}
    assert desk.file(draft("r1", impact=("kind:down",), **told), ANAS).sla_row == "P-3"
    assert desk.file(draft("r2", impact=("kind:works",), **told), ANAS).sla_row == "P-5"


def test_the_same_draft_filed_later_is_the_first_ticket_with_its_deadlines(desk, clock):
    first = desk.file(draft(), ANAS)
    clock.advance(hours=2)
    assert desk.file(draft(), ANAS) == first


@pytest.mark.parametrize("missing", ["product", "type", "what"])
def test_a_draft_that_lacks_what_a_ticket_needs_is_refused(desk, tickets, missing):
    with pytest.raises(InvalidRequest, match="ainda não está completo"):
        desk.file(draft(**{missing: None}), ANAS)
    assert tickets.by_number("PC-1001") is None


@pytest.mark.parametrize("missing", ["module", "who", "where", "when", "why", "contact"])
def test_a_draft_may_lack_what_the_person_did_not_know(desk, missing):
    assert desk.file(draft(**{missing: None}), ANAS).number


def test_a_draft_is_assessed_as_if_it_were_filed_now(desk, clock):
    clock.time = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
    assessed = desk.assess(draft(what="o forno parou de vez, nada assa", module="FORNO"))
    assert assessed.diagnosis_due == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["usability_question", "technical_support", "improvement_request", None])
def test_what_is_no_incident_is_not_assessed(desk, kind):
    assert desk.assess(draft(type=kind)) is None


def test_severity_is_read_from_everything_that_was_told():
    told = {"subject": "Forno parado.", "what": "não liga", "who": "todos", "where": "na loja", "why": "sem pão"}
    assert description(draft(**told)) == "Forno parado. não liga. todos. na loja. sem pão"


def test_what_the_first_message_already_says_is_not_said_again():
    told = draft(opening="o forno não liga na loja desde cedo", what="o forno não liga", where="na loja", who="todos")
    assert description(told) == "o forno não liga na loja desde cedo. todos"


def test_a_subject_is_the_symptom_and_the_place():
    assert subject_from(draft(what="o forno\n não  liga", where="na loja")) == "O forno não liga — na loja"


def test_a_long_subject_is_cut_with_an_ellipsis():
    subject = subject_from(draft(what="não liga " * 40))
    assert len(subject) <= 120 and subject.endswith("…")


def test_a_subject_that_was_given_is_kept(desk):
    assert desk.file(draft(subject="Meu título"), ANAS).subject == "Meu título"

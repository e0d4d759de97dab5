"""What happens to a ticket after it was filed: who may do what, what it does to the clocks, who hears of it."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.errors import Conflict, Forbidden, InvalidRequest, NotFound
from bot.sla.clock import Clock, ClockStatus, clocks
from bot.sla.contracts import Contracts
from bot.store.tables import outbound, outbox
from bot.tickets.handling import Handling, Said
from bot.tickets.ports import TicketQuery
from bot.tickets.ticket import Author, Status
from tests.bot.at_once import at_once
from tests.bot.filings import clocks_from, filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester
from tests.bot.sla.bakery import CALENDAR, MATRIX

ANAS, BRUNOS, CARLAS, DAVIS = (as_requester(person, "conversa-ana") for person in (ANA, BRUNO, CARLA, DAVI))
HOUR = timedelta(hours=1)


@pytest.fixture
def contracts():
    return Contracts(CALENDAR)


@pytest.fixture
def handling(tickets, contracts, clock):
    return Handling(tickets, MATRIX, contracts, clock, reopen_within=timedelta(days=7))


@pytest.fixture
def number(tickets, inbox, clock, contracts):
    """Ana's ticket of severity 1: an hour to diagnose, two to solve."""
    inbox.open("conversa-ana", "web", ANA.email)
    return tickets.file(filing(ANAS, clock_events=clocks_from(clock(), contracts))).number


@pytest.fixture
def rows(database):
    def rows(table):
        with database.read() as connection:
            return connection.execute(select(table).order_by(table.c.id)).all()

    return rows


def said(text="Segue o que pediram.", key="m-1", **more):
    return Said(text, key, "portal", **more)


def states(ticket, contracts):
    return {state.clock: state.status for state in clocks(ticket.clock_events, contracts.calendar)}


def loose(store, *contents):
    """Ids of files uploaded in the conversation and on no ticket yet, as the chat leaves them."""
    return tuple(store.save("conversa-ana", "a.txt", "text/plain", content).id for content in contents)


def test_a_ticket_takes_so_many_files_however_many_answers_bring_them(handling, number, attachment_store):
    handling.reply(number, ANAS, said(key="m-1", attachments=loose(attachment_store, b"1", b"2")))
    more = loose(attachment_store, b"3", b"4")
    for who in (ANAS, DAVIS):
        with pytest.raises(InvalidRequest, match="até 3 anexos"):
            handling.reply(number, who, said(key="m-2", attachments=more))
    assert len(handling.reply(number, ANAS, said(key="m-2", attachments=more[:1])).attachments) == 3
    handling.reply(number, ANAS, said("Só palavras.", key="m-3"))


def test_a_ticket_takes_files_of_so_many_bytes_however_many_answers_bring_them(handling, number, attachment_store):
    handling.reply(number, ANAS, said(key="m-1", attachments=loose(attachment_store, bytes(1_500_000))))
    with pytest.raises(InvalidRequest, match="somam até 2 MB"):
        handling.reply(number, ANAS, said(key="m-2", attachments=loose(attachment_store, bytes(600_000))))


def test_answers_at_the_same_moment_bring_no_more_files_than_a_ticket_takes(
    handling, tickets, number, attachment_store
):
    """One brings two files and the other one, and there is room for two."""
    first, second = loose(attachment_store, b"1", b"2"), loose(attachment_store, b"3")
    handling.reply(number, ANAS, said(key="m-1", attachments=second))
    waiting = iter([first, loose(attachment_store, b"4")])

    def answer():
        files = next(waiting)
        try:
            handling.reply(number, ANAS, said(key=files[0], attachments=files))
        except InvalidRequest:
            return None
        return files

    taken = [files for files in at_once(2, answer) if files]
    assert len(taken) == 1 and len(tickets.by_number(number).attachments) <= 3


def test_a_question_stops_both_clocks_until_the_customer_answers(handling, number, clock, contracts):
    clock.advance(minutes=30)
    asked = handling.ask(number, DAVIS, said("Qual é o número de série?"))
    assert asked.status is Status.WAITING_CUSTOMER
    assert set(states(asked, contracts).values()) == {ClockStatus.PAUSED}
    clock.advance(hours=3)
    answered = handling.reply(number, ANAS, said(key="m-2"))
    assert answered.status is Status.OPEN
    assert answered.diagnosis_due == clock() + HOUR / 2
    assert answered.solution_due == clock() + 1.5 * HOUR


def test_an_agent_s_answer_is_the_diagnosis_only_when_he_says_so(handling, number, contracts):
    answered = handling.reply(number, DAVIS, said())
    assert states(answered, contracts)[Clock.DIAGNOSIS] is ClockStatus.RUNNING
    diagnosed = handling.reply(number, DAVIS, said(key="m-2"), diagnosis=True)
    assert states(diagnosed, contracts) == {Clock.DIAGNOSIS: ClockStatus.MET, Clock.SOLUTION: ClockStatus.RUNNING}


def test_what_was_resolved_lately_is_reopened_by_an_answer(handling, number, clock, contracts):
    resolved = handling.resolve(number, DAVIS, said("Trocamos a resistência."))
    assert resolved.status is Status.RESOLVED and resolved.resolved_at == clock()
    assert set(states(resolved, contracts).values()) == {ClockStatus.MET}
    clock.advance(days=2)
    reopened = handling.reply(number, ANAS, said("Parou de novo.", key="m-2"))
    assert reopened.status is Status.OPEN and reopened.resolved_at is None
    assert reopened.solution_due == clock() + 2 * HOUR


def test_a_late_answer_is_kept_but_reopens_nothing(handling, number, clock):
    handling.resolve(number, DAVIS, said())
    clock.advance(days=8)
    kept = handling.reply(number, ANAS, said("Parou de novo.", key="m-2"))
    assert kept.status is Status.RESOLVED
    assert kept.messages[-1].text == "Parou de novo."
    with pytest.raises(InvalidRequest, match="novo"):
        handling.reopen(number, ANAS, said(key="m-3"))


def test_another_severity_counts_the_time_already_used(handling, number, clock):
    clock.advance(minutes=30)
    changed = handling.change_severity(number, DAVIS, "P-4", "Os fornos pequenos seguem assando.")
    assert (changed.severity, changed.sla_row) == (2, "P-4")
    assert changed.diagnosis_due == clock() + 1.5 * HOUR
    entry = changed.timeline[-1]
    assert entry.body == {"from": 1, "from_row": "P-1", "to": 2, "to_row": "P-4",
                          "reason": "Os fornos pequenos seguem assando."}  # fmt: skip


@pytest.mark.parametrize("row, reason", [("P-99", "porque sim"), ("P-4", "  …  ")])
def test_a_severity_changes_to_a_row_of_the_matrix_and_with_a_reason(handling, number, row, reason):
    with pytest.raises(InvalidRequest):
        handling.change_severity(number, DAVIS, row, reason)


def test_a_request_without_severity_gets_clocks_with_its_first_row(handling, tickets, inbox, clock):
    inbox.open("conversa-ana", "web", ANA.email)
    number = tickets.file(filing(ANAS, severity=None, type="usability_question")).number
    changed = handling.change_severity(number, DAVIS, "P-1", "O forno está parado.")
    assert changed.solution_due == clock() + 2 * HOUR


@pytest.mark.parametrize("act", ["ask", "resolve"])
def test_customers_do_not_do_an_agent_s_work(handling, number, act):
    with pytest.raises(Forbidden):
        getattr(handling, act)(number, ANAS, said())
    with pytest.raises(Forbidden):
        handling.change_severity(number, ANAS, "P-4", "Quero mais rápido.")


def test_a_colleague_may_answer_and_a_stranger_finds_nothing(handling, number):
    answered = handling.reply(number, BRUNOS, said())
    assert answered.messages[0].actor == BRUNO.email
    for act in (handling.reply, handling.reopen):
        with pytest.raises(NotFound):
            act(number, as_requester(CARLA), said(key="m-2"))


def test_the_same_message_twice_is_kept_once(handling, number):
    handling.reply(number, ANAS, said())
    again = handling.reply(number, ANAS, said())
    assert [message.text for message in again.messages] == ["Segue o que pediram."]
    assert again.version == 2


def test_acts_at_the_same_moment_are_all_kept(handling, number):
    order = itertools.count()

    def reply():
        n = next(order)
        return handling.reply(number, ANAS, said(f"resposta {n}", key=f"m-{n}"))

    at_once(4, reply)
    kept = handling.reply(number, ANAS, said("por fim", key="fim"))
    assert sorted(message.text for message in kept.messages) == [
        "por fim", "resposta 0", "resposta 1", "resposta 2", "resposta 3"]  # fmt: skip
    assert kept.version == 6


def test_whoever_is_always_too_late_is_told_so(handling, number, tickets, monkeypatch):
    monkeypatch.setattr(tickets, "change", lambda change: False)
    with pytest.raises(Conflict, match="Atualize"):
        handling.reply(number, ANAS, said())


def test_the_customer_reads_an_agent_s_answer_in_the_conversation_and_by_letter(handling, number, rows):
    handling.reply(number, DAVIS, said("Estamos trocando a peça."))
    bubble = rows(outbound)[-1]
    assert (bubble.conversation_id, bubble.author, bubble.pushed) == ("conversa-ana", "agent", True)
    assert bubble.body["text"] == "Estamos trocando a peça." and bubble.body["ticket"] == {"number": number}
    letter = rows(outbox)[-1]
    assert (letter.kind, letter.recipient) == ("ticket_reply", ANA.email)


def test_nobody_is_written_to_about_what_he_did_himself(handling, number, rows):
    before = len(rows(outbox))
    handling.reply(number, ANAS, said())
    assert len(rows(outbox)) == before
    handling.reply(number, BRUNOS, said(key="m-2"))
    assert [letter.recipient for letter in rows(outbox)[before:]] == [ANA.email]


def test_what_was_said_is_found_by_its_words_without_accents_and_with_a_slip(handling, number, tickets):
    handling.reply(number, ANAS, said("A resistência do forno queimou."))
    for words in ("RESISTENCIA", "resistencia queimou", "rezistencia", "forno não", number.lower()):
        found = tickets.find_all(TicketQuery(scope="team", q=words), BRUNOS)
        assert [ticket.number for ticket in found] == [number], words
    assert tickets.find_all(TicketQuery(scope="team", q="resistencia inteira"), BRUNOS) == []
    assert tickets.find_all(TicketQuery(scope="team", q="resistencia"), as_requester(CARLA)) == []


def test_a_message_carries_files_of_its_own_conversation_only(handling, number, attachment_store, inbox):
    inbox.open("conversa-alheia", "web", None)
    mine = attachment_store.save("conversa-ana", "foto.png", "image/png", b"png")
    foreign = attachment_store.save("conversa-alheia", "outra.png", "image/png", b"outra")
    ticket = handling.reply(number, ANAS, said(attachments=(mine.id, foreign.id)))
    assert [(file.name, file.message) for file in ticket.attachments] == [("foto.png", ticket.messages[0].id)]
    assert ticket.messages[0].author is Author.CUSTOMER


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001])
def test_an_empty_or_endless_message_is_refused(handling, number, text):
    with pytest.raises(InvalidRequest):
        handling.reply(number, ANAS, said(text))

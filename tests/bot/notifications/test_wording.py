"""Letters: customer text is data in them, whatever it looks like."""

import re
from dataclasses import asdict
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from bot.catalog import Catalog
from bot.channels.mail_in.reading import read_mail
from bot.channels.mail_in.trimming import SEPARATOR, trimmed
from bot.channels.mail_marks import MailMarks
from bot.notifications.wording import Letters
from bot.sla.contracts import Contracts
from bot.store.outbox import Notice
from bot.tickets.draft import TicketDraft
from bot.tickets.handling import Handling, Said
from tests.bot.clock import TUESDAY
from tests.bot.filings import clocks_from, filing
from tests.bot.people import ANA, DAVI, as_requester, visitor
from tests.bot.sla.bakery import CALENDAR, MATRIX

CATALOG = Catalog.model_validate(
    {
        "types": {"report_error": {"title": "Erro", "description": "Algo falha."}},
        "products": {
            "FORNO": {"title": "Forno", "types": ["report_error"], "modules": {"TIMER": {"title": "Relógio do forno"}}}
        },
    }
)

MARKS = MailMarks("suporte@desk.example", "segredo-somente-dos-testes-0123456789")


@pytest.fixture
def letters(company):
    zone = ZoneInfo("America/Sao_Paulo")
    return Letters(company, CATALOG, zone, MARKS, "https://suporte.example")


@pytest.fixture
def ticket_copy(letters, tickets, inbox):
    """The copy of a ticket, as the mail server of its addressee reads it."""
    inbox.open("conversa-ana", "web", None)

    def write(**told):
        ticket = tickets.file(filing(as_requester(ANA, "conversa-ana"), **told))
        notice = Notice(1, f"ticket-copy:{ticket.number}", "ticket_copy", ANA.email, {"number": ticket.number}, 0)
        return arrived(letters.ticket_copy(notice, ticket))

    return write


def arrived(letter):
    return message_from_bytes(letter.as_bytes(), policy=default)


def code(letters, key="code:1", at=TUESDAY, recipient=ANA.email):
    return arrived(letters.code(Notice(1, key, "code", recipient, {"code": "012345"}, 0), at))


def text(letter):
    return letter.get_body(("plain",)).get_content()


def html(letter):
    return letter.get_body(("html",)).get_content()


def test_a_copy_tells_number_place_symptom_and_deadlines_in_text_and_in_html(ticket_copy):
    letter = ticket_copy(who="todos", contact="(11) 99999-0001")
    for body in (text(letter), html(letter)):
        for words in ("PC-1001", "Forno / Relógio do forno", "o forno não liga", "todos", "(11) 99999-0001"):
            assert words in body
        assert "03/03/2026 às 11h" in body and "https://suporte.example/chamados/PC-1001" in body
    assert (letter["To"], letter["Subject"]) == (ANA.email, "[PC-1001] Forno parado")


def test_a_copy_without_severity_promises_no_deadline(ticket_copy):
    letter = ticket_copy(severity=None)
    assert "Severidade" not in text(letter) and "Diagnóstico" not in text(letter)


def test_a_subject_with_line_breaks_makes_no_header(ticket_copy):
    letter = ticket_copy(subject="Forno\r\nBcc: todos@aurora.example\r\n\r\nOi\u2028Cc: x@y.example\x85fim")
    assert letter["Bcc"] is letter["Cc"] is None
    assert letter["Subject"] == "[PC-1001] Forno Bcc: todos@aurora.example Oi Cc: x@y.example fim"


def test_customer_text_is_escaped_in_html(ticket_copy):
    letter = ticket_copy(what="<script>alert('1')</script> & <img src=x onerror=alert(1)>", subject="<b>x</b>")
    assert not re.search(r"<(script|img|b)[\s>]", html(letter))
    assert "&lt;script&gt;" in html(letter) and "<script>alert('1')</script>" in text(letter)


def test_line_breaks_of_the_customer_stay_line_breaks(ticket_copy):
    letter = ticket_copy(what="primeiro\nsegundo")
    assert "primeiro<br>segundo" in html(letter)


def test_accents_and_emoji_arrive(ticket_copy):
    letter = ticket_copy(subject="Não abre às 8h 👍 ação", what="ü ß ñ 漢 👩‍👩‍👧")
    assert letter["Subject"].endswith("Não abre às 8h 👍 ação")
    assert "ü ß ñ 漢 👩‍👩‍👧" in text(letter) and "ü ß ñ 漢 👩‍👩‍👧" in html(letter)


def test_a_very_long_subject_arrives_whole_on_folded_lines(ticket_copy):
    letter = ticket_copy(subject="ação " * 50)
    assert letter["Subject"].count("ação") == 50


def test_a_letter_sent_again_is_the_same_message(letters):
    first, again = code(letters), code(letters)
    assert first["Message-ID"] == again["Message-ID"]
    assert MARKS.is_our_message(first["Message-ID"])


def test_two_letters_are_two_messages(letters):
    assert code(letters, "code:1")["Message-ID"] != code(letters, "code:2")["Message-ID"]


def test_a_code_is_told_with_how_long_it_is_valid(letters):
    letter = code(letters)
    assert "012345" in text(letter) and "15 minutos" in text(letter) and "012345" in html(letter)


def test_no_machine_answers_our_letters(letters):
    assert code(letters)["Auto-Submitted"] == "auto-generated"


def test_the_sender_is_the_company(letters, company):
    assert company.name in code(letters)["From"] and "suporte@desk.example" in code(letters)["From"]


def test_an_address_with_line_breaks_is_an_error_and_no_header(letters):
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        code(letters, recipient="ana@aurora.example\r\nBcc: todos@aurora.example")


def handover(letters, requester, **told):
    payload = {"draft": asdict(TicketDraft("r1", **told)), "requester": asdict(requester)}
    return arrived(letters.handover(Notice(1, "handover:1", "handover", "desk@desk.example", payload, 0), TUESDAY))


def test_a_handover_tells_who_asks_and_what_is_known(letters):
    letter = handover(letters, as_requester(ANA, "conversa-ana"), what="<i>não liga</i>", where="na loja")
    assert "Ana Prado pediu atendimento humano" in text(letter)
    assert "O quê: <i>não liga</i>" in text(letter) and "Onde: na loja" in text(letter)
    assert "conversa-ana" in text(letter) and "<i>" not in html(letter)


def test_a_handover_of_nobody_known_says_so(letters):
    letter = handover(letters, visitor("conversa-x"))
    assert "Uma pessoa não identificada pediu atendimento humano" in text(letter)


# Letters about what happens to a ticket


@pytest.fixture
def about(letters, tickets, inbox, handling):
    """Writes the letter of a kind about Ana's ticket, after `act` has happened to it."""
    inbox.open("conversa-ana", "web", None)
    ana = as_requester(ANA, "conversa-ana")
    number = tickets.file(filing(ana, clock_events=clocks_from(TUESDAY, Contracts(CALENDAR)))).number

    def about(kind, act=None, *, body=None):
        if act:
            act(number)
        ticket = tickets.by_number(number)
        message = ticket.messages[-1].id if ticket.messages else None
        payload = {"number": number, "message": message, "body": body or ticket.timeline[-1].body}
        return arrived(letters.of_tickets[kind](Notice(2, f"{kind}:{number}:2:x", kind, ANA.email, payload, 0), ticket))

    return about


@pytest.fixture
def handling(tickets, clock):
    return Handling(tickets, MATRIX, Contracts(CALENDAR), clock, reopen_within=timedelta(days=7))


DAVIS, ANAS = as_requester(DAVI, "conversa-ana"), as_requester(ANA, "conversa-ana")
SAID = Said("Troque a <b>resistência</b>.\nDepois ligue.", "m-1", "console")


def test_an_agent_s_answer_tells_who_answers_and_what(about, handling):
    letter = about("ticket_reply", lambda number: handling.reply(number, DAVIS, SAID))
    assert "Davi Melo, do suporte, respondeu ao chamado PC-1001." in text(letter)
    assert "Troque a <b>resistência</b>." in text(letter)
    assert "Troque a &lt;b&gt;resistência&lt;/b&gt;.<br>Depois ligue." in html(letter)


def test_a_colleague_s_answer_is_told_as_such(about, handling):
    letter = about("ticket_reply", lambda number: handling.reply(number, ANAS, SAID))
    assert "Ana Prado escreveu no chamado PC-1001." in text(letter)


def test_a_question_says_that_the_ticket_waits(about, handling):
    letter = about("ticket_question", lambda number: handling.ask(number, DAVIS, SAID))
    assert "precisamos de uma informação sua" in text(letter) and "aguardando a sua resposta" in text(letter)


def test_a_solution_says_how_long_the_ticket_can_be_reopened(about, handling):
    letter = about("ticket_resolved", lambda number: handling.resolve(number, DAVIS, SAID))
    assert "foi resolvido" in text(letter) and "em até 7 dias" in text(letter)


def test_a_reopening_is_told(about, handling):
    def act(number):
        handling.resolve(number, DAVIS, SAID)
        handling.reopen(number, DAVIS, Said("Voltou.", "m-2", "console"))

    letter = about("ticket_reopened", act)
    assert "foi reaberto" in text(letter) and "Voltou." in text(letter)


def test_another_severity_is_told_with_its_reason_and_the_new_deadlines(about, handling):
    act = lambda number: handling.change_severity(number, DAVIS, "P-2", "Há como assar à mão.")  # noqa: E731
    letter = about("ticket_severity", act)
    assert "A severidade do chamado PC-1001 mudou de 1 para 4." in text(letter)
    assert "Há como assar à mão." in text(letter) and "Solução até: " in text(letter)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("sla_warning", "termina em 03/03/2026 às 11h"), ("sla_breach", "terminou em 03/03/2026 às 11h")],
)
def test_a_deadline_is_told_with_its_moment(about, kind, words):
    letter = about(kind, body={"clock": "diagnosis", "due": "2026-03-03T14:00:00+00:00"})
    assert f"O prazo de diagnóstico do chamado PC-1001 {words}." in text(letter)
    assert letter["Subject"].startswith("[PC-1001] Prazo de diagnóstico") and letter["Reply-To"] is None


def test_every_letter_about_a_ticket_answers_its_first_one(about, handling, ticket_copy, letters):
    later = about("ticket_reply", lambda number: handling.reply(number, DAVIS, SAID))
    first = MARKS.message_id("ticket-copy:PC-1001", "PC-1001")
    assert later["In-Reply-To"] == later["References"] == first != later["Message-ID"]


def test_the_first_letter_answers_none(ticket_copy):
    letter = ticket_copy()
    assert letter["Message-ID"] == MARKS.message_id("ticket-copy:PC-1001", "PC-1001")
    assert letter["In-Reply-To"] is None


def test_an_answer_goes_to_the_ticket_s_own_address(ticket_copy):
    address = ticket_copy()["Reply-To"].addresses[0].addr_spec
    assert MARKS.ticket_of_address(address) == "PC-1001"


def test_the_line_above_which_to_answer_is_at_the_top(ticket_copy):
    letter = ticket_copy()
    assert SEPARATOR in text(letter).splitlines()[0] and html(letter).index(SEPARATOR) < html(letter).index("Recebemos")


def test_files_are_named_and_not_sent(about, handling, attachment_store):
    file = attachment_store.save("conversa-ana", "laudo.txt", "text/plain", b"x")
    letter = about("ticket_reply", lambda n: handling.reply(n, DAVIS, Said("Segue.", "m-1", "console", (file.id,))))
    assert "laudo.txt" in text(letter) and not list(letter.iter_attachments())


def test_our_letters_are_known_as_ours_when_they_come_back(ticket_copy):
    read = read_mail(ticket_copy().as_bytes())
    assert read.automatic and read.loops == ("suporte@desk.example",) and MARKS.is_our_message(read.message_id)


def test_of_an_answer_over_our_whole_letter_only_the_answer_stays(ticket_copy):
    letter = ticket_copy()
    for body in (text(letter), read_mail(letter.as_bytes()).text):
        assert trimmed(f"Obrigada!\n\n{body}", "Re: x", ()) == "Obrigada!"

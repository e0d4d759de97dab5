"""Letters: customer text is data in them, whatever it looks like."""

import re
from dataclasses import asdict
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from bot.catalog import Catalog
from bot.notifications.wording import Letters
from bot.store.outbox import Notice
from bot.tickets.draft import TicketDraft
from tests.bot.clock import TUESDAY
from tests.bot.filings import filing
from tests.bot.people import ANA, as_requester, visitor

CATALOG = Catalog.model_validate(
    {
        "types": {"report_error": {"title": "Erro", "description": "Algo falha."}},
        "products": {
            "FORNO": {"title": "Forno", "types": ["report_error"], "modules": {"TIMER": {"title": "Relógio do forno"}}}
        },
    }
)


@pytest.fixture
def letters(company):
    zone = ZoneInfo("America/Sao_Paulo")
    return Letters(company, CATALOG, zone, "suporte@desk.example", "https://suporte.example")


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
    assert not re.search(r"<(script|img|b)\b", html(letter))
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
    assert re.fullmatch(r"<[0-9a-f]{32}@desk\.example>", first["Message-ID"])


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

"""Addresses and message ids of ours: known again whatever a mail server does to them, and not to be made up."""

import pytest

from bot.channels.mail_marks import MailMarks

SECRET = "segredo-somente-dos-testes-0123456789"


@pytest.fixture
def marks():
    return MailMarks("Suporte@Desk.example", SECRET)


def test_an_address_names_its_ticket(marks):
    address = marks.reply_to("PC-1042")
    assert address.startswith("Suporte+PC-1042.") and address.endswith("@Desk.example")
    assert marks.ticket_of_address(address) == "PC-1042"


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_capitals_do_not_matter(marks, change):
    assert marks.ticket_of_address(change(marks.reply_to("PC-1042"))) == "PC-1042"


def test_the_signature_of_one_ticket_does_not_fit_another(marks):
    forged = marks.reply_to("PC-1042").replace("PC-1042", "PC-1043")
    assert marks.ticket_of_address(forged) is None


def test_the_signature_is_made_with_our_secret(marks):
    other = MailMarks("suporte@desk.example", "outro-segredo-0123456789-0123456789")
    assert marks.ticket_of_address(other.reply_to("PC-1042")) is None
    assert not marks.is_our_message(other.message_id("ticket-copy:PC-1042", "PC-1042"))


@pytest.mark.parametrize(
    "address",
    ["suporte@desk.example", "suporte+PC-1042@desk.example", "suporte+PC-1042.@desk.example", "", "+", "@", "a+b"],
)
def test_other_addresses_name_none(marks, address):
    assert marks.ticket_of_address(address) is None


def test_an_address_of_another_domain_names_none(marks):
    assert marks.ticket_of_address(marks.reply_to("PC-1042").replace("Desk", "fora")) is None


def test_a_server_without_such_addresses_gets_the_plain_one():
    assert MailMarks("suporte@desk.example", SECRET, plus=False).reply_to("PC-1042") == "suporte@desk.example"


def test_our_address_is_ours_with_or_without_a_plus(marks):
    assert marks.is_ours("suporte@desk.example") and marks.is_ours("SUPORTE+qualquer@desk.example")
    assert not marks.is_ours("suporte@fora.example") and not marks.is_ours("outro@desk.example")


def test_the_local_part_stays_within_what_mail_allows(marks):
    assert len(marks.reply_to("ABCDE-999999999999").partition("@")[0]) <= 64


def test_a_message_id_names_its_ticket_and_is_the_same_each_time(marks):
    ours = marks.message_id("ticket_reply:PC-1042:3:ana@aurora.example", "PC-1042")
    assert ours == marks.message_id("ticket_reply:PC-1042:3:ana@aurora.example", "PC-1042")
    assert marks.ticket_of_message(ours) == marks.ticket_of_message(ours.upper()) == "PC-1042"
    assert marks.is_our_message(ours)


def test_a_message_id_without_a_ticket_is_ours_and_names_none(marks):
    ours = marks.message_id("code:1")
    assert marks.is_our_message(ours) and marks.ticket_of_message(ours) is None


def test_a_message_id_for_another_ticket_cannot_be_made_of_one(marks):
    forged = marks.message_id("ticket-copy:PC-1042", "PC-1042").replace("pc-1042", "pc-1043")
    assert not marks.is_our_message(forged)

"""Which ticket a mail belongs to, and who may write there."""

import pytest
from sqlalchemy import insert, select

from bot.mailroom.sorting import is_forged
from bot.store.mail_store import MailState
from bot.store.people import KnownPerson, People
from bot.store.tables import subscriptions
from bot.store.tables import tickets as table
from bot.tickets.draft import Requester
from bot.tickets.handling import Said
from tests.bot.channels.mails import mail
from tests.bot.filings import filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, visitor

EVA = "Eva <eva@fora.example>"


def is_added(kept, number):
    return (kept.state, kept.number) == (MailState.ADDED, number)


def is_held(kept, reason):
    return kept.state is MailState.QUARANTINED and reason in kept.reason


def test_the_signed_address_finds_the_ticket(receive, answer, number):
    assert is_added(receive(answer(subject="sem número")), number)


def test_a_server_that_writes_addresses_small_loses_nothing(receive, answer, marks, number):
    assert is_added(receive(answer(to=marks.reply_to(number).lower())), number)


def test_a_letter_of_ours_that_is_answered_finds_the_ticket(receive, marks, number):
    ours = marks.message_id(f"ticket_reply:{number}:2:{ANA.email}", number)
    assert is_added(receive(mail(in_reply_to=ours)), number)
    assert is_added(receive(mail(references=f"<a@x> {ours} <b@x>", message_id="<2@x>")), number)


def test_the_number_in_the_subject_finds_the_ticket_for_whoever_is_known_there(receive, number):
    assert is_added(receive(mail(subject=f"RES: [{number.lower()}] Forno")), number)


def test_the_signed_address_goes_before_the_subject(receive, answer, number, carlas):
    assert is_added(receive(answer(subject=f"[{carlas}] outro")), number)


@pytest.mark.parametrize("sign", ["address", "reference", "subject"])
def test_a_stranger_s_mail_waits_whatever_it_names(receive, marks, number, sign):
    headers = {
        "address": {"to": marks.reply_to(number)},
        "reference": {"in_reply_to": marks.message_id(f"ticket-copy:{number}", number)},
        "subject": {"subject": f"[{number}] oi"},
    }[sign]
    kept = receive(mail(**{"from": EVA}, **headers))
    assert is_held(kept, "remetente desconhecido") and kept.number == number


def test_a_person_of_another_company_is_a_stranger(receive, number, carlas):
    assert is_held(receive(mail(**{"from": CARLA.email}, subject=f"[{number}] oi")), "remetente desconhecido")


def test_a_forged_number_in_the_address_finds_nothing(receive, answer, number, carlas):
    forged = answer()["To"].replace(number, carlas)
    assert is_held(receive(mail(to=forged)), "não responde a nenhum chamado")


def test_a_number_of_no_ticket_waits(receive, number):
    assert is_held(receive(mail(subject="[PC-9999] oi")), "o chamado não existe")


def test_a_new_mail_about_no_ticket_waits(receive, number):
    assert is_held(receive(mail(subject="Socorro")), "não responde a nenhum chamado")


def test_a_colleague_may_write(receive, answer, number):
    assert is_added(receive(answer(**{"from": BRUNO.email})), number)


def test_a_colleague_is_known_by_what_he_filed_before_too(receive, tickets, inbox, marks, carlas):
    inbox.open("conversa-nina", "web", None)
    nina = Requester("conversa-nina", "web", "nina@gmail.example", "Nina", CARLA.company)
    tickets.file(filing(nina, "rascunho-nina"))
    assert is_added(receive(mail(to=marks.reply_to(carlas), **{"from": nina.email})), carlas)


@pytest.fixture
def signed_in(database, clock):
    """The host's token has told of somebody at an address that no contract names."""

    def signed_in(company, role="requester", email="nina@gmail.example"):
        People(database, clock, lambda _: None).note(KnownPerson(email, "Nina", company, role))
        return email

    return signed_in


def test_a_colleague_is_known_by_having_signed_in_too(receive, answer, number, signed_in):
    assert is_added(receive(answer(**{"from": f"Nina <{signed_in(ANA.company).title()}>"})), number)


@pytest.mark.parametrize("told", [CARLA.company, None])
def test_whoever_signed_in_for_another_company_or_for_none_is_a_stranger(receive, answer, number, signed_in, told):
    assert is_held(receive(answer(**{"from": signed_in(told)})), "remetente desconhecido")


def test_whoever_has_changed_companies_writes_on_the_new_ones_only(receive, answer, marks, number, carlas, signed_in):
    """The contract names the domain of the old one; the host's token knows better."""
    moved = signed_in(CARLA.company, email="vera@aurora.example")
    assert is_held(receive(answer(**{"from": moved})), "remetente desconhecido")
    assert is_added(receive(mail(to=marks.reply_to(carlas), **{"from": moved}, message_id="<2@x>")), carlas)


def test_an_agent_who_signed_in_answers_at_the_console_not_by_mail(receive, answer, number, signed_in):
    """Not even one whom a token puts into the customer's company."""
    assert is_held(receive(answer(**{"from": signed_in(ANA.company, role="agent")})), "console")


def test_a_subscriber_may_write(receive, answer, number, database, clock):
    with database.write() as connection:
        id = connection.execute(select(table.c.id)).scalar_one()
        connection.execute(insert(subscriptions).values(ticket_id=id, email="Eva@fora.example", at=clock()))
    assert is_added(receive(answer(**{"from": EVA})), number)


def test_whoever_only_typed_an_address_may_answer_by_it(receive, tickets, inbox, marks):
    inbox.open("conversa-x", "web", None)
    number = tickets.file(filing(visitor("conversa-x", claimed="eva@fora.example"))).number
    assert is_added(receive(mail(to=marks.reply_to(number), **{"from": EVA})), number)


def test_whoever_was_let_in_once_is_known_from_then_on(receive, answer, number, mails, clerk):
    mails.release(receive(answer(**{"from": EVA})).id, number, DAVI.email)
    clerk.work()
    assert is_added(receive(answer("De novo", **{"from": EVA}, message_id="<2@fora.example>")), number)


def test_the_desk_does_not_speak_by_mail(receive, answer, number, handling, davis):
    handling.reply(number, davis, Said("Olá", "m-1", "console"))
    assert is_held(receive(answer(**{"from": DAVI.email})), "console")


def test_several_senders_at_once_are_nobody(receive, answer):
    assert is_held(receive(answer(**{"from": "ana@aurora.example, eva@fora.example"})), "sem remetente")


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"precedence": "bulk"},
        {"list_id": "<x.aurora.example>"},
        {"return_path": "<>"},
        {"x_loop": "suporte@desk.example"},
        {"from": "suporte@desk.example"},
        {"from": "Suporte <suporte+x@desk.example>"},
    ],
)
def test_what_no_person_wrote_and_what_is_ours_is_set_aside(receive, answer, tickets, number, headers):
    assert receive(answer(**headers)).state is MailState.IGNORED
    assert tickets.by_number(number).messages == ()


def test_a_letter_of_ours_that_comes_back_is_set_aside(receive, answer, marks, number):
    ours = marks.message_id("ticket-copy:x", number)
    assert receive(answer(message_id=ours)).state is MailState.IGNORED


def test_what_its_server_calls_forged_waits(receive, answer):
    results = "mx.desk.example; spf=pass smtp.mailfrom=fora.example; dmarc=fail header.from=aurora.example"
    assert is_held(receive(answer(authentication_results=results)), "pode ser falso")


def test_too_many_in_an_hour_wait_and_the_next_hour_is_another(receive, answer, number, clock):
    states = [receive(answer(f"texto {n}", message_id=f"<{n}@x>")).state for n in range(4)]
    assert states == [MailState.ADDED] * 3 + [MailState.QUARANTINED]
    clock.advance(hours=1, seconds=1)
    assert receive(answer("depois", message_id="<9@x>")).state is MailState.ADDED


HOST = "mx.desk.example"


@pytest.mark.parametrize(
    "result",
    [
        f"{HOST}; dmarc=fail", f"{HOST};dmarc=fail (p=reject)", f"{HOST} 1; spf=pass; dkim=pass; dmarc=fail",
        f"{HOST}; spf=fail", f"{HOST}; spf=softfail; dkim=none", "MX.desk.example; dkim=fail",
    ],
)  # fmt: skip
def test_a_failure_that_the_trusted_server_found_counts(result):
    assert is_forged((result,), HOST)


@pytest.mark.parametrize(
    "result",
    [
        f"{HOST}; dmarc=pass; spf=fail", f"{HOST}; spf=fail; dkim=pass", f"{HOST}; none", f"{HOST}; spf=none",
        "outro.example; dmarc=fail", f"{HOST}.fora.example; dmarc=fail", "",
    ],
)  # fmt: skip
def test_what_passed_by_one_way_and_what_others_say_does_not(result):
    assert not is_forged((result,), HOST)
    assert not is_forged((result,), "")

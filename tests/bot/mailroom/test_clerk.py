"""A mail on its way onto a ticket: once, whole, with its files; and what stops nothing when it goes wrong."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.errors import Conflict
from bot.mailroom import clerk as module
from bot.store import tables
from bot.store.mail_store import MailState
from bot.tickets.handling import Said
from bot.tickets.ticket import Author, Status
from tests.bot.channels.mails import mail, payload
from tests.bot.filings import filing
from tests.bot.people import ANA, BRUNO, DAVI, as_requester

EVA = {"from": "Eva <eva@fora.example>"}


@pytest.fixture
def ticket(tickets, number):
    return lambda: tickets.by_number(number)


def test_an_answer_is_on_the_ticket_in_the_sender_s_name(receive, answer, ticket):
    receive(answer("O número é 4711-B."))
    (message,) = ticket().messages
    assert (message.author, message.actor, message.actor_name) == (Author.CUSTOMER, ANA.email, ANA.name)
    assert (message.text, message.channel) == ("O número é 4711-B.", "email")


def test_only_the_person_s_own_words_go_on_the_ticket(receive, ticket, number):
    receive(payload("gmail"))
    assert ticket().messages[0].text == "O número é 4711-B.\n\nEle fica atrás da porta."


def test_an_answer_ends_the_waiting(receive, answer, ticket, number, handling, davis):
    handling.ask(number, davis, Said("Qual o número?", "m-1", "console"))
    receive(answer())
    assert ticket().status is Status.OPEN


def test_an_answer_reopens_what_was_resolved_lately_and_not_what_was_long_ago(
    receive, answer, ticket, number, handling, davis, clock
):
    handling.resolve(number, davis, Said("Pronto.", "m-1", "console"))
    receive(answer("Voltou."))
    assert ticket().status is Status.OPEN
    handling.resolve(number, davis, Said("Pronto.", "m-2", "console"))
    clock.advance(days=8)
    receive(answer("Voltou de novo.", message_id="<2@x>"))
    assert ticket().status is Status.RESOLVED and ticket().messages[-1].text == "Voltou de novo."


def test_a_mail_that_comes_twice_is_on_the_ticket_once(receive, answer, ticket, mails):
    raw = answer().as_bytes()
    receive(raw)
    receive(b"Received: from x by y\n" + raw)
    assert len(ticket().messages) == 1 and len(mails.listed(tuple(MailState))) == 1


def test_files_come_along_and_those_refused_are_told(receive, answer, ticket, marks, number):
    message = payload("nested").replace(b"To: Suporte <suporte@desk.example>", f"To: {marks.reply_to(number)}".encode())
    receive(message)
    (written,) = ticket().messages
    assert [file.name for file in ticket().attachments] == ["painel.png", "relatório final.pdf"]
    assert all(file.message == written.id for file in ticket().attachments)
    assert written.text.startswith("Segue a foto do painel.") and "conserta.exe" in written.text


def test_what_outlook_wrapped_is_told_with_a_remedy(receive, ticket, number):
    receive(payload("winmail"))
    assert "winmail.dat" in ticket().messages[0].text and "HTML" in ticket().messages[0].text


def test_more_files_than_a_ticket_takes_are_told(receive, answer, ticket):
    message = answer()
    for n in range(5):
        message.add_attachment(f"linha {n}", filename=f"registro-{n}.txt")
    receive(message)
    assert len(ticket().attachments) == 3 and "3 anexos" in ticket().messages[0].text


def test_files_on_the_ticket_count_with_those_of_a_mail(receive, answer, ticket):
    """Its words are kept whatever becomes of its files."""
    for n in range(2):
        message = answer(f"parte {n}", message_id=f"<{n}@aurora.example>")
        for part in range(2):
            message.add_attachment(f"linha {n} {part}", filename=f"registro-{n}-{part}.txt")
        receive(message)
    assert [file.name for file in ticket().attachments] == [f"registro-{n}.txt" for n in ("0-0", "0-1", "1-0")]
    first, second = (message.text for message in ticket().messages)
    assert first == "parte 0" and second.startswith("parte 1") and "até 3 anexos" in second


def test_a_mail_with_only_a_file_is_taken(receive, answer, ticket):
    message = answer(" ")
    message.add_attachment("linha", filename="registro.txt")
    assert receive(message).state is MailState.ADDED
    assert ticket().attachments[0].name == "registro.txt"


def test_a_long_text_is_a_file_too(receive, answer, ticket, attachment_store):
    receive(answer("palavra " * 5_000))
    (file,) = ticket().attachments
    assert file.name == "mensagem.txt" and file.size > 30_000
    assert len(ticket().messages[0].text) < 16_000 and "mensagem.txt" in ticket().messages[0].text


def test_an_empty_mail_waits(receive, number):
    kept = receive(payload("empty"))
    assert kept.state is MailState.QUARANTINED and "Escreva a mensagem" in kept.reason


def test_a_mail_above_the_limit_waits_unread(clerk, mails, answer):
    head = answer().as_bytes().partition(b"\n\n")[0] + b"\n\n"
    clerk.keep(head, 40_000_000)
    assert clerk.work() == 0
    (kept,) = mails.listed()
    assert kept.state is MailState.QUARANTINED and "1 MB" in kept.reason and kept.size == 40_000_000


def test_the_mail_stays_as_it_came(receive, answer, mails):
    raw = answer().as_bytes()
    assert mails.raw(receive(raw)) == raw


def test_colleagues_who_follow_hear_of_an_answer_and_its_writer_does_not(receive, answer, number, database):
    receive(answer(**{"from": BRUNO.email}))
    with database.read() as connection:
        rows = connection.execute(select(tables.outbox).where(tables.outbox.c.kind == "ticket_reply")).all()
    assert [row.recipient for row in rows] == [ANA.email]


def test_nobody_hears_of_his_own_answer_however_his_address_is_written(receive, tickets, inbox, marks, database):
    inbox.open("conversa-ana", "web", None)
    ana = replace(as_requester(ANA, "conversa-ana"), email="Ana@Aurora.example")
    number = tickets.file(filing(ana)).number
    assert receive(mail(to=marks.reply_to(number))).state is MailState.ADDED
    assert [key for key in letters(database) if key.startswith("ticket_reply")] == []


def test_nobody_is_ever_answered_for_what_waits_or_is_set_aside(receive, answer, database, number):
    before = letters(database)
    receive(answer(**EVA))
    receive(answer(auto_submitted="auto-replied", message_id="<2@x>"))
    receive(mail(subject="Socorro", message_id="<3@x>"))
    assert letters(database) == before


def letters(database):
    with database.read() as connection:
        return connection.execute(select(tables.outbox.c.key)).scalars().all()


# What waits for a person


def test_a_mail_released_goes_on_its_ticket_whoever_sent_it(receive, answer, mails, clerk, ticket, number):
    kept = receive(answer("Sou nova aqui.", **EVA))
    mails.release(kept.id, number, DAVI.email)
    clerk.work()
    (message,) = ticket().messages
    assert (message.text, message.actor) == ("Sou nova aqui.", "eva@fora.example")
    assert mails.find(kept.id).state is MailState.ADDED and mails.listed() == []


def test_what_is_released_twice_is_on_the_ticket_once(receive, answer, mails, clerk, ticket, number):
    kept = receive(answer(**EVA))
    mails.release(kept.id, number, DAVI.email)
    clerk.work()
    with pytest.raises(Conflict, match="já foi decidido"):
        mails.release(kept.id, number, DAVI.email)
    assert len(ticket().messages) == 1


def test_what_is_discarded_goes_nowhere(receive, answer, mails, clerk, ticket):
    mails.discard(receive(answer(**EVA)).id, DAVI.email)
    clerk.work()
    assert mails.listed() == [] and ticket().messages == ()


# What goes wrong


def broken(*_, **__):
    raise RuntimeError("veneno")


def test_a_mail_that_breaks_something_stops_no_other_and_ends_as_failed(
    clerk, mails, answer, ticket, clock, monkeypatch
):
    poison = answer("veneno", message_id="<veneno@x>").as_bytes()
    clerk.keep(poison, len(poison))
    good = answer("bom").as_bytes()
    clerk.keep(good, len(good))
    read = module.read_mail
    monkeypatch.setattr(module, "read_mail", lambda raw: broken() if b"veneno" in raw else read(raw))
    clerk.work()
    assert [message.text for message in ticket().messages] == ["bom"]
    for _ in range(6):
        clock.advance(hours=2)
        clerk.work()
    (kept,) = mails.listed()
    assert (kept.state, kept.reason) == (MailState.FAILED, "erro ao tratar: RuntimeError")
    monkeypatch.undo()
    mails.retry(kept.id, DAVI.email)
    clerk.work()
    assert [message.text for message in ticket().messages] == ["bom", "veneno"]


def test_a_clerk_that_dies_after_the_ticket_was_written_does_no_harm(clerk, mails, answer, ticket, clock, monkeypatch):
    message = answer("uma vez")
    message.add_attachment("linha", filename="registro.txt")
    clerk.keep(message.as_bytes(), 1)
    with monkeypatch.context() as patched:
        patched.setattr(clerk, "_settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            clerk.work()
    assert clerk.work() == 0  # still claimed
    clock.advance(minutes=2, seconds=1)
    assert clerk.work() == 1
    assert len(ticket().messages) == 1 and len(ticket().attachments) == 1
    assert mails.listed((MailState.ADDED,))


def test_a_clerk_that_dies_between_files_and_ticket_leaves_no_file_twice(
    clerk, answer, ticket, clock, handling, database, monkeypatch
):
    message = answer("uma vez")
    message.add_attachment("linha", filename="registro.txt")
    clerk.keep(message.as_bytes(), 1)
    with monkeypatch.context() as patched:
        patched.setattr(handling, "reply", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            clerk.work()
    clock.advance(minutes=2, seconds=1)
    clerk.work()
    with database.read() as connection:
        assert connection.execute(select(tables.attachments.c.name)).scalars().all() == ["registro.txt"]
    assert len(ticket().attachments) == 1


def test_a_mail_that_takes_the_process_down_each_time_is_set_aside(clerk, mails, answer, clock, monkeypatch):
    clerk.keep(answer().as_bytes(), 1)
    monkeypatch.setattr(mails, "raw", lambda _: (_ for _ in ()).throw(KeyboardInterrupt()))
    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            clerk.work()
        clock.advance(minutes=2, seconds=1)
    clerk.work()
    assert mails.listed()[0].state is MailState.FAILED


# Reports of delivery


def bounce(letter_id, action="failed", answered=None):
    original = f"Message-ID: {letter_id}\r\nSubject: [PC-1001] x\r\n"
    original += f"In-Reply-To: {answered}\r\nReferences: {answered}\r\n" if answered else ""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@aurora.example\r\nMessage-ID: <dsn@aurora.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nO e-mail não foi entregue.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; aurora.example\r\n\r\n"
        f"Final-Recipient: rfc822; ana@aurora.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n--b--\r\n"
    ).encode()


@pytest.fixture
def sent(outbox, marks, number):
    """The copy of the ticket, taken by the customer's mail server; gives its Message-ID."""
    notice = outbox.claim()
    message_id = marks.message_id(notice.key, number)
    outbox.delivered(notice, message_id)
    return message_id


def failures(ticket):
    return [entry for entry in ticket().timeline if entry.kind == "delivery_failed"]


def test_a_letter_that_did_not_arrive_is_told_once_on_the_ticket_with_its_address_masked(receive, sent, ticket):
    assert receive(bounce(sent)).state is MailState.IGNORED
    receive(bounce(sent).replace(b"<dsn@", b"<dsn2@"))
    (entry,) = failures(ticket)
    assert entry.body["text"] == "Não foi possível entregar o e-mail a an•••@aurora.example."


def test_a_delay_and_somebody_s_absence_are_no_failure(receive, sent, ticket, answer):
    receive(bounce(sent, "delayed"))
    receive(answer("Estou de férias.", auto_submitted="auto-replied", in_reply_to=sent))
    assert failures(ticket) == []


def test_the_letter_that_failed_is_not_the_one_it_answered(receive, sent, ticket, marks, number):
    other = marks.message_id("outra", number)
    receive(bounce(other, answered=sent))
    assert failures(ticket) == []


def test_a_report_that_names_no_letter_of_ours_changes_nothing(receive, sent, ticket, number):
    receive(bounce(f"<{number.lower()}.{'0' * 16}.{'a' * 16}@desk.example>"))
    assert failures(ticket) == []


def test_no_log_line_tells_what_people_wrote_or_who_they_are(receive, answer, caplog, sent):
    caplog.set_level("DEBUG")
    receive(answer("palavra-secreta"))
    receive(answer("palavra-secreta", **EVA, message_id="<2@x>", subject="assunto-secreto"))
    receive(bounce(sent))
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert told and not any(word in told for word in ("secret", "ana@", "eva@", "@aurora"))


def test_a_person_of_the_company_reads_an_answer_by_mail_like_any_other(receive, answer, tickets, number):
    receive(answer("Olá"))
    assert tickets.find(number, as_requester(BRUNO)).messages[0].text == "Olá"

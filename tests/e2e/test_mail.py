"""The whole way of a letter and its answer, by real mail servers and the real process, which is also killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.assembly import Assembly
from bot.settings import ROOT, Settings
from bot.store import tables
from bot.store.engine import migrate
from bot.store.mail_store import MailState
from bot.tickets.handling import Said
from bot.tickets.ticket import Status, Ticket
from tests.bot.channels.dovecot import Dovecot
from tests.bot.channels.sink import Sink
from tests.bot.filings import filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester
from tests.stack import SECRET, Person

OURS = "suporte@desk.example"
DONE = "Triagem"


class Office:
    """The deliverer's process between an SMTP and an IMAP server, and the desk whose mail it carries."""

    def __init__(self, home: Path, sink: Sink, dovecot: Dovecot) -> None:
        self.sink, self.dovecot, self._home = sink, dovecot, home
        self._settings = {
            "TRIAGEM_HOME": str(home), "TRIAGEM_IDENTITY_SECRET": SECRET, "TRIAGEM_MAIL_FROM": OURS,
            "TRIAGEM_SMTP_URL": sink.url, "TRIAGEM_IMAP_URL": dovecot.url,
        }  # fmt: skip
        self.assembly = Assembly(Settings(home=home, identity_secret=SECRET, mail_from=OURS))
        migrate(self.assembly.settings.database)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGEM_")}
        with (self._home / "deliver.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "deliver"],
                cwd=ROOT, env={**environment, **self._settings}, stdout=log, stderr=log,
            )  # fmt: skip

    def stop(self, number: int = signal.SIGTERM) -> None:
        assert self._process
        self._process.send_signal(number)
        self._process.wait(20)

    def kill(self) -> None:
        """As a power cut does; what the dead process had claimed counts as run out."""
        self.stop(signal.SIGKILL)
        with self.assembly.database.write() as connection:
            for table in (tables.mails, tables.outbox):
                connection.execute(update(table).values(claimed_until=None))

    def command(self, *arguments: str) -> str:
        environment = {**os.environ, **self._settings}
        command = [sys.executable, "-m", "bot", "mail", *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
        ).stdout

    def file(self, person: Person = ANA, **told: Any) -> str:
        conversation = f"conversa-{person.email.partition('@')[0]}"
        self.assembly.inbox.open(conversation, "web", person.email)
        draft = {"product": "OMNI", "module": "CHAT", **told}
        return self.assembly.tickets.file(filing(as_requester(person, conversation), conversation, **draft)).number

    def ticket(self, number: str) -> Ticket:
        found = self.assembly.tickets.by_number(number)
        assert found
        return found

    def letters_to(self, person: Person) -> list[EmailMessage]:
        return [letter for letter in self.sink.received if letter["To"] == person.email]

    def log(self) -> str:
        return (self._home / "deliver.log").read_text()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Sink() as sink, Dovecot() as dovecot:
        office = Office(tmp_path, sink, dovecot)
        office.start()
        yield office
        office.stop()
    assert "Traceback" not in office.log()


def wait_until(condition: Callable[[], Any], seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return found


def answer_to(letter: EmailMessage, person: Person, text: str, id: str = "<1@aurora.example>") -> EmailMessage:
    """As a mail program writes an answer, with our letter below it."""
    answer = EmailMessage()
    answer["From"] = f"{person.name} <{person.email}>"
    answer["To"] = letter["Reply-To"]
    answer["Subject"] = f"Re: {letter['Subject']}"
    answer["Message-ID"] = id
    answer["In-Reply-To"] = letter["Message-ID"]
    quoted = "\n".join(f"> {line}" for line in text_of(letter).splitlines())
    answer.set_content(f"{text}\n\nEm ter., 3 de mar. de 2026 às 10:05, Suporte <{OURS}>\nescreveu:\n\n{quoted}\n")
    return answer


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body
    return body.get_content()


def deliver(office: Office, answer: EmailMessage) -> None:
    to = answer["To"].addresses[0].addr_spec
    office.dovecot.deliver(answer, to, answer["From"].addresses[0].addr_spec)


def test_a_letter_goes_out_its_answer_comes_in_and_the_next_letter_is_in_the_same_thread(office: Office) -> None:
    number = office.file()
    (copy,) = wait_until(lambda: office.letters_to(ANA))
    davi = as_requester(DAVI, "conversa-ana")
    office.assembly.handling.ask(number, davi, Said("Qual é o número de série?", "m-1", "console"))
    question = wait_until(lambda: office.letters_to(ANA)[1:])[0]
    assert question["References"] == copy["Message-ID"] and "Qual é o número de série?" in text_of(question)

    answer = answer_to(question, ANA, "É o 4711-B. Segue o registro.")
    answer.add_attachment("linha 1\n", filename="registro.txt")
    deliver(office, answer)
    wait_until(lambda: len(office.ticket(number).messages) == 2)
    ticket = office.ticket(number)
    assert (ticket.messages[1].text, ticket.messages[1].actor_name) == ("É o 4711-B. Segue o registro.", ANA.name)
    assert ticket.status is Status.OPEN and [file.name for file in ticket.attachments] == ["registro.txt"]
    assert (office.dovecot.count(), office.dovecot.count(DONE)) == (0, 1)

    office.assembly.handling.reply(number, davi, Said("Obrigado, já vemos.", "m-2", "console"))
    reply = wait_until(lambda: office.letters_to(ANA)[2:])[0]
    assert reply["References"] == copy["Message-ID"] and reply["Subject"] == copy["Subject"]


def test_an_answer_delivered_twice_is_on_the_ticket_once(office: Office) -> None:
    number = office.file()
    (copy,) = wait_until(lambda: office.letters_to(ANA))
    for _ in range(2):
        deliver(office, answer_to(copy, ANA, "Uma vez só."))
    wait_until(lambda: office.dovecot.count(DONE) == 2)
    wait_until(lambda: office.ticket(number).messages)
    assert [message.text for message in office.ticket(number).messages] == ["Uma vez só."]


def test_whatever_moment_the_process_is_killed_at_every_answer_is_on_the_ticket_once(office: Office) -> None:
    number = office.file()
    (copy,) = wait_until(lambda: office.letters_to(ANA))
    told = [f"Resposta {n}." for n in range(12)]
    for n, text in enumerate(told):
        deliver(office, answer_to(copy, ANA, text, f"<{n}@aurora.example>"))
        if n % 3 == 2:
            time.sleep(0.05 * n)
            office.kill()
            office.start()
    wait_until(lambda: len(office.ticket(number).messages) >= len(told))
    assert sorted(message.text for message in office.ticket(number).messages) == sorted(told)
    assert office.dovecot.count() == 0 and len(office.letters_to(ANA)) == 1


def test_a_stranger_with_the_right_number_waits_until_somebody_decides(office: Office) -> None:
    number = office.file()
    office.file(CARLA)
    (copy,) = wait_until(lambda: office.letters_to(ANA))
    deliver(office, answer_to(copy, CARLA, "Vi o seu chamado.", "<1@bancosul.example>"))
    wait_until(lambda: office.assembly.mails.listed())
    listed = office.command("list")
    assert office.ticket(number).messages == () and CARLA.email in listed
    assert number in listed and "remetente desconhecido" in listed

    office.command("release", listed.split(" ")[0])
    wait_until(lambda: office.ticket(number).messages)
    assert office.ticket(number).messages[0].text == "Vi o seu chamado." and office.command("list") == ""


def test_two_machines_do_not_answer_each_other(office: Office) -> None:
    """Ana's machine answers every letter of ours at once."""
    number = office.file()
    (copy,) = wait_until(lambda: office.letters_to(ANA))
    for n in range(30):
        deliver(office, answer_to(copy, ANA, f"Recebi sua mensagem {n}.", f"<{n}@aurora.example>"))
    absent = answer_to(copy, ANA, "Estou de férias.", "<f@aurora.example>")
    absent["Auto-Submitted"] = "auto-replied"
    deliver(office, absent)
    mails = office.assembly.mails
    wait_until(lambda: len(mails.listed(tuple(MailState))) == 31 and not mails.listed((MailState.KEPT,)))
    assert len(office.ticket(number).messages) == 20 and len(mails.listed()) == 10
    assert len(mails.listed((MailState.IGNORED,))) == 1 and len(office.letters_to(ANA)) == 1


def test_what_breaks_and_what_is_no_mail_at_all_stops_nothing(office: Office) -> None:
    number = office.file()
    (copy,) = wait_until(lambda: office.letters_to(ANA))
    office.dovecot.deliver(b"\xff\xfe nada disto e um e-mail\r\n\r\n" + bytes(range(128, 256)))
    office.dovecot.deliver(
        b"Content-Type: multipart/mixed; boundary=\r\nFrom: " + b"<" * 5_000 + b"\r\n\r\n--\r\n--\r\n"
    )
    deliver(office, answer_to(copy, ANA, "Eu sou gente."))
    wait_until(lambda: office.ticket(number).messages)
    assert office.ticket(number).messages[0].text == "Eu sou gente."


def test_an_address_that_refuses_the_letter_is_shown_on_the_ticket(office: Office) -> None:
    office.sink.refuses = "550 no such user"
    number = office.file(BRUNO)
    wait_until(lambda: [e for e in office.ticket(number).timeline if e.kind == "delivery_failed"])


def test_no_log_line_tells_what_people_wrote_or_who_they_are(office: Office) -> None:
    number = office.file()
    (copy,) = wait_until(lambda: office.letters_to(ANA))
    deliver(office, answer_to(copy, ANA, "palavra-secreta"))
    wait_until(lambda: office.ticket(number).messages)
    deliver(office, answer_to(copy, CARLA, "palavra-secreta", "<2@bancosul.example>"))
    wait_until(lambda: office.assembly.mails.listed())
    assert not any(word in office.log() for word in ("palavra-secreta", ANA.email, CARLA.email))

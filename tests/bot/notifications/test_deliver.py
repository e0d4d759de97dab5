"""The deliverer: over a real outbox, with a mailbox that can fail as the outside world does."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from bot.channels.mailbox import SmtpMailbox
from bot.errors import DeliveryError
from bot.notifications.deliver import Deliverer, wait_before_retry
from bot.notifications.post import Post
from bot.notifications.wording import Letters
from bot.store.outbox import Outbox, add_notice, masked
from bot.store.tables import outbox as table
from tests.bot.channels.sink import Sink
from tests.bot.filings import filing
from tests.bot.notifications.test_wording import CATALOG, MARKS
from tests.bot.people import ANA, as_requester


@dataclass
class FailingMailbox:
    """Keeps what it takes; raises `error` instead while that is set, for `recipient` only if one is named."""

    error: Exception | None = None
    recipient: str | None = None
    taken: list[EmailMessage] = field(default_factory=list)

    async def send(self, message: EmailMessage) -> None:
        await asyncio.sleep(0.01)
        if self.error and self.recipient in (None, message["To"]):
            raise self.error
        self.taken.append(message)


@pytest.fixture
def mailbox():
    return FailingMailbox()


@pytest.fixture
def outbox(database, clock):
    return Outbox(database, clock)


@pytest.fixture
def make(outbox, tickets, company, clock):
    def make(mailbox):
        letters = Letters(company, CATALOG, clock().tzinfo, MARKS, "https://suporte.example")
        post = Post(tickets, letters, mailbox, clock)
        return Deliverer(outbox, dict.fromkeys(post.kinds, post), clock)

    return make


@pytest.fixture
def deliverer(make, mailbox):
    return make(mailbox)


@pytest.fixture
def add(database, clock):
    def add(key="code:1", kind="code", recipient="ana@aurora.example", **payload):
        with database.write() as connection:
            values = {"key": key, "kind": kind, "recipient": recipient, "payload": payload or {"code": "012345"}}
            add_notice(connection, **values, at=clock())

    return add


@pytest.fixture
def rows(database):
    def rows():
        with database.read() as connection:
            return connection.execute(select(table).order_by(table.c.id)).all()

    return rows


REFUSED_FOR_GOOD = DeliveryError("550 no such user", permanent=True)
REFUSED_FOR_NOW = DeliveryError("451 try later", permanent=False)


async def test_everything_due_is_delivered_once(deliverer, mailbox, add, rows):
    add("code:1")
    add("code:2")
    assert await deliverer.deliver_due() == 2
    assert await deliverer.deliver_due() == 0
    assert len(mailbox.taken) == 2 and all(row.sent_at for row in rows())


async def test_a_ticket_s_copy_is_written_from_the_ticket_as_it_is_now(deliverer, mailbox, tickets, inbox):
    inbox.open("conversa-ana", "web", None)
    number = tickets.file(filing(as_requester(ANA, "conversa-ana"))).number
    await deliverer.deliver_due()
    (letter,) = mailbox.taken
    assert letter["Subject"].startswith(f"[{number}]") and letter["To"] == ANA.email


async def test_a_letter_reaches_a_real_mail_server(make, add):
    add()
    with Sink() as sink:
        await make(SmtpMailbox(sink.url)).deliver_due()
        assert "012345" in sink.received[0].get_body(("plain",)).get_content()


async def test_two_deliverers_at_once_send_each_letter_once(make, mailbox, add):
    for n in range(6):
        add(f"code:{n}")
    await asyncio.gather(make(mailbox).deliver_due(), make(mailbox).deliver_due())
    ids = [letter["Message-ID"] for letter in mailbox.taken]
    assert len(ids) == len(set(ids)) == 6


async def test_what_a_dead_deliverer_had_claimed_is_sent_by_the_next(deliverer, outbox, mailbox, add, clock):
    add()
    outbox.claim()  # and then its process died
    assert await deliverer.deliver_due() == 0
    clock.advance(minutes=2, seconds=1)
    assert await deliverer.deliver_due() == 1
    assert len(mailbox.taken) == 1


async def test_a_letter_refused_for_now_is_sent_when_its_wait_is_over(deliverer, mailbox, add, clock):
    add()
    mailbox.error = REFUSED_FOR_NOW
    await deliverer.deliver_due()
    mailbox.error = None
    assert await deliverer.deliver_due() == 0
    clock.advance(seconds=30)
    assert await deliverer.deliver_due() == 1
    assert len(mailbox.taken) == 1


async def test_a_letter_tried_again_is_the_same_message(deliverer, mailbox, add, clock, database):
    add()
    await deliverer.deliver_due()
    with database.write() as connection:  # the answer of the server was lost
        connection.execute(table.update().values(sent_at=None, payload={"code": "123456"}))
    clock.advance(minutes=3)
    await deliverer.deliver_due()
    first, second = mailbox.taken
    assert first["Message-ID"] == second["Message-ID"]


def test_each_wait_is_longer_than_the_one_before_up_to_six_hours():
    waits = [wait_before_retry(attempts) for attempts in range(12)]
    assert waits[0] == timedelta(seconds=30) and waits[1] == timedelta(minutes=1)
    assert waits == sorted(waits) and waits[-1] == timedelta(hours=6)


async def test_the_tries_end(deliverer, mailbox, add, rows, clock):
    add()
    mailbox.error, tries = REFUSED_FOR_NOW, 0
    while rows()[0].failed_at is None:
        tries += await deliverer.deliver_due()
        clock.advance(hours=6)
        assert tries < 50
    assert tries == rows()[0].attempts == 12
    assert await deliverer.deliver_due() == 0
    assert "451 try later" in rows()[0].error


async def test_a_refusal_for_good_ends_at_the_first_try(deliverer, mailbox, add, rows, clock):
    add()
    mailbox.error = REFUSED_FOR_GOOD
    assert await deliverer.deliver_due() == 1
    clock.advance(days=1)
    assert await deliverer.deliver_due() == 0
    assert rows()[0].failed_at is not None


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("code", {"nada": 1}),
        ("handover", {"draft": 3}),
        ("ticket_copy", {"number": "PC-9"}),
        ("pombo-correio", {"x": 1}),
    ],
)
async def test_a_row_that_cannot_be_written_stops_nobody(deliverer, mailbox, add, rows, kind, payload):
    add("code:veneno", kind, **payload)
    add("code:bom")
    await deliverer.deliver_due()
    assert len(mailbox.taken) == 1
    poisoned, good = rows()
    assert poisoned.sent_at is None and poisoned.error and good.sent_at


@pytest.mark.parametrize(("kind", "payload"), [("ticket_copy", {"number": "PC-9"}), ("pombo-correio", {"x": 1})])
async def test_a_row_that_can_never_be_written_ends_at_once(deliverer, add, rows, kind, payload):
    add("code:veneno", kind, **payload)
    await deliverer.deliver_due()
    assert rows()[0].failed_at is not None


async def test_an_address_with_line_breaks_stops_nobody(deliverer, mailbox, add):
    add("code:veneno", recipient="ana@aurora.example\r\nBcc: todos@aurora.example")
    add("code:bom")
    await deliverer.deliver_due()
    assert [letter["To"] for letter in mailbox.taken] == ["ana@aurora.example"]


async def test_one_address_refused_stops_no_other(deliverer, mailbox, add):
    mailbox.error, mailbox.recipient = REFUSED_FOR_NOW, "fora@aurora.example"
    add("code:1", recipient="fora@aurora.example")
    add("code:2")
    await deliverer.deliver_due()
    assert [letter["To"] for letter in mailbox.taken] == ["ana@aurora.example"]


async def test_the_deliverer_goes_on_until_it_is_told_to_stop(deliverer, mailbox, add):
    running = asyncio.create_task(deliverer.run())
    add()
    async with asyncio.timeout(10):
        while not mailbox.taken:
            await asyncio.sleep(0.05)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_code_is_not_kept_once_it_is_sent(deliverer, mailbox, add, database):
    add()
    await deliverer.deliver_due()
    with database.read() as connection:
        assert connection.execute(table.select()).one().payload == {}


async def test_each_kind_goes_by_its_own_carrier(outbox, add, rows, clock):
    class Pigeon:
        taken = ()

        async def carry(self, notice):
            self.taken += (notice.recipient,)

    add("pombo:1", "pigeon", recipient="a torre")
    pigeon = Pigeon()
    await Deliverer(outbox, {"pigeon": pigeon}, clock).deliver_due()
    assert pigeon.taken == ("a torre",) and rows()[0].sent_at and rows()[0].message_id is None


@pytest.fixture
def number(tickets, inbox):
    inbox.open("conversa-ana", "web", None)
    return tickets.file(filing(as_requester(ANA, "conversa-ana"))).number


def failures(tickets, number):
    return [entry.body for entry in tickets.by_number(number).timeline if entry.kind == "delivery_failed"]


async def test_a_letter_given_up_is_told_once_on_the_ticket_without_the_whole_address(
    deliverer, mailbox, tickets, number
):
    mailbox.error = REFUSED_FOR_GOOD
    await deliverer.deliver_due()
    await deliverer.deliver_due()
    (told,) = failures(tickets, number)
    assert told["text"] == "Não foi possível entregar o e-mail a an•••@aurora.example."
    assert ANA.email not in str(told)


async def test_a_letter_that_may_still_arrive_is_not_told_of(deliverer, mailbox, tickets, number):
    mailbox.error = REFUSED_FOR_NOW
    await deliverer.deliver_due()
    assert failures(tickets, number) == []


async def test_a_letter_of_no_ticket_that_is_given_up_troubles_no_ticket(deliverer, mailbox, tickets, number, add):
    await deliverer.deliver_due()
    add("code:1")
    mailbox.error = REFUSED_FOR_GOOD
    await deliverer.deliver_due()
    assert failures(tickets, number) == []


async def test_the_letter_that_was_sent_is_known_by_its_message_id(deliverer, mailbox, outbox, tickets, number, rows):
    await deliverer.deliver_due()
    (letter,) = mailbox.taken
    assert rows()[0].message_id == letter["Message-ID"]
    assert outbox.bounced(letter["Message-ID"]) and not outbox.bounced(letter["Message-ID"])
    assert len(failures(tickets, number)) == 1 and rows()[0].failed_at


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ana@aurora.example", "an•••@aurora.example"),
        ("a@b.example", "•••@b.example"),
        ("ab@b.example", "a•••@b.example"),
    ],
)
def test_a_masked_address_never_shows_all_of_its_name(address, shown):
    assert masked(address) == shown

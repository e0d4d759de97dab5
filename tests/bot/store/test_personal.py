"""What is stored about a person is found, given out and erased: all of it, and nothing of anybody else."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.channels.whatsapp_envelope import canonical_phone
from bot.conversation.message import Answer, BotMessage, CustomerMessage, Turn
from bot.sla.contracts import Contracts
from bot.store import tables
from bot.store.attachment_store import AttachmentStore
from bot.store.handovers import Handovers
from bot.store.mail_store import MailState, MailStore
from bot.store.notes import Notes
from bot.store.people import KnownPerson, People
from bot.store.personal import ERASED, PersonalData
from bot.store.refused_files import RefusedFiles
from bot.store.sign_in import SignIn
from bot.store.tables import ended_sessions, metadata, outbox, ticket_messages, tickets
from bot.store.unsent import Unsent, UnsentTexts
from bot.store.verification import Verification
from bot.store.whatsapp_inbox import WhatsAppInbox
from bot.tickets.files import FileLimits
from bot.tickets.handling import Handling, Said
from bot.tickets.ports import TicketQuery
from bot.tickets.ticket import Status
from tests.bot.filings import clocks_from, draft, filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester
from tests.bot.sla.bakery import CALENDAR, MATRIX
from tests.bot.tickets.samples import SAMPLES
from tests.graph_api import contact, envelope, message, text, value

DAYS = timedelta(days=1)
ADDRESS_OF = {"ana": ANA, "bruno": BRUNO, "carla": CARLA}
MARKS = {name: f"marca-{name}-xyz" for name in (*ADDRESS_OF, "davi")}
"""Everything a person says holds their mark, so that whatever is left of it can be seen."""
PHONES = {"ana": "551187654321", "bruno": "5511912345678", "carla": "5521998887777"}
"""Ana's is written without the ninth digit, as the network does with older ones."""


class Desk:
    """A desk at which people have talked, filed, answered and asked for a human."""

    def __init__(self, database, tickets, inbox, store, mails, clock):
        self.mails = mails
        self.database, self.tickets, self.inbox, self.store, self.clock = database, tickets, inbox, store, clock
        self.contracts = Contracts(CALENDAR)
        self.handling = Handling(tickets, MATRIX, self.contracts, clock, reopen_within=7 * DAYS)

    def said(self, name, key, *files):
        return Said(f"{MARKS[name]} escreveu {ADDRESS_OF.get(name, DAVI).email}", key, "portal", files)

    def live(self, name):
        """A whole life of one customer; gives the number of the ticket."""
        person, talk, mark = ADDRESS_OF[name], f"conversa-{name}", MARKS[name]
        who, davi = as_requester(person, talk), as_requester(DAVI, talk)
        People(self.database, self.clock, lambda _: None).note(
            KnownPerson(person.email, person.name, person.company, "requester")
        )
        self.inbox.open(talk, "web", person.email)
        kept = self.inbox.keep(talk, CustomerMessage(f"m-{mark}", mark, choice=f"/{mark}"), who)
        self.inbox.answer(Turn((kept,)), Answer((BotMessage(f"ouvi {mark}"),)), pushed=False)
        file = self.store.save(talk, f"{mark}.png", "image/png", SAMPLES["png"] + mark.encode())
        told = dict.fromkeys(("what", "who", "where", "when", "why", "contact", "opening", "subject"), mark)
        filed = filing(
            who, f"d-{name}", clock_events=clocks_from(self.clock(), self.contracts), attachments=(file.id,), **told
        )
        filed.evidence["answers"] = [mark]
        number = self.tickets.file(filed).number
        self.handling.reply(number, who, self.said(name, f"1-{name}"))
        self.handling.reply(number, davi, Said(f"Sobre {mark}: vendo.", f"2-{name}", "console"))
        self.handling.change_severity(number, davi, "P-4", f"porque {mark}")
        Notes(self.database, self.clock).write(number, davi, f"nota sobre {mark}", f"n-{name}")
        self.tickets.hand_over(draft(f"h-{name}", what=mark), who, self.clock())
        Handovers(self.database, self.clock).take(talk, davi, draft(), who, f"Oi, {mark}")
        Verification(self.database, self.clock).send_code(talk, person.email)
        SignIn(self.database, self.clock).send(person.email, f"b-{name}", f"c-{name}", "/chamados")
        RefusedFiles(self.database, self.clock).note(talk, f"r-{mark}", f"{mark}.exe", f"{mark}.exe não é aceito")
        UnsentTexts(self.database, self.clock).keep(person.email, number, Unsent("0" * 32, f"ainda {mark}", False))
        self.mails.keep(f"From: {person.email}\n\n{mark}".encode(), f"<{mark}@x>", person.email, mark, refused=mark)
        self.mails.retry(self.mails.listed()[0].id, DAVI.email)
        self.whatsapp(name)
        return number

    def whatsapp(self, name):
        """The same person by WhatsApp, where the address was proven; a message of the desk's was taken and is read."""
        inbox, phone = WhatsAppInbox(self.database, self.clock), PHONES[name]
        said = message(phone, text(MARKS[name]), id=f"wamid.{phone}", at=self.clock().timestamp())
        inbox.keep(json.dumps(envelope(value(contacts=[contact(phone, MARKS[name])], messages=[said]))).encode())
        inbox.split_new()
        (update,) = inbox.open_updates()[-1]
        talk = inbox.person_behind(update.update).conversation
        who = as_requester(ADDRESS_OF[name], talk)
        self.inbox.keep(talk, CustomerMessage(f"wamid.{phone}", MARKS[name]), who)
        inbox.handled(update, say=(talk, {"text": f"ouvi {MARKS[name]}"}))
        with self.database.write() as connection:
            proven = {"verified_email": ADDRESS_OF[name].email}
            connection.execute(tables.conversations.update().where(tables.conversations.c.id == talk).values(proven))
            key = connection.execute(select(outbox.c.key).where(outbox.c.recipient == talk)).scalar_one()
            sent = {"notice_key": key, "part": 0, "wamid": f"wamid.to.{phone}", "status": "read", "at": self.clock()}
            connection.execute(insert(tables.whatsapp_sent).values(sent))

    def dump(self):
        with self.database.read() as connection:
            return {
                t.name: [dict(row._mapping) for row in connection.execute(select(t))] for t in metadata.sorted_tables
            }

    def left_of(self, *words):
        """Where any of the words still stands: table and column."""
        return sorted(
            {
                (table, column)
                for table, rows in self.dump().items()
                for row in rows
                for column, value in row.items()
                if any(word in _text(value) for word in words)
            }
        )


def _text(value):
    return (
        value.decode(errors="ignore")
        if isinstance(value, bytes)
        else json.dumps(value, default=str, ensure_ascii=False)
    )


@pytest.fixture
def store(database, tmp_path, clock):
    return AttachmentStore(database, tmp_path / "attachments", clock, FileLimits(9, 10**8))


@pytest.fixture
def personal(database, clock):
    return PersonalData(database, clock)


@pytest.fixture
def mails(database, tmp_path, clock):
    return MailStore(database, tmp_path / "mails", clock)


@pytest.fixture
def desk(database, tickets, inbox, store, mails, clock):
    desk = Desk(database, tickets, inbox, store, mails, clock)
    for name in ADDRESS_OF:
        desk.live(name)
    # Bruno, of the same company, has a word on Ana's ticket, and she one on his.
    desk.handling.reply("PC-1001", as_requester(BRUNO, "conversa-ana"), desk.said("bruno", "bruno-em-ana"))
    desk.handling.reply("PC-1002", as_requester(ANA, "conversa-bruno"), desk.said("ana", "ana-em-bruno"))
    tickets.follow("PC-1002", as_requester(ANA), desk.clock())
    with database.write() as connection:
        connection.execute(insert(ended_sessions).values(nonce="n", expires_at=desk.clock()))
    return desk


def test_the_life_of_a_person_fills_every_table(desk):
    """A table that is not filled here would be forgotten when a person is to be."""
    assert {name for name, rows in desk.dump().items() if not rows} == set()


def test_nothing_is_left_of_a_person_who_is_erased(desk, personal):
    personal.erase(personal.of(ANA.email.upper()))
    assert desk.left_of(MARKS["ana"], ANA.email, ANA.name, *numbers("ana")) == []


def numbers(name):
    """A telephone as the network and as we write it."""
    return PHONES[name], canonical_phone(PHONES[name])


def test_who_wrote_by_whatsapp_is_found_by_the_telephone_however_it_is_written(desk, personal):
    by_phone = personal.of("+55 (11) 98765-4321")
    assert set(by_phone.conversations) == set(personal.of(ANA.email).conversations) and len(by_phone.conversations) == 2
    personal.erase(by_phone)
    assert desk.left_of(MARKS["ana"], ANA.email, *numbers("ana")) == []


def test_a_number_without_a_proven_address_is_erased_by_itself(desk, personal):
    with desk.database.write() as connection:
        unproven = tables.conversations.update().where(tables.conversations.c.channel == "whatsapp")
        connection.execute(unproven.values(verified_email=None))
    personal.erase(personal.of(PHONES["carla"]))
    assert desk.left_of(*numbers("carla")) == []
    assert MARKS["carla"] in desk.tickets.by_number("PC-1003").what


def test_the_bytes_of_a_mail_go_with_it(desk, personal, mails):
    (mail,) = [mail for mail in mails.listed(tuple(MailState)) if mail.sender == ANA.email]
    assert personal.erase(personal.of(ANA.email)).mails == (mail.sha256,)
    mails.remove(mail.sha256)
    assert not mails.path(mail).exists()


def test_nothing_of_anybody_else_is_touched(desk, personal):
    before = desk.left_of(MARKS["bruno"], BRUNO.email, MARKS["carla"], CARLA.email, *numbers("bruno"))
    counted = {name: _count(desk, name) for name in ("bruno", "carla")}
    personal.erase(personal.of(ANA.email))
    assert desk.left_of(MARKS["bruno"], BRUNO.email, MARKS["carla"], CARLA.email, *numbers("bruno")) == before
    assert {name: _count(desk, name) for name in ("bruno", "carla")} == counted


def _count(desk, name):
    return sum(
        _text(rows).count(word) for rows in desk.dump().values() for word in (MARKS[name], ADDRESS_OF[name].email)
    )


def test_the_figures_of_the_desk_stay(desk, personal):
    kept = (
        "id",
        "number",
        "severity",
        "sla_row",
        "status",
        "created_at",
        "diagnosis_due",
        "solution_due",
        "company",
        "product",
    )
    before = {(row["number"], column): row[column] for row in desk.dump()["tickets"] for column in kept}
    clocks, events = desk.dump()["clock_events"], len(desk.dump()["ticket_events"])
    personal.erase(personal.of(ANA.email))
    after = {(row["number"], column): row[column] for row in desk.dump()["tickets"] for column in kept}
    assert (after, desk.dump()["clock_events"], len(desk.dump()["ticket_events"])) == (before, clocks, events)
    changed = [row for row in desk.dump()["ticket_events"] if row["kind"] == "severity_changed"]
    assert all((row["body"]["from"], row["body"]["to"]) == (1, 2) for row in changed)


def test_an_erased_ticket_is_still_worked_on(desk, personal, tickets):
    personal.erase(personal.of(ANA.email))
    ticket = desk.handling.reply("PC-1001", as_requester(DAVI, "conversa-ana"), desk.said("davi", "depois"))
    assert ticket.subject == ERASED and ticket.creator is None
    assert [row["recipient"] for row in desk.dump()["outbox"] if "depois" in _text(row)] == []
    desk.handling.resolve("PC-1001", as_requester(DAVI, "conversa-ana"), desk.said("davi", "fim"))


def test_whoever_erased_comes_back_meets_a_closed_door(desk, personal, inbox):
    personal.erase(personal.of(ANA.email))
    assert inbox.state("conversa-ana").owner == ERASED
    assert desk.tickets.find_all(TicketQuery(), as_requester(ANA)) == []


def test_what_waits_to_be_sent_to_an_erased_person_is_not_sent(desk, personal):
    personal.erase(personal.of(ANA.email))
    assert ANA.email not in {row["recipient"] for row in desk.dump()["outbox"]}


def test_erasing_twice_is_erasing_once(desk, personal):
    personal.erase(personal.of(ANA.email))
    before = desk.dump()
    assert personal.erase(personal.of(ANA.email)).files == ()
    assert desk.dump() == before


def test_a_stranger_s_address_erases_nothing(desk, personal):
    before = desk.dump()
    personal.erase(personal.of("ninguem@nada.example"))
    assert desk.dump() == before


def test_the_bytes_of_a_file_go_unless_somebody_else_has_them(desk, personal, store):
    talk = "conversa-carla"
    shared = SAMPLES["png"] + MARKS["ana"].encode()
    store.save(talk, "igual.png", "image/png", shared)
    assert personal.erase(personal.of(ANA.email)).files == ()
    assert personal.erase(personal.of(CARLA.email)).files != ()
    digest = hashlib.sha256(shared).hexdigest()
    store.remove(digest)
    assert not list(store._directory.rglob(f"{digest}*"))


def test_a_colleague_s_file_on_the_ticket_stays(desk, personal, store):
    file = store.save("conversa-ana", "do-bruno.png", "image/png", SAMPLES["png"])
    desk.handling.reply("PC-1001", as_requester(BRUNO, "conversa-ana"), desk.said("bruno", "com-anexo", file.id))
    personal.erase(personal.of(ANA.email))
    assert [row["name"] for row in desk.dump()["attachments"] if row["ticket_id"] == 1] == ["do-bruno.png"]


def test_an_agent_who_leaves_loses_the_name_and_the_customer_no_answer(desk, personal):
    personal.erase(personal.of(DAVI.email))
    # In the bubbles of customers' conversations stands a name, which may be that of two agents, and no address.
    assert desk.left_of(DAVI.email) == []
    assert desk.left_of(DAVI.name) == [("outbound", "body")]
    texts = [row["text"] for row in desk.dump()["ticket_messages"] if row["author"] == "agent"]
    assert texts and all("vendo" in text for text in texts)


def test_an_export_holds_all_of_the_person_and_nothing_of_others(desk, personal):
    told = json.dumps(personal.export(ANA.email), ensure_ascii=False)
    for table in ("unsent_texts", "tickets", "ticket_messages", "ticket_events", "conversations", "inbound", "outbound", "attachments",
                  "outbox", "handovers", "verification_codes", "sign_in_codes", "people", "subscriptions"):  # fmt: skip
        assert f'"{table}"' in told, table
    assert "ana-em-bruno" in told  # what she wrote on a colleague's ticket is hers
    for name in ("bruno", "carla"):
        assert MARKS[name] not in told, name
    assert personal.export("ninguem@nada.example") == {"address": "ninguem@nada.example"}


def test_only_what_is_done_with_and_old_is_swept(desk, personal, clock):
    for number, talk in (("PC-1001", "conversa-ana"), ("PC-1002", "conversa-bruno")):
        desk.handling.resolve(number, as_requester(DAVI, talk), desk.said("davi", f"fim-{number}"))
    clock.advance(days=20)
    desk.handling.reply("PC-1002", as_requester(BRUNO, "conversa-bruno"), desk.said("bruno", "ainda"))
    clock.advance(days=20)
    old = personal.older_than(clock() - 30 * DAYS)
    # Those by WhatsApp lead to no ticket.
    assert old.tickets == (1,)
    assert {talk for talk in old.conversations if not talk.startswith("wa-")} == {"conversa-ana"}
    personal.erase(old)
    personal.drop_letters_before(clock() - 30 * DAYS)
    with desk.database.read() as connection:
        subjects = dict(connection.execute(select(tickets.c.number, tickets.c.subject)).all())
        texts = (
            connection.execute(select(ticket_messages.c.text).where(ticket_messages.c.ticket_id == 1)).scalars().all()
        )
    assert subjects == {"PC-1001": ERASED, "PC-1002": MARKS["bruno"], "PC-1003": MARKS["carla"]}
    assert set(texts) == {ERASED}
    assert personal.older_than(clock() - 30 * DAYS).tickets == ()


def test_a_letter_not_yet_sent_is_not_swept(desk, personal, clock):
    clock.advance(days=400)
    before = desk.dump()["outbox"]
    personal.drop_letters_before(clock() - 30 * DAYS)
    assert desk.dump()["outbox"] == before and outbox.c.sent_at is not None
    assert {row["status"] for row in desk.dump()["tickets"]} == {Status.OPEN.value}

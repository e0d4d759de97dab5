"""Uploaded files: bytes by their content, rows by who may see them."""

import pytest

from bot.errors import InvalidRequest
from bot.store.attachment_store import AttachmentStore
from bot.tickets.ports import TicketQuery
from tests.bot.filings import filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester, visitor

ANAS, CARLAS, ANONYMOUS = "conversa-ana", "conversa-carla", "conversa-anonima"


@pytest.fixture
def files(database, tmp_path, clock, inbox):
    for conversation in (ANAS, CARLAS, ANONYMOUS):
        inbox.open(conversation, "web", None)
    return AttachmentStore(database, tmp_path / "attachments", clock, limit=3)


@pytest.fixture
def save(files):
    def save(conversation=ANAS, content=b"conteudo", name="print.png"):
        return files.save(conversation, name, "image/png", content)

    return save


@pytest.fixture
def on_ticket(save, tickets):
    """Ana's file, on a ticket she filed."""
    file = save()
    tickets.file(filing(as_requester(ANA, ANAS), attachments=(file.id,)))
    return file


def test_a_file_is_kept_byte_for_byte(files, save):
    file = save(content=b"\x00\xff bytes")
    assert files.path(file).read_bytes() == b"\x00\xff bytes"
    assert (file.name, file.mime, file.size) == ("print.png", "image/png", 8)


def test_the_same_content_lies_on_disk_once_with_two_rows(files, save, tmp_path):
    first, second = save(), save(name="outro.png")
    assert first.id != second.id and files.path(first) == files.path(second)
    assert len([path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]) == 1


def test_the_name_of_a_file_is_no_part_of_its_path(files, save, tmp_path):
    path = files.path(save(name="../../etc/passwd"))
    assert path.is_relative_to(tmp_path / "attachments") and "passwd" not in str(path)


def test_a_conversation_names_its_own_files_in_the_order_asked_for(files, save):
    first, second = save(content=b"1"), save(content=b"2")
    assert files.of_conversation(ANAS, (second.id, first.id)) == [second, first]


def test_a_conversation_cannot_name_the_files_of_another(files, save):
    assert files.of_conversation(CARLAS, (save().id,)) == []
    assert files.of_conversation(ANAS, ("nada",)) == files.of_conversation(ANAS, ()) == []


def test_one_file_more_than_a_ticket_takes_is_refused(save):
    for n in range(3):
        save(content=b"%d" % n)
    with pytest.raises(InvalidRequest, match="até 3 anexos"):
        save(content=b"mais um")
    save(CARLAS)  # another conversation has its own count


def test_files_that_are_on_a_ticket_make_room_for_others(save, tickets):
    ids = tuple(save(content=b"%d" % n).id for n in range(3))
    tickets.file(filing(as_requester(ANA, ANAS), attachments=ids))
    assert save(content=b"mais um")


def test_a_ticket_shows_its_files(on_ticket, tickets):
    (ticket,) = tickets.find_all(TicketQuery(), as_requester(ANA))
    assert ticket.attachments == (on_ticket,)


def test_a_ticket_cannot_take_the_file_of_another_conversation(save, tickets):
    file = save(CARLAS)
    assert tickets.file(filing(as_requester(ANA, ANAS), attachments=(file.id,))).attachments == ()


def test_a_file_goes_to_one_ticket_only(on_ticket, tickets):
    second = tickets.file(filing(as_requester(ANA, ANAS), "rascunho-2", attachments=(on_ticket.id,)))
    assert second.attachments == ()


@pytest.mark.parametrize("person", [ANA, BRUNO, DAVI], ids=lambda person: person.name)
def test_the_file_of_a_ticket_is_for_the_company_and_for_support(files, on_ticket, person):
    assert files.find(on_ticket.id, as_requester(person)) == on_ticket


def test_the_file_of_a_ticket_is_not_for_another_company(files, on_ticket):
    assert files.find(on_ticket.id, as_requester(CARLA)) is None
    assert files.find(on_ticket.id, as_requester(CARLA, CARLAS)) is None


def test_the_file_of_a_ticket_is_not_for_nobody(files, on_ticket):
    assert files.find(on_ticket.id, visitor("")) is None
    assert files.find(on_ticket.id, visitor(ANONYMOUS, claimed=ANA.email)) is None


def test_a_file_on_no_ticket_yet_is_seen_in_its_conversation_only(files, save):
    file = save(ANONYMOUS)
    assert files.find(file.id, visitor(ANONYMOUS)) == file
    assert files.find(file.id, visitor(ANAS)) is None
    assert files.find(file.id, visitor("")) is None


def test_a_file_that_is_not_there_is_not_found(files):
    assert files.find("nada", as_requester(DAVI)) is None

"""Uploaded files: bytes by their content, rows by who may see them."""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from bot.errors import InvalidRequest
from bot.store.attachment_store import AttachmentStore
from bot.store.tables import attachments
from bot.tickets.files import FileLimits
from bot.tickets.ports import TicketQuery
from tests.bot.at_once import at_once
from tests.bot.filings import filing
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester, visitor
from tests.bot.tickets.samples import PNG, picture

ANAS, CARLAS, ANONYMOUS = "conversa-ana", "conversa-carla", "conversa-anonima"


@pytest.fixture
def files(database, tmp_path, clock, inbox):
    for conversation in (ANAS, CARLAS, ANONYMOUS):
        inbox.open(conversation, "web", None)
    return AttachmentStore(database, tmp_path / "attachments", clock, FileLimits(3, 2_000_000))


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


def test_files_larger_together_than_a_ticket_takes_are_refused(save):
    save(content=bytes(1_200_000))
    save(content=bytes(800_000))
    with pytest.raises(InvalidRequest, match="somam até 2 MB"):
        save(content=b"3")
    save(CARLAS, bytes(1_200_000))


def test_whether_there_is_room_is_known_before_a_file_is_read(files, save):
    for n in range(3):
        files.check_room(ANAS)
        save(content=b"%d" % n)
    with pytest.raises(InvalidRequest, match="até 3 anexos"):
        files.check_room(ANAS)
    files.check_room(CARLAS)


def test_files_left_behind_make_room_after_a_day(save, clock):
    for n in range(3):
        save(content=b"%d" % n)
    clock.advance(hours=25)
    assert save(content=b"mais um")


def test_uploads_at_the_same_moment_take_no_more_room_than_there_is(save):
    def one():
        try:
            return save(content=os.urandom(8))
        except InvalidRequest:
            return None

    assert len([file for file in at_once(8, one) if file]) == 3


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


def test_two_conversations_share_the_bytes_of_a_file_and_not_who_may_see_it(files, save):
    anas, carlas = save(ANAS), save(CARLAS)
    assert files.path(anas) == files.path(carlas)
    assert files.find(anas.id, visitor(CARLAS)) is None and files.find(carlas.id, visitor(ANAS)) is None


@pytest.mark.parametrize("id", ["", "a\x00b", "../a", "a'--"])
def test_what_no_database_takes_for_an_id_is_not_found(files, id):
    assert files.find(id, as_requester(DAVI)) is None


# Small pictures


@pytest.fixture
def picture_of(files, save):
    def picture_of(content, conversation=ANAS):
        file = save(conversation, content)
        return file, files.thumbnail(file)

    return picture_of


def test_a_small_picture_lies_beside_the_content_under_the_same_hash(files, picture_of):
    file, small = picture_of(picture("PNG", (640, 640)))
    assert small == files.path(file).with_suffix(".webp")
    with Image.open(small) as image:
        assert image.size == (320, 320)


def test_a_small_picture_is_made_once(files, picture_of, monkeypatch):
    file, small = picture_of(PNG)
    monkeypatch.setattr("bot.store.attachment_store.thumbnail", lambda _: pytest.fail("made again"))
    assert files.thumbnail(file) == small


def test_that_there_is_no_small_picture_is_found_out_once(files, picture_of, monkeypatch):
    file, small = picture_of(PNG[:40])
    monkeypatch.setattr("bot.store.attachment_store.thumbnail", lambda _: pytest.fail("tried again"))
    assert small is files.thumbnail(file) is None


# What is left behind


def on_disk(tmp_path):
    return {path.name for path in (tmp_path / "attachments").rglob("*") if path.is_file()}


def grow_old(tmp_path, clock, **age):
    for path in (tmp_path / "attachments").rglob("*"):
        then = (clock() - timedelta(**age)).timestamp()
        os.utime(path, (then, then))


MONTH = timedelta(days=30)


def test_a_file_on_no_ticket_is_given_up_after_a_while_with_its_bytes(files, picture_of, clock, tmp_path):
    file, _ = picture_of(PNG)
    clock.advance(days=29)
    assert files.sweep(MONTH) == (0, 0) and files.find(file.id, visitor(ANAS))
    clock.advance(days=2)
    assert files.sweep(MONTH) == (1, 2)
    assert files.find(file.id, visitor(ANAS)) is None and on_disk(tmp_path) == set()


def test_a_file_on_a_ticket_stays(files, on_ticket, clock, tmp_path):
    files.thumbnail(on_ticket)
    clock.advance(days=4_000)
    assert files.sweep(MONTH) == (0, 0) and len(on_disk(tmp_path)) == 2


def test_bytes_stay_as_long_as_one_of_their_files_does(files, on_ticket, save, clock):
    other = save(CARLAS)
    clock.advance(days=31)
    assert files.sweep(MONTH) == (1, 0)
    assert files.find(other.id, visitor(CARLAS)) is None and files.path(on_ticket).exists()


def test_bytes_whose_row_was_never_written_are_removed(files, clock, tmp_path, monkeypatch):
    """The process dies between bytes and row."""

    def dies(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_check_room", dies)
    with pytest.raises(KeyboardInterrupt):
        files.save(ANAS, "print.png", "image/png", b"conteudo")
    assert len(on_disk(tmp_path)) == 1
    assert files.sweep(MONTH) == (0, 0)
    clock.advance(days=31)
    assert files.sweep(MONTH) == (0, 1) and on_disk(tmp_path) == set()


def test_a_write_that_was_cut_off_is_removed_beside_the_file_it_meant(files, on_ticket, clock, tmp_path):
    half = files.path(on_ticket).with_suffix(".0123abcd")
    half.write_bytes(b"meio")
    grow_old(tmp_path, clock, days=1)
    assert files.sweep(MONTH) == (0, 0)
    grow_old(tmp_path, clock, days=31)
    assert files.sweep(MONTH) == (0, 1) and not half.exists() and files.path(on_ticket).exists()


AT_ONCE = timedelta(seconds=-1)
"""How old must be what a sweep takes that spares nothing."""


def test_a_sweep_between_bytes_and_row_leaves_the_row_its_bytes(files, save, monkeypatch):
    keep, swept = files._keep, []

    def keep_and_sweep(file, content):
        keep(file, content)
        if not swept:
            swept.append(files.sweep(AT_ONCE))

    monkeypatch.setattr(files, "_keep", keep_and_sweep)
    file = save()
    assert swept == [(0, 1)]
    assert files.path(file).read_bytes() == b"conteudo"


def test_an_upload_in_the_midst_of_a_sweep_waits_and_keeps_its_bytes(files, save, monkeypatch):
    """The sweep has decided that nobody bears the bytes, and has not removed them yet."""
    save()
    with ThreadPoolExecutor(1) as thread:
        uploads = []

        def upload_before_removal(*args):
            uploads.append(thread.submit(save, CARLAS))
            wait(uploads, timeout=0.5)
            return True

        monkeypatch.setattr("bot.store.attachment_store._is_left", upload_before_removal)
        assert files.sweep(AT_ONCE) == (1, 1)
    assert files.path(uploads[0].result()).read_bytes() == b"conteudo"


def test_sweeps_beside_uploads_leave_every_row_its_bytes(files, database, inbox):
    turn = itertools.count()

    def upload_or_sweep():
        n = next(turn)
        inbox.open(f"conversa-{n}", "web", None)
        return files.sweep(AT_ONCE) if n % 3 == 0 else files.save(f"conversa-{n}", "a.png", "image/png", b"o mesmo")

    for _ in range(5):
        at_once(6, upload_or_sweep)
        with database.read() as connection:
            rows = connection.execute(select(attachments.c.sha256)).scalars().all()
        assert all((files._directory / sha256[:2] / sha256).read_bytes() == b"o mesmo" for sha256 in rows)


def test_a_sweep_of_nothing_is_none(files):
    assert files.sweep(MONTH) == (0, 0)

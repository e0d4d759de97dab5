"""Mail fetched from a real IMAP server."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from bot.channels.mail_in.imap import ImapInbox
from bot.errors import ConfigurationError, MailUnavailable
from tests.bot.channels.dovecot import Dovecot
from tests.bot.channels.mails import mail
from tests.stack import free_ports

DONE = "Triagem"


@pytest.fixture
def dovecot():
    with Dovecot() as dovecot:
        yield dovecot


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@contextmanager
def watching(dovecot, keep, **options):
    """An inbox at work in a thread of its own, as the receiver runs it."""
    stop = threading.Event()
    inbox = ImapInbox(dovecot.url, DONE, options.pop("max_bytes", 1_000_000), **options)
    thread = threading.Thread(target=inbox.watch, args=(keep, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(15)
        assert not thread.is_alive()


@pytest.mark.parametrize("poll_seconds", [0, 0.2])
def test_what_is_there_and_what_comes_later_is_kept_and_moved(dovecot, poll_seconds):
    kept = []
    dovecot.deliver(mail("um"))
    with watching(dovecot, lambda raw, size: kept.append((raw, size)), poll_seconds=poll_seconds):
        wait_until(lambda: len(kept) == 1)
        dovecot.deliver(mail("dois"))
        wait_until(lambda: len(kept) == 2)
        wait_until(lambda: dovecot.count(DONE) == 2)
    assert dovecot.count() == 0
    assert [b"um" in kept[0][0], b"dois" in kept[1][0]] == [True, True]
    assert all(len(raw) == size for raw, size in kept)


@contextmanager
def slow_road(dovecot, word, before):
    """A way to the server on which `before` happens as the command with `word` goes by, once, and answers bunch up."""
    listener = socket.create_server(("127.0.0.1", 0))
    pending = [before]

    def carry():
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", dovecot.imap_port))
        answers = threading.Thread(target=bunched, args=(server, client))
        answers.start()
        while data := client.recv(65536):
            if word in data and pending:
                pending.pop()()
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)
        answers.join()
        server.close()

    def bunched(server, client):
        while data := server.recv(65536):
            time.sleep(0.05)
            server.setblocking(False)
            with suppress(BlockingIOError):
                data += server.recv(65536)
            server.setblocking(True)
            client.sendall(data)

    thread = threading.Thread(target=carry)
    thread.start()
    yield dovecot.url.replace(str(dovecot.imap_port), str(listener.getsockname()[1]))
    thread.join(15)
    listener.close()
    assert not pending and not thread.is_alive()


@pytest.mark.parametrize("word", [b"SEARCH", b"SIZE", b"COPY", b"EXPUNGE", b"IDLE"])
def test_what_comes_between_looking_and_waiting_does_not_wait(dovecot, word):
    """A server tells of it once: with the answer to another command, or in one packet with that to IDLE."""
    kept, stop = [], threading.Event()
    dovecot.deliver(mail("um"))
    with slow_road(dovecot, word, lambda: dovecot.deliver(mail("dois"))) as url:
        inbox = ImapInbox(url, DONE, 1_000_000)
        thread = threading.Thread(target=inbox.watch, args=(lambda raw, _size: kept.append(raw), stop))
        thread.start()
        try:
            wait_until(lambda: len(kept) == 2)
        finally:
            stop.set()
            thread.join(15)


def test_what_cannot_be_kept_stays_and_stops_no_other(dovecot):
    kept = []

    def keep(raw, _size):
        if b"veneno" in raw:
            raise OSError("disco cheio")
        kept.append(raw)

    dovecot.deliver(mail("veneno"))
    dovecot.deliver(mail("bom"))
    with watching(dovecot, keep):
        wait_until(lambda: dovecot.count(DONE) == 1)
    assert dovecot.count() == 1 and len(kept) == 1


def test_of_a_huge_mail_only_the_headers_are_fetched(dovecot):
    kept = []
    dovecot.deliver(mail("x " * 200_000, subject="Enorme"))
    with watching(dovecot, lambda raw, size: kept.append((raw, size)), max_bytes=10_000):
        wait_until(lambda: kept)
    ((raw, size),) = kept
    assert b"Subject: Enorme" in raw and len(raw) < 5_000 and size > 200_000


def test_a_server_that_is_not_there_is_said_to_be_unavailable():
    inbox = ImapInbox(f"imap://suporte:x@127.0.0.1:{free_ports(1)[0]}/INBOX", DONE, 1_000)
    with pytest.raises(MailUnavailable):
        inbox.watch(lambda raw, size: None, threading.Event())


def test_a_wrong_password_is_said_to_be_unavailable_and_not_told(dovecot):
    inbox = ImapInbox(dovecot.url.replace("senha-da-caixa", "outra-senha"), DONE, 1_000)
    with pytest.raises(MailUnavailable) as caught:
        inbox.watch(lambda raw, size: None, threading.Event())
    assert "outra-senha" not in str(caught.value)


def test_a_server_that_goes_away_while_we_wait_is_noticed(dovecot):
    failed = []

    def watch():
        try:
            ImapInbox(dovecot.url, DONE, 1_000).watch(lambda raw, size: None, threading.Event())
        except MailUnavailable as error:
            failed.append(error)

    thread = threading.Thread(target=watch)
    thread.start()
    wait_until(lambda: dovecot.exists(DONE))
    time.sleep(0.5)
    dovecot.stop()
    thread.join(15)
    assert failed
    dovecot.start()


@pytest.mark.parametrize(
    "url", ["", "mail.desk.example", "http://u:p@mail.desk.example", "imap://", "imaps://so-servidor"]
)
def test_an_address_that_is_no_mailbox_is_refused_with_an_example(url):
    with pytest.raises(ConfigurationError, match="TRIAGEM_IMAP_URL: use imaps://usuario:senha@servidor/INBOX"):
        ImapInbox(url, DONE, 1_000)

"""Fetches mail by IMAP: hands every message over as it came, then moves it to another folder.

A message is moved once it is kept, so whatever dies in between, it is fetched again. What cannot be kept stays where it
is and stops no other.
"""

from __future__ import annotations

import imaplib
import io
import ipaddress
import logging
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import cast
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from bot.errors import ConfigurationError, MailUnavailable

log = logging.getLogger(__name__)

Keep = Callable[[bytes, int], None]
"""Takes the bytes and the size of a mail. Of one that is too large there are only the headers."""

_TIMEOUT_SECONDS = 30
# Servers end an IDLE after half an hour; a connection that died silently is noticed sooner.
_LONGEST_IDLE_SECONDS = 540.0
_WITHOUT_IDLE_SECONDS = 60.0
_LOOK_UP_SECONDS = 1.0


class ImapInbox:
    """`url` is `imaps://user:password@host/INBOX`, or `imap://…` with STARTTLS, which only loopback may go without.

    `poll_seconds` of 0 waits for the server to tell of new mail (IDLE), where it can.
    """

    def __init__(self, url: str, done_folder: str, max_bytes: int, poll_seconds: float = 0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
            raise ConfigurationError("TRIAGEM_IMAP_URL", None, "use imaps://usuario:senha@servidor/INBOX")
        self._parts, self._folder = parts, unquote(parts.path.strip("/")) or "INBOX"
        self._done, self._max_bytes, self._poll_seconds = done_folder, max_bytes, poll_seconds

    def watch(self, keep: Keep, stop: threading.Event) -> None:
        """Keeps what is there and what comes, until stopped. Raises MailUnavailable."""
        with _translated(), self._open() as box:
            if not box.folder.exists(self._done):
                box.folder.create(self._done)
            box.folder.set(self._folder)
            while not stop.is_set():
                self._take_all(box, keep)
                self._wait(box, stop)

    def _open(self) -> BaseMailBox:
        parts = self._parts
        host, port = parts.hostname or "", parts.port or (993 if parts.scheme == "imaps" else 143)
        if parts.scheme == "imaps":
            box: BaseMailBox = MailBox(host, port, timeout=_TIMEOUT_SECONDS)
        elif _is_loopback(host):
            box = MailBoxUnencrypted(host, port, timeout=_TIMEOUT_SECONDS)
        else:
            box = MailBoxStartTls(host, port, timeout=_TIMEOUT_SECONDS)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        login = box.login if (user + password).isascii() else box.login_utf8
        return login(user, password, initial_folder=None)

    def _take_all(self, box: BaseMailBox, keep: Keep) -> None:
        """Until none comes meanwhile: what a server tells with another command's answer it does not tell IDLE again."""
        told = True
        while told:
            box.client.untagged_responses.pop("EXISTS", None)
            for uid in box.uids():
                self._take(box, uid, keep)
            told = "EXISTS" in box.client.untagged_responses

    def _take(self, box: BaseMailBox, uid: str, keep: Keep) -> None:
        size = _size(box, uid)
        raw = _fetch(box, uid, "BODY.PEEK[]" if size <= self._max_bytes else "BODY.PEEK[HEADER]")
        if raw is None:  # somebody else took it out of the folder
            return
        try:
            keep(raw, size)
        except Exception as error:
            log.error("a mail could not be kept and stays in its folder (%s)", type(error).__name__)
        else:
            box.move(uid, self._done)

    def _wait(self, box: BaseMailBox, stop: threading.Event) -> None:
        if self._poll_seconds or "IDLE" not in box.client.capabilities:
            stop.wait(self._poll_seconds or _WITHOUT_IDLE_SECONDS)
            return
        end = time.monotonic() + _LONGEST_IDLE_SECONDS
        with box.idle as idle:
            if _has_unread(box):
                return
            while not stop.is_set() and time.monotonic() < end:
                began = time.monotonic()
                # Nothing heard, and sooner than asked for: the connection has ended, and `stop` of IDLE will say so.
                if idle.poll(_LOOK_UP_SECONDS) or time.monotonic() - began < _LOOK_UP_SECONDS / 2:
                    return


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ImapToolsError, imaplib.IMAP4.error, OSError) as error:
        raise MailUnavailable(f"a caixa de entrada não respondeu ({type(error).__name__})") from error


def _has_unread(box: BaseMailBox) -> bool:
    """Whether more came in one packet with the answer to IDLE: it lies in imaplib's buffer, where `poll` cannot see it."""
    client = box.client
    client.sock.settimeout(0)
    try:
        return bool(cast(io.BufferedReader, client.file).peek(1))
    except ssl.SSLWantReadError:
        return False
    finally:
        client.sock.settimeout(_TIMEOUT_SECONDS)


def _size(box: BaseMailBox, uid: str) -> int:
    _, data = box.client.uid("FETCH", uid, "(RFC822.SIZE)")
    found = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(part for part in data if isinstance(part, bytes)))
    return int(found[1]) if found else 0


def _fetch(box: BaseMailBox, uid: str, what: str) -> bytes | None:
    _, data = box.client.uid("FETCH", uid, f"({what})")
    return next((part[1] for part in data if isinstance(part, tuple)), None)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

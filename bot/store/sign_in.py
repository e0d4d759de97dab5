"""Signing in by e-mail: one letter with a six-digit code, for the browser that asked, and a link, for any browser.

Both are kept as hashes only, live for 15 minutes and work once: whichever is used first ends the other.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from bot.errors import TooMany
from bot.store.engine import Database
from bot.store.outbox import add_notice
from bot.store.tables import sign_in_codes

VALID_FOR = timedelta(minutes=15)
_TRIES = 5
_WINDOW = timedelta(hours=1)
_PER_ADDRESS = 5
_PER_CLIENT = 20


@dataclass(frozen=True)
class Entry:
    """Whose letter it was, the page the person wanted, and the browser that asked."""

    email: str
    next: str
    browser: str


class SignIn:
    """`browser` names a browser by a secret only it holds; `client` the network address it calls from, hashed."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def send(self, email: str, browser: str, client: str, next: str) -> None:
        """Puts a letter into the outbox; only the newest code of a browser counts.

        Raises TooMany above 5 letters an hour to one address or 20 from one client.
        """
        now, code, link = self._now(), f"{secrets.randbelow(1_000_000):06d}", secrets.token_urlsafe(32)
        with self._database.write() as connection:
            connection.execute(delete(sign_in_codes).where(sign_in_codes.c.created_at < now - _WINDOW))
            _refuse_too_many(connection, email, client)
            connection.execute(
                insert(sign_in_codes).values(
                    email=email, browser=_hash(browser), client=client, next=next, code_sha256=_hash(browser, code),
                    link_sha256=_hash(link), created_at=now, expires_at=now + VALID_FOR, tries_left=_TRIES,
                )
            )  # fmt: skip
            payload = {"code": code, "link": link}
            add_notice(
                connection, key=f"sign-in:{_hash(link)}", kind="sign_in", recipient=email, payload=payload, at=now
            )

    def asked(self, browser: str) -> str | None:
        """The address that this browser waits for a code to."""
        with self._database.read() as connection:
            return connection.execute(_newest(sign_in_codes.c.email, browser, self._now())).scalar()

    def enter_code(self, browser: str, code: str) -> Entry | None:
        """Once for the right code. Every try is spent before it is looked at, so that tries at once count too."""
        with self._database.write() as connection:
            row = connection.execute(_newest(sign_in_codes, browser, self._now())).first()
            if row is None or not _spend(connection, row.id):
                return None
            if not hmac.compare_digest(row.code_sha256, _hash(browser, code)) or not self._use(connection, row.id):
                return None
        return Entry(row.email, row.next, row.browser)

    def behind_link(self, link: str) -> Entry | None:
        """Whom a link would sign in; looking uses nothing up, since mail scanners open links too."""
        with self._database.read() as connection:
            row = connection.execute(select(sign_in_codes).where(self._alive(link))).first()
        return Entry(row.email, row.next, row.browser) if row else None

    def enter_link(self, link: str) -> Entry | None:
        """Once for a link."""
        with self._database.write() as connection:
            row = connection.execute(select(sign_in_codes).where(self._alive(link))).first()
            if row is None or not self._use(connection, row.id):
                return None
        return Entry(row.email, row.next, row.browser)

    def _alive(self, link: str) -> ColumnElement[bool]:
        return and_(sign_in_codes.c.link_sha256 == _hash(link), _usable(self._now()))

    def _use(self, connection: Connection, id: int) -> bool:
        unused = and_(sign_in_codes.c.id == id, sign_in_codes.c.used_at.is_(None))
        return connection.execute(update(sign_in_codes).where(unused).values(used_at=self._now())).rowcount == 1


def is_browser_of(entry: Entry, browser: str) -> bool:
    return hmac.compare_digest(entry.browser, _hash(browser))


def _refuse_too_many(connection: Connection, email: str, client: str) -> None:
    """Of the rows of the last hour, which are all that are kept."""
    for column, value, most in (
        (sign_in_codes.c.email, email, _PER_ADDRESS),
        (sign_in_codes.c.client, client, _PER_CLIENT),
    ):
        sent = connection.execute(select(func.count()).select_from(sign_in_codes).where(column == value)).scalar_one()
        if sent >= most:
            raise TooMany("Já enviamos vários códigos. Use o do e-mail mais recente, ou peça outro daqui a uma hora.")


def _newest(columns, browser: str, now: datetime):
    mine = select(func.max(sign_in_codes.c.id)).where(sign_in_codes.c.browser == _hash(browser)).scalar_subquery()
    return select(columns).where(sign_in_codes.c.id == mine, _usable(now))


def _usable(now: datetime) -> ColumnElement[bool]:
    return and_(sign_in_codes.c.used_at.is_(None), sign_in_codes.c.expires_at >= now)


def _spend(connection: Connection, id: int) -> bool:
    left = and_(sign_in_codes.c.id == id, sign_in_codes.c.tries_left > 0)
    spent = update(sign_in_codes).where(left).values(tries_left=sign_in_codes.c.tries_left - 1)
    return connection.execute(spent).rowcount == 1


def _hash(*parts: str) -> str:
    return hashlib.sha256(":".join(parts).encode()).hexdigest()

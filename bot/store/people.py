"""Whom the host's tokens have told us of, what they want to be called, and sessions that were ended before their time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.store.engine import Database
from bot.store.outbox import WHATSAPP
from bot.store.tables import ended_sessions, people

_SEEN_AGAIN_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class KnownPerson:
    """What the last accepted identity token said of an address, and the name that the person chose, which is stronger."""

    email: str
    name: str | None = None
    company: str | None = None
    role: str = "requester"
    chosen_name: str | None = None


class People:
    """`by_contract` gives the company that an address belongs to after the contracts, None for no company."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], by_contract: Callable[[str], str | None]
    ) -> None:
        self._database, self._now, self._by_contract = database, now, by_contract

    def find(self, email: str) -> KnownPerson | None:
        with self._database.read() as connection:
            row = connection.execute(select(people).where(people.c.email == email)).first()
        return KnownPerson(row.email, row.name, row.company, row.role, row.chosen_name) if row else None

    def proven(self, email: str) -> KnownPerson:
        """Whoever has shown that an address is theirs: after the host's last token, else after the contracts."""
        known = self.find(email) or KnownPerson(email)
        return replace(known, company=known.company or self._by_contract(email))

    def company_in(self, channel: str, email: str | None) -> str | None:
        """The company of whoever proved an address within a conversation.

        A conversation of WhatsApp is one person's phone. One of the web is anybody's who has its id: no company there.
        """
        return self.proven(email).company if email and channel == WHATSAPP else None

    def note(self, person: KnownPerson) -> KnownPerson:
        """Remembers what a token says, and gives that with what was known; writes only what is new, or once a day."""
        now = self._now()
        with self._database.read() as connection:
            row = connection.execute(select(people).where(people.c.email == person.email)).first()
        told = {"name": person.name, "company": person.company, "role": person.role}
        is_new = row is None or told != {name: getattr(row, name) for name in told}
        if is_new or now - row.seen_at >= _SEEN_AGAIN_AFTER:
            self._write(person.email, {**told, "seen_at": now})
        return replace(person, chosen_name=row.chosen_name if row else None)

    def rename(self, email: str, name: str) -> None:
        """What the person is called from now on, whatever a token says."""
        self._write(email, {"chosen_name": name, "seen_at": self._now()})

    def leave_everywhere(self, email: str) -> None:
        """Every session of the person that began until now is over."""
        self._write(email, {"left_at": self._now(), "seen_at": self._now()})

    def is_over(self, email: str, nonce: str, began: datetime) -> bool:
        """True of a session that was left before its time: by itself, or with all of the person's at once."""
        left = select(people.c.email).where(people.c.email == email, people.c.left_at >= began)
        with self._database.read() as connection:
            return _ended(connection, nonce) or connection.execute(left).first() is not None

    def _write(self, email: str, values: dict) -> None:
        try:
            self._put(email, values)
        except IntegrityError:  # the same person, written down at the same moment by another call
            self._put(email, values)

    def _put(self, email: str, values: dict) -> None:
        with self._database.write() as connection:
            if connection.execute(update(people).where(people.c.email == email).values(**values)).rowcount == 0:
                connection.execute(insert(people).values(**{"email": email, "role": "requester", **values}))

    def end_session(self, nonce: str, expires_at: datetime) -> None:
        """A copy of the cookie opens nothing from now on. Those that have run out by themselves are forgotten."""
        with self._database.write() as connection:
            connection.execute(delete(ended_sessions).where(ended_sessions.c.expires_at < self._now()))
            if not _ended(connection, nonce):
                connection.execute(insert(ended_sessions).values(nonce=nonce, expires_at=expires_at))


def _ended(connection, nonce: str) -> bool:
    return connection.execute(select(ended_sessions.c.nonce).where(ended_sessions.c.nonce == nonce)).first() is not None

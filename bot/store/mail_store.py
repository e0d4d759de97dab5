"""Mail that came in: the bytes on disk before anything else, and a row that says what became of it.

    KEPT ──► ADDED         it is on a ticket
      │ ├──► IGNORED       nobody wrote it: automatic answers, lists, reports of delivery
      │ ├──► QUARANTINED ──► DISCARDED     │ somebody of the desk decides
      │ └──► FAILED      ──► DISCARDED     │
      └◄──────── released or tried again ──┘ what was discarded can be released later

A row is claimed like one of the outbox: whoever changes exactly one handles it, and a claim runs out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import Conflict, NotFound
from bot.store.content import put
from bot.store.engine import Database
from bot.store.tables import mail_decisions, mails

_CLAIM = timedelta(minutes=2)


class MailState(StrEnum):
    KEPT = "kept"
    ADDED = "added"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    DISCARDED = "discarded"


UNDECIDED = (MailState.QUARANTINED, MailState.FAILED)
"""What waits for somebody of the desk."""
undecided = mails.c.state.in_([state.value for state in UNDECIDED])
# Erasing somebody's data takes the bytes away, and leaves nothing to take back.
_taken_back_from = and_(mails.c.state == MailState.DISCARDED.value, mails.c.sha256 != "")


class Decision(StrEnum):
    RELEASED = "released"
    RETRIED = "retried"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class DecisionMade:
    """`by` is the address of whoever of the desk decided, None for the command line."""

    decision: Decision
    by: str | None
    at: datetime


STATE_WORDS = {
    MailState.KEPT: "na fila",
    MailState.ADDED: "no chamado",
    MailState.IGNORED: "posto de lado",
    MailState.QUARANTINED: "retido",
    MailState.FAILED: "falhou",
    MailState.DISCARDED: "descartado",
}
DECISION_WORDS = {
    Decision.RELEASED: "liberado",
    Decision.RETRIED: "tentado de novo",
    Decision.DISCARDED: "descartado",
}
"""For people to read."""


@dataclass(frozen=True)
class KeptMail:
    """A row. `number` is the ticket it is on or would belong to; `tries` counts this one.

    `decided_by` is the address of whoever of the desk decided at `decided_at`, None for the command line.
    """

    id: int
    key: str
    sha256: str
    size: int
    sender: str | None
    subject: str
    received_at: datetime
    state: MailState
    reason: str | None
    number: str | None
    released: bool
    tries: int
    decided_by: str | None
    decided_at: datetime | None

    @property
    def waits(self) -> bool:
        """True while somebody of the desk must decide."""
        return self.state in UNDECIDED

    @property
    def can_be_taken_back(self) -> bool:
        """True of what was discarded and not erased since."""
        return self.state is MailState.DISCARDED and self.sha256 != ""


class MailStore:
    def __init__(self, database: Database, directory: Path, now: Callable[[], datetime]) -> None:
        self._database, self._directory, self._now = database, directory, now

    def keep(
        self, raw: bytes, key: str, sender: str | None, subject: str, *, size: int = 0, refused: str | None = None
    ) -> bool:
        """False when it is there already. `refused` is why it is quarantined unread; `size` what its bytes were then.

        Raises OSError when the bytes cannot be written.
        """
        state = MailState.QUARANTINED if refused else MailState.KEPT
        values = {
            "key": key, "sha256": self._put(raw), "size": size or len(raw), "sender": (sender or "")[:320] or None,
            "subject": subject, "received_at": self._now(), "due_at": self._now(), "state": state.value,
            "reason": refused, "released": False, "tries": 0,
        }  # fmt: skip
        try:
            with self._database.write() as connection:
                connection.execute(insert(mails).values(**values))
        except IntegrityError:
            return False
        return True

    def claim(self) -> KeptMail | None:
        """The oldest mail that nobody has looked at, now ours for two minutes; None when there is none."""
        now = self._now()
        free = or_(mails.c.claimed_until.is_(None), mails.c.claimed_until < now)
        due = and_(mails.c.state == MailState.KEPT.value, mails.c.due_at <= now, free)
        with self._database.write() as connection:
            row = connection.execute(select(mails).where(due).order_by(mails.c.id).limit(1)).first()
            if row is None:
                return None
            mine = update(mails).where(mails.c.id == row.id, free, mails.c.state == MailState.KEPT.value)
            taken = connection.execute(mine.values(claimed_until=now + _CLAIM, tries=row.tries + 1))
            if taken.rowcount != 1:  # somebody else got there first
                return None
        return _mail(row, tries=row.tries + 1)

    def settle(self, mail: KeptMail, state: MailState, reason: str | None, number: str | None) -> None:
        values = {"state": state.value, "reason": (reason or "")[:300] or None, "number": number}
        self._set(mail.id, **values, claimed_until=None, settled_at=self._now())

    def put_off(self, mail: KeptMail, until: datetime, reason: str) -> None:
        self._set(mail.id, due_at=until, claimed_until=None, reason=reason[:300])

    def raw(self, mail: KeptMail) -> bytes:
        return self.path(mail).read_bytes()

    def path(self, mail: KeptMail) -> Path:
        """Where the bytes lie as they came."""
        return self._path(mail.sha256)

    def listed(self, states: Sequence[MailState] = UNDECIDED, limit: int = 100) -> list[KeptMail]:
        """Newest first; what waits for a decision unless other states are named."""
        query = select(mails).where(mails.c.state.in_([state.value for state in states]))
        return self._all(query.order_by(mails.c.id.desc()).limit(limit))

    def decided(self, limit: int = 100) -> list[KeptMail]:
        """What somebody of the desk decided about, the latest decision first."""
        return self._latest(mails.c.decided_at.is_not(None), limit)

    def discarded(self, limit: int = 100) -> list[KeptMail]:
        """What can still be taken back, discarded last first."""
        return self._latest(_taken_back_from, limit)

    def _latest(self, which: ColumnElement[bool], limit: int) -> list[KeptMail]:
        query = select(mails).where(which).order_by(mails.c.decided_at.desc(), mails.c.id.desc())
        return self._all(query.limit(limit))

    def decisions(self, id: int) -> list[DecisionMade]:
        """All that was decided about a mail, oldest first."""
        query = select(mail_decisions).where(mail_decisions.c.mail_id == id).order_by(mail_decisions.c.id)
        with self._database.read() as connection:
            return [DecisionMade(Decision(row.decision), row.by, row.at) for row in connection.execute(query)]

    def _all(self, query: Select[Any]) -> list[KeptMail]:
        with self._database.read() as connection:
            return [_mail(row) for row in connection.execute(query)]

    def waiting(self) -> int:
        """How many wait for a decision."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(mails).where(undecided)).scalar_one()

    def find(self, id: int) -> KeptMail:
        """Raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(mails).where(mails.c.id == id)).first()
        if row is None:
            raise NotFound(f"O e-mail {id} não existe.")
        return _mail(row)

    def release(self, id: int, number: str, by: str | None, *, discarded: bool = False) -> None:
        """Puts it on a ticket, whoever sent it: somebody of the desk vouches for it. Raises NotFound and Conflict.

        With `discarded` it takes a mail back that was thrown away; without, such a decision stands.
        """
        values = {"number": number, "released": True, **self._again()}
        self._decide(id, by, Decision.RELEASED, _taken_back_from if discarded else undecided, **values)

    def retry(self, id: int, by: str | None) -> None:
        """Looks at it again as if it had just come. Raises NotFound and Conflict."""
        self._decide(id, by, Decision.RETRIED, undecided, **self._again())

    def discard(self, id: int, by: str | None) -> None:
        """Raises NotFound and Conflict."""
        values = {"state": MailState.DISCARDED.value, "settled_at": self._now()}
        self._decide(id, by, Decision.DISCARDED, undecided, **values)

    def _again(self) -> dict[str, Any]:
        return {"state": MailState.KEPT.value, "tries": 0, "due_at": self._now(), "settled_at": None}

    def remove(self, sha256: str) -> None:
        """Removes bytes, unless a mail bears them again."""
        with self._database.write() as connection:
            if not connection.execute(select(mails.c.id).where(mails.c.sha256 == sha256)).first():
                self._path(sha256).unlink(missing_ok=True)

    def _put(self, raw: bytes) -> str:
        sha256 = hashlib.sha256(raw).hexdigest()
        if not self._path(sha256).exists():
            put(self._path(sha256), raw, self._now())
        return sha256

    def _path(self, sha256: str) -> Path:
        return self._directory / sha256[:2] / f"{sha256}.eml"

    def _decide(self, id: int, by: str | None, decision: Decision, about: ColumnElement[bool], **values: Any) -> None:
        now = self._now()
        query = update(mails).where(mails.c.id == id, about).values(decided_by=by, decided_at=now, **values)
        made = {"mail_id": id, "decision": decision.value, "by": by, "at": now}
        with self._database.write() as connection:
            if connection.execute(query).rowcount == 1:
                connection.execute(insert(mail_decisions).values(**made))
                return
        found = self.find(id)
        raise Conflict(f"O e-mail {id} já foi decidido ({STATE_WORDS[found.state]}).")

    def _set(self, id: int, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(mails).where(mails.c.id == id).values(**values))


def _mail(row: Row[Any], tries: int | None = None) -> KeptMail:
    return KeptMail(
        row.id, row.key, row.sha256, row.size, row.sender, row.subject, row.received_at, MailState(row.state),
        row.reason, row.number, row.released, row.tries if tries is None else tries, row.decided_by, row.decided_at,
    )  # fmt: skip

"""One-time codes that prove an e-mail address in an anonymous conversation."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from bot.store.engine import Database
from bot.store.outbox import add_notice
from bot.store.tables import conversations, verification_codes

_VALID_FOR = timedelta(minutes=15)
_TRIES = 5


class Verification:
    """A code is six digits, valid for 15 minutes and five tries, and stored only as a hash."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def send_code(self, conversation: str, email: str) -> None:
        """Makes a new code, which replaces an older one, and puts it into the outbox."""
        code, now = f"{secrets.randbelow(1_000_000):06d}", self._now()
        with self._database.write() as connection:
            mine = verification_codes.c.conversation_id == conversation
            connection.execute(delete(verification_codes).where(mine))
            connection.execute(
                insert(verification_codes).values(
                    conversation_id=conversation,
                    email=email,
                    code_sha256=_hash(conversation, code),
                    expires_at=now + _VALID_FOR,
                    tries_left=_TRIES,
                )
            )
            key = f"code:{conversation}:{secrets.token_hex(8)}"
            add_notice(connection, key=key, kind="code", recipient=email, payload={"code": code}, at=now)

    def check(self, conversation: str, code: str) -> bool:
        """True once for the right code; then the address is the conversation's proven one."""
        mine = verification_codes.c.conversation_id == conversation
        with self._database.write() as connection:
            row = connection.execute(select(verification_codes).where(mine)).first()
            if row is None or row.expires_at < self._now() or row.tries_left < 1:
                return False
            if not hmac.compare_digest(row.code_sha256, _hash(conversation, code)):
                connection.execute(update(verification_codes).where(mine).values(tries_left=row.tries_left - 1))
                return False
            connection.execute(delete(verification_codes).where(mine))
            connection.execute(
                update(conversations).where(conversations.c.id == conversation).values(verified_email=row.email)
            )
        return True


def _hash(conversation: str, code: str) -> str:
    return hashlib.sha256(f"{conversation}:{code}".encode()).hexdigest()

"""How our own mail is known again: addresses and message ids that name a ticket and carry a signature.

A signature is the beginning of an HMAC-SHA256 in base32 (80 bits), without capitals: a mail server may write the part
before the @ in lower case.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_SIGNED = 16
_TICKET_ADDRESS = re.compile(rf"\+(?P<number>[a-z]+-\d+)\.(?P<signature>[a-z2-7]{{{_SIGNED}}})@")
_MESSAGE_ID = re.compile(
    rf"<(?:(?P<number>[a-z]+-\d+)\.)?(?P<digest>[0-9a-f]{{16}})\.(?P<signature>[a-z2-7]{{{_SIGNED}}})@[^<>\s@]+>"
)


class MailMarks:
    """`address` is what we send from and receive at; `plus` says whether its server takes `name+anything@domain`."""

    def __init__(self, address: str, secret: str, *, plus: bool = True) -> None:
        self._local, _, self.domain = address.lower().rpartition("@")
        self.address, self._plus = address, plus
        self._key = hmac.digest(secret.encode(), b"mail", "sha256")

    def reply_to(self, number: str) -> str:
        """The address whose mail belongs to a ticket: `suporte+PC-1042.mzxw6ytboi2gk3tu@desk.example`."""
        if not self._plus:
            return self.address
        local, _, domain = self.address.rpartition("@")
        return f"{local}+{number}.{self._sign('address', number)}@{domain}"

    def ticket_of_address(self, address: str) -> str | None:
        """The number that a signed address names; None when it names none or the signature is another."""
        found = _TICKET_ADDRESS.search(address.lower())
        if found and self.is_ours(address) and self._is_signed(found["signature"], "address", found["number"]):
            return found["number"].upper()
        return None

    def is_ours(self, address: str) -> bool:
        """True for our address, with or without something after a plus."""
        local, _, domain = address.lower().rpartition("@")
        return domain == self.domain and local.partition("+")[0] == self._local

    def message_id(self, key: str, number: str | None = None) -> str:
        """Of the letter with that key in the outbox: a retry after a crash is the same message to every server."""
        digest = hashlib.sha256(key.encode()).hexdigest()[:16]
        ticket = f"{number.lower()}." if number else ""
        return f"<{ticket}{digest}.{self._sign('message', number or '', digest)}@{self.domain}>"

    def ticket_of_message(self, message_id: str) -> str | None:
        """The number that a message id of ours names."""
        found = self._own(message_id)
        return found["number"].upper() if found and found["number"] else None

    def is_our_message(self, message_id: str) -> bool:
        return self._own(message_id) is not None

    def _own(self, message_id: str) -> re.Match[str] | None:
        found = _MESSAGE_ID.fullmatch(message_id.strip().lower())
        if found and self._is_signed(found["signature"], "message", found["number"] or "", found["digest"]):
            return found
        return None

    def _is_signed(self, signature: str, *parts: str) -> bool:
        return hmac.compare_digest(signature, self._sign(*parts))

    def _sign(self, *parts: str) -> str:
        digest = hmac.digest(self._key, "\n".join(parts).lower().encode(), "sha256")
        return base64.b32encode(digest).decode().lower()[:_SIGNED]

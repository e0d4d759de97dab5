"""The running service, talked to as the widget does: over HTTP, known or not."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

Answer = dict[str, Any]
"""An answer as the interface gives it: messages, asking, outcome, ticket, pending."""

_LIFETIME_SECONDS = 6 * 3600
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63fccfc0f01f0005050201"
    "5ff8a38a0000000049454e44ae426082"
)


@dataclass(frozen=True)
class Person:
    """Somebody whom a page has identified."""

    name: str
    email: str
    company: str

    def token(self, secret: str) -> str:
        claims = {"sub": self.email, "name": self.name, "company": self.company}
        return jwt.encode({**claims, "exp": int(time.time()) + _LIFETIME_SECONDS}, secret, algorithm="HS256")


PEOPLE = (
    Person("Lia Moraes", "lia@mercadao.example", "Mercadão"),
    Person("Caio Nery", "caio@mercadao.example", "Mercadão"),
    Person("Rosa Telles", "rosa@clinica.example", "Clínica Sol"),
)


class Service:
    """`secret` signs who people are. Methods of its conversations raise httpx.HTTPError."""

    def __init__(self, url: str, secret: str) -> None:
        self._secret = secret
        self._http = httpx.Client(base_url=url, timeout=60)

    def conversation(self, person: Person | None) -> Conversation:
        return Conversation(self._http, person.token(self._secret) if person else None)

    def close(self) -> None:
        self._http.close()


class Conversation:
    """One conversation; every method gives the answer to one post."""

    def __init__(self, http: httpx.Client, token: str | None) -> None:
        self._http, self._path = http, f"/api/conversations/f-{uuid.uuid4().hex}"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def say(self, text: str | None, *, more: bool = False, attachments: Sequence[str] = ()) -> Answer:
        return self._post("messages", json={**_new_id(), "text": text, "more": more, "attachments": [*attachments]})

    def press(self, value: str) -> Answer:
        return self._post("messages", json={**_new_id(), "choice": value})

    def upload(self, name: str) -> str:
        """Sends a picture of that name; gives its id."""
        return self._post("attachments", files={"file": (name, _PNG, "image/png")})["id"]

    def _post(self, what: str, **body: Any) -> dict[str, Any]:
        response = self._http.post(f"{self._path}/{what}", headers=self._headers, **body)
        response.raise_for_status()
        return response.json()


def _new_id() -> dict[str, str]:
    return {"id": uuid.uuid4().hex}

"""Who calls: the claims of a signed token, or nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

import jwt
from fastapi import Depends, Header, Request

from bot.assembly import Assembly
from bot.errors import NotAuthenticated
from bot.store.people import KnownPerson

_LONGEST_CLAIM = 200
_LONGEST_ADDRESS = 320


@dataclass(frozen=True)
class Identity:
    """Claims of a valid token. `email` is its `sub`."""

    email: str
    name: str | None
    company: str | None
    role: str


def read_token(token: str, secret: str) -> Identity:
    """Raises NotAuthenticated for a token that is wrong, expired, or lacks `exp`."""
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], options={"require": ["exp", "sub"]}, leeway=10)
    except jwt.ExpiredSignatureError as error:
        raise NotAuthenticated("Sua identificação expirou. Entre de novo no portal e continue a conversa.") from error
    except jwt.InvalidTokenError as error:
        raise NotAuthenticated("Sua identificação não é válida. Entre de novo no portal.") from error
    email = (_text(claims["sub"], _LONGEST_ADDRESS) or "").lower()
    if not email:
        raise NotAuthenticated("Sua identificação não diz quem você é. Entre de novo no portal.")
    role = "agent" if claims.get("role") == "agent" else "requester"
    return Identity(email, _text(claims.get("name")), _text(claims.get("company")), role)


def make_token(person: Identity, secret: str, expires_at: datetime) -> str:
    """A token of the kind that `read_token` reads."""
    claims = {"sub": person.email, "name": person.name, "company": person.company, "role": person.role}
    told = {name: value for name, value in claims.items() if value}
    return jwt.encode({**told, "exp": expires_at}, secret, algorithm="HS256")


def _text(value: object, longest: int = _LONGEST_CLAIM) -> str | None:
    """One line that every database keeps."""
    text = str(value).encode(errors="ignore").decode().replace("\0", "") if value is not None else ""
    return " ".join(text.split())[:longest] or None


def accept(token: str, parts: Assembly) -> Identity:
    """Reads a token of the host and remembers what it says of the person, who may want another name than that.

    Raises NotAuthenticated.
    """
    person = read_token(token, parts.settings.identity_secret)
    parts.people.note(KnownPerson(person.email, person.name, person.company, person.role))
    return replace(person, name=parts.people.chosen_name(person.email) or person.name)


def identity(request: Request, authorization: Annotated[str | None, Header()] = None) -> Identity | None:
    """The caller's identity; None for an anonymous visitor. A token that is wrong is refused, never ignored."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("Envie a identificação como: Authorization: Bearer <token>.")
    return accept(token.strip(), request.app.state.assembly)


def known(caller: Annotated[Identity | None, Depends(identity)]) -> Identity:
    if caller is None:
        raise NotAuthenticated("Identifique-se para ver chamados.")
    return caller


Caller = Annotated[Identity | None, Depends(identity)]
KnownCaller = Annotated[Identity, Depends(known)]

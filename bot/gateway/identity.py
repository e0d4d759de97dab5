"""Who calls: the claims of a signed token, or nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import jwt
from fastapi import Depends, Header, Request

from bot.assembly import Assembly
from bot.errors import NotAuthenticated
from bot.gateway.browser_session import Session
from bot.store.people import KnownPerson

_LONGEST_CLAIM = 200
_LONGEST_ADDRESS = 320
_SESSION = "triagem:session"


@dataclass(frozen=True)
class Identity:
    """Claims of a valid token. `email` is its `sub`.

    `session` is the browser's session that a token of ours was made in; None in one of the host's.
    """

    email: str
    name: str | None
    company: str | None
    role: str
    session: Session | None = None


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
    return Identity(email, _text(claims.get("name")), _text(claims.get("company")), role, _session(email, claims))


def make_token(person: Identity, session: Session, secret: str, expires_at: datetime) -> str:
    """A token of the kind that `read_token` reads, worth nothing once the session is over."""
    claims = {"sub": person.email, "name": person.name, "company": person.company, "role": person.role}
    told = {name: value for name, value in claims.items() if value}
    made_in = [session.nonce, session.started_at.timestamp()]
    return jwt.encode({**told, _SESSION: made_in, "exp": expires_at}, secret, algorithm="HS256")


def _session(email: str, claims: dict[str, Any]) -> Session | None:
    if _SESSION not in claims:
        return None
    try:
        nonce, began = claims[_SESSION]
        return Session(email, str(nonce), *(datetime.fromtimestamp(moment, UTC) for moment in (began, claims["exp"])))
    except (TypeError, ValueError, OverflowError, OSError) as error:  # a claim of the host by our name
        raise NotAuthenticated("Sua identificação não é válida. Entre de novo no portal.") from error


def _text(value: object, longest: int = _LONGEST_CLAIM) -> str | None:
    """One line that every database keeps."""
    text = str(value).encode(errors="ignore").decode().replace("\0", "") if value is not None else ""
    return " ".join(text.split())[:longest] or None


def accept(token: str, parts: Assembly) -> Identity:
    """Reads a token and remembers what it says of the person, who may want another name than that.

    Raises NotAuthenticated.
    """
    person = read_token(token, parts.settings.identity_secret)
    if person.session and is_over(person.session, parts):
        raise NotAuthenticated("Sua sessão terminou. Entre de novo e continue a conversa.")
    known = parts.people.note(KnownPerson(person.email, person.name, person.company, person.role))
    return replace(person, name=known.chosen_name or person.name)


def is_over(session: Session, parts: Assembly) -> bool:
    """Left before its time, here or on all devices at once."""
    return parts.people.is_over(session.email, session.nonce, session.started_at)


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

"""Who calls: the claims of a signed token, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import jwt
from fastapi import Depends, Header, Request

from bot.errors import NotAuthenticated

_LONGEST_CLAIM = 200


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
    email = str(claims["sub"]).strip().lower()
    role = "agent" if claims.get("role") == "agent" else "requester"
    return Identity(email[:320], _text(claims.get("name")), _text(claims.get("company")), role)


def _text(value: object) -> str | None:
    text = " ".join(str(value).split())[:_LONGEST_CLAIM] if value is not None else ""
    return text or None


def identity(request: Request, authorization: Annotated[str | None, Header()] = None) -> Identity | None:
    """The caller's identity; None for an anonymous visitor. A token that is wrong is refused, never ignored."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("Envie a identificação como: Authorization: Bearer <token>.")
    return read_token(token.strip(), request.app.state.assembly.settings.identity_secret)


def known(caller: Annotated[Identity | None, Depends(identity)]) -> Identity:
    if caller is None:
        raise NotAuthenticated("Identifique-se para ver chamados.")
    return caller


Caller = Annotated[Identity | None, Depends(identity)]
KnownCaller = Annotated[Identity, Depends(known)]

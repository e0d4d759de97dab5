"""The signed cookie that says who sits at a browser, and the tokens that bind its forms to it.

Each purpose has a key of its own, derived from the identity secret: a session never passes for an identity token, nor
the reverse (docs/decisions/0014-sign-in.md).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

SESSION_COOKIE = "triagem_sessao"
# Of a browser that nobody is signed in at yet: binds the sign-in forms and the codes sent for them.
VISIT_COOKIE = "triagem_visita"
_AUDIENCE = "triagem:portal"
_WRITERS = "triagem:words"


@dataclass(frozen=True)
class Session:
    """`nonce` is this session's own. The instants are aware."""

    email: str
    nonce: str
    started_at: datetime
    expires_at: datetime


def new_session(email: str, now: datetime, lifetime: timedelta) -> Session:
    return Session(email, new_nonce(), now, now + lifetime)


def new_nonce() -> str:
    return secrets.token_urlsafe(18)


def seal(session: Session, secret: str, now: datetime) -> str:
    """The cookie's value."""
    # To the microsecond: leaving everywhere ends what began before, not what begins in the same second.
    began = now.timestamp()
    claims = {"sub": session.email, "jti": session.nonce, "iat": began, "exp": session.expires_at, "aud": _AUDIENCE}
    return jwt.encode(claims, derived_key(secret, "session"), algorithm="HS256")


def unseal(cookie: str, secret: str, now: datetime) -> Session | None:
    """None for a cookie that is not ours or whose time is over."""
    # Our clock decides on expiry, not the library's.
    options = {"require": ["exp", "iat", "sub", "jti"], "verify_exp": False, "verify_iat": False}
    try:
        key = derived_key(secret, "session")
        claims = jwt.decode(cookie, key, algorithms=["HS256"], audience=_AUDIENCE, options=options)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        return None
    began, ends = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    session = Session(claims["sub"], claims["jti"], began, ends)
    return session if now < session.expires_at else None


def form_token(nonce: str, secret: str) -> str:
    """What a form of this session or visit carries, and no other site can know."""
    return hmac.new(derived_key(secret, "form"), nonce.encode(), hashlib.sha256).hexdigest()


def writer_mark(email: str, number: str, key: str, secret: str) -> str:
    """What a form on a ticket carries to tell whose words it brings, should the session be over by then.

    It opens nothing: words that come with it are only kept for that person.
    """
    claims = {"sub": email, "number": number, "key": key, "aud": _WRITERS}
    return jwt.encode(claims, derived_key(secret, "words"), algorithm="HS256")


def writer_of(mark: str, number: str, key: str, secret: str) -> str | None:
    """The address that a form with this key on this ticket was shown to; None for a mark that is not ours or another's."""
    try:
        claims = jwt.decode(mark, derived_key(secret, "words"), algorithms=["HS256"], audience=_WRITERS)  # type: ignore[arg-type]
    except jwt.InvalidTokenError:
        return None
    return claims["sub"] if (claims["number"], claims["key"]) == (number, key) else None


def derived_key(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"triagem:{purpose}".encode(), hashlib.sha256).digest()

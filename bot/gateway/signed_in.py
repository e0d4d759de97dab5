"""Who sits at the browser: the dependencies of every page that is not for everybody.

    person: Person        somebody signed in; others are led to the sign-in page and back
    agent: Agent          of the support team; customers are refused
    visitor: Visitor      somebody signed in, or None

A route that changes something also depends on `checked_form`, and its form holds the macro `guard` of
templates/forms.html: the token in it is known to no other site.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request

from bot.assembly import Assembly
from bot.errors import Forbidden, NotAuthenticated
from bot.gateway.browser_session import SESSION_COOKIE, VISIT_COOKIE, Session, form_token, unseal
from bot.gateway.identity import Caller, Identity, is_over
from bot.tickets.draft import Requester


@dataclass(frozen=True)
class SignedIn:
    """A person at a browser. What they are comes from their last identity token and the company's data."""

    identity: Identity
    session: Session

    @property
    def is_agent(self) -> bool:
        return self.identity.role == "agent"

    def requester(self, conversation: str = "") -> Requester:
        """Outside of any conversation unless one is named. Name only one whose ticket the person may see."""
        who = self.identity
        return Requester(conversation, "web", who.email, who.name, who.company, who.role)


def identity_of(email: str, parts: Assembly) -> Identity:
    """What is known of a proven address: from the person, else the host's last token, else the company's data."""
    known = parts.people.proven(email)
    is_agent = known.role == "agent" or email in parts.data.company.agents
    name = known.chosen_name or known.name or name_from(email)
    return Identity(email, name, known.company, "agent" if is_agent else "requester")


def name_from(email: str) -> str:
    """`Ana Prado` for ana.prado@…, the address itself where it tells no name."""
    words = [word for word in re.split(r"[\W\d_]+", email.partition("@")[0]) if word]
    return " ".join(word.capitalize() for word in words) or email


def signed_in(request: Request) -> SignedIn | None:
    """Looked up once a request. None without a session, and for one that ran out or was ended."""
    if not hasattr(request.state, "signed_in"):
        request.state.signed_in = _look_up(request)
    return request.state.signed_in


def _look_up(request: Request) -> SignedIn | None:
    parts: Assembly = request.app.state.assembly
    cookie = request.cookies.get(SESSION_COOKIE)
    session = unseal(cookie, parts.settings.identity_secret, parts.now()) if cookie else None
    if session is None or is_over(session, parts):
        return None
    return SignedIn(identity_of(session.email, parts), session)


Visitor = Annotated[SignedIn | None, Depends(signed_in)]


def require_person(visitor: Visitor) -> SignedIn:
    if visitor is None:
        raise NotAuthenticated("Entre com seu e-mail para ver esta página.")
    return visitor


def require_agent(person: Annotated[SignedIn, Depends(require_person)]) -> SignedIn:
    if not person.is_agent:
        raise Forbidden("Esta página é da equipe de suporte.")
    return person


Person = Annotated[SignedIn, Depends(require_person)]
Agent = Annotated[SignedIn, Depends(require_agent)]


def reader(request: Request, caller: Caller) -> Identity | None:
    """Who reads what programs and pages share: the bearer of a token, else who is signed in."""
    if caller:
        return caller
    visitor = signed_in(request)
    return visitor.identity if visitor else None


Reader = Annotated[Identity | None, Depends(reader)]


def expected_form_token(request: Request) -> str | None:
    """The token of this browser's forms; None before it has been given a session or a visit."""
    visitor = signed_in(request)
    nonce = visitor.session.nonce if visitor else request.cookies.get(VISIT_COOKIE)
    return form_token(nonce, request.app.state.assembly.settings.identity_secret) if nonce else None


def checked_form(request: Request, csrf: Annotated[str, Form(max_length=200)] = "") -> None:
    """Refuses a form that another site sent or that an earlier session made. Raises NotAuthenticated and Forbidden."""
    expected = expected_form_token(request)
    if expected is None:
        raise NotAuthenticated("Sua sessão terminou. Entre de novo e repita o que fez.")
    if is_from_elsewhere(request) or not hmac.compare_digest(expected.encode(), csrf.encode()):
        raise Forbidden("Este formulário é de uma visita anterior. Volte, atualize a página e envie de novo.")


def is_from_elsewhere(request: Request) -> bool:
    """True when the browser says that the page that posts is not ours. Programs say nothing."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
    ours = {request.headers.get("host"), urlsplit(request.app.state.assembly.settings.address).netloc}
    return urlsplit(origin).netloc not in ours

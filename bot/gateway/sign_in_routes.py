"""Signing in and out: by a code or a link sent by e-mail, or by the host's signed token.

The answers are the same for every address, known or not: a code goes to each.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.assembly import Assembly
from bot.errors import RequestRefused
from bot.gateway.browser_session import SESSION_COOKIE, VISIT_COOKIE, derived_key, new_session, seal
from bot.gateway.context import Parts
from bot.gateway.identity import accept
from bot.gateway.pages import page, set_cookie
from bot.gateway.signed_in import Visitor, checked_form, is_from_elsewhere
from bot.store.sign_in import is_browser_of

router = APIRouter(include_in_schema=False)

HOME = "/chamados"
_LONGEST_NEXT = 500
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)

Next = Annotated[str, Form(max_length=2_000)]


def local_path(wanted: str) -> str:
    """`wanted` where it is a path of ours, else the list of tickets. Browsers drop tabs and turn `\\` into `/`."""
    is_plain = wanted.isprintable() and "\\" not in wanted and len(wanted) <= _LONGEST_NEXT
    return wanted if is_plain and re.match(r"/(?!/)", wanted) else HOME


@router.get("/entrar", response_class=HTMLResponse)
def ask_address(
    request: Request, visitor: Visitor, next: str = HOME, saiu: bool = False, guardado: bool = False
) -> Response:
    if visitor:
        return RedirectResponse(local_path(next), 303)
    return page(request, "sign_in.html", with_form=True, next=local_path(next), left=saiu, kept=guardado)


@router.post("/entrar", response_class=HTMLResponse, dependencies=[Depends(checked_form)])
def send_code(
    request: Request,
    parts: Parts,
    visitor: Visitor,
    email: Annotated[str, Form(max_length=1_000)] = "",
    next: Next = HOME,
) -> Response:
    address, next = email.strip().lower(), local_path(next)
    if visitor:
        return RedirectResponse(next, 303)
    form = {"with_form": True, "next": next, "email": email.strip()[:320]}
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        return page(
            request, "sign_in.html", 422, error="Confira o e-mail: ele precisa ser como nome@empresa.com.br.", **form
        )
    try:
        parts.sign_in.send(address, request.cookies[VISIT_COOKIE], _client(request, parts), next)
    except RequestRefused as error:
        return page(request, "sign_in.html", error.status, error=str(error), **form)
    return RedirectResponse("/entrar/codigo", 303)


@router.get("/entrar/codigo", response_class=HTMLResponse)
def ask_code(request: Request, parts: Parts) -> Response:
    email = parts.sign_in.asked(request.cookies.get(VISIT_COOKIE, ""))
    if email is None:
        return RedirectResponse("/entrar", 303)
    return page(request, "sign_in_code.html", with_form=True, email=email)


@router.post("/entrar/codigo", response_class=HTMLResponse, dependencies=[Depends(checked_form)])
def enter_code(request: Request, parts: Parts, code: Annotated[str, Form(max_length=100)] = "") -> Response:
    browser = request.cookies.get(VISIT_COOKIE, "")
    entry = parts.sign_in.enter_code(browser, re.sub(r"\D", "", code, flags=re.ASCII))
    if entry:
        return _enter(parts, entry.email, entry.next)
    error = "O código não confere ou não vale mais. Confira o e-mail mais recente ou peça outro."
    return page(request, "sign_in_code.html", 422, with_form=True, email=parts.sign_in.asked(browser), error=error)


@router.get("/entrar/link/{link}", response_class=HTMLResponse)
def show_link(request: Request, parts: Parts, link: str) -> Response:
    """Mail scanners open links; only the button on the page signs in."""
    entry = parts.sign_in.behind_link(link)
    if entry is None:
        return page(request, "sign_in_link.html", 404, entry=None)
    elsewhere = not is_browser_of(entry, request.cookies.get(VISIT_COOKIE, ""))
    return page(request, "sign_in_link.html", with_form=True, entry=entry, elsewhere=elsewhere)


@router.post("/entrar/link/{link}", response_class=HTMLResponse, dependencies=[Depends(checked_form)])
def enter_link(request: Request, parts: Parts, link: str) -> Response:
    entry = parts.sign_in.enter_link(link)
    if entry is None:
        return page(request, "sign_in_link.html", 404, entry=None)
    return _enter(parts, entry.email, entry.next)


@router.post("/entrar/token", response_class=HTMLResponse)
def enter_token(
    request: Request, parts: Parts, token: Annotated[str, Form(max_length=8_000)] = "", next: Next = HOME
) -> Response:
    """The host's page posts its person's token. A site that nobody named here cannot sign anybody in unasked."""
    person = accept(token, parts)
    if not _may_sign_in_unasked(request, parts):
        return page(request, "sign_in_token.html", with_form=True, person=person, token=token, next=local_path(next))
    return _enter(parts, person.email, local_path(next))


@router.post("/sair", dependencies=[Depends(checked_form)])
def leave(parts: Parts, visitor: Visitor) -> Response:
    response = RedirectResponse("/entrar?saiu=true", 303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    if visitor:
        parts.people.end_session(visitor.session.nonce, visitor.session.expires_at)
    return response


def _enter(parts: Assembly, email: str, next: str) -> Response:
    """A session of its own for every entry: one that somebody planted is worth nothing."""
    now, lifetime = parts.now(), timedelta(days=parts.settings.session_days)
    session = new_session(email, now, lifetime)
    response = RedirectResponse(next, 303)
    cookie = seal(session, parts.settings.identity_secret, now)
    set_cookie(response, parts, SESSION_COOKIE, cookie, int(lifetime.total_seconds()))
    response.delete_cookie(VISIT_COOKIE, path="/")
    return response


def _may_sign_in_unasked(request: Request, parts: Assembly) -> bool:
    origin = request.headers.get("origin", "")
    named = {site.strip().rstrip("/") for site in parts.settings.allowed_origins.split(",")}
    return not is_from_elsewhere(request) or origin in named - {"*"}


def _client(request: Request, parts: Assembly) -> str:
    """The network that calls, hashed: a whole /64, since one person may have all of it."""
    address = request.client.host if request.client else ""
    try:
        if ipaddress.ip_address(address).version == 6:
            address = str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        pass  # a socket without addresses
    return hmac.new(derived_key(parts.settings.identity_secret, "client"), address.encode(), hashlib.sha256).hexdigest()

"""Renders a page: the layout's values, the cookies and the caching that belong to it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from bot.assembly import Assembly
from bot.gateway.browser_session import VISIT_COOKIE, form_token, new_nonce
from bot.gateway.identity import make_token
from bot.gateway.signed_in import SignedIn, expected_form_token, signed_in
from bot.gateway.ticket_words import size_in_words


def with_bold(text: str) -> Markup:
    """What the assistant says between double asterisks is bold; everything else is text."""
    parts = re.split(r"\*\*([^*\n]+)\*\*", text)
    return Markup("").join(Markup("<b>{}</b>").format(part) if at % 2 else part for at, part in enumerate(parts))


_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
_templates.env.filters["in_words"] = size_in_words
_templates.env.filters["with_bold"] = with_bold
# A visit lives as long as a code that was sent for it may be of use.
_VISIT_SECONDS = 3_600
# A working day at a page that stays open.
_KNOWN_FOR = timedelta(hours=12)


def page(request: Request, name: str, status: int = 200, *, with_form: bool = False, **values: Any) -> HTMLResponse:
    """`with_form` gives a browser that nobody is signed in at what its forms are bound to."""
    parts: Assembly = request.app.state.assembly
    visitor, token = signed_in(request), expected_form_token(request)
    visit = new_nonce() if with_form and token is None else None
    values |= {
        "company": parts.data.company,
        "address": parts.settings.address,
        "visitor": visitor,
        "csrf": form_token(visit, parts.settings.identity_secret) if visit else token,
        # Whoever is signed in is known in the conversation, too.
        "widget_token": _token(visitor, parts) if visitor else None,
    }
    response = _templates.TemplateResponse(request, name, values, status_code=status)
    if visit:
        set_cookie(response, parts, VISIT_COOKIE, visit, _VISIT_SECONDS)
    if visitor or with_form:
        response.headers["Cache-Control"] = "no-store"
    return response


def _token(visitor: SignedIn, parts: Assembly) -> str:
    """Outlives neither the session, of which no end is remembered after its time, nor a working day."""
    ends = min(parts.now() + _KNOWN_FOR, visitor.session.expires_at)
    return make_token(visitor.identity, visitor.session, parts.settings.identity_secret, ends)


def set_cookie(response: Response, parts: Assembly, name: str, value: str, seconds: int) -> None:
    """Never read by scripts, never sent along by another site's forms."""
    secure = parts.settings.address.startswith("https:")
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)

"""The console's layout: what stands above every page of it."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from bot.assembly import Assembly
from bot.gateway.pages import page


def console_page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page for agents. Mails that wait for a decision are counted in its navigation."""
    parts: Assembly = request.app.state.assembly
    return page(request, name, status, mails_waiting=parts.mails.waiting(), **values)

"""Tickets and their files. What belongs to somebody else does not exist."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse

from bot.errors import NotFound
from bot.gateway.context import Parts, may_enter, requester_of
from bot.gateway.identity import KnownCaller
from bot.gateway.signed_in import Reader
from bot.tickets.ports import TicketQuery
from bot.tickets.presentation import ticket_fields

router = APIRouter(prefix="/api", tags=["tickets"])


@router.get("/tickets")
async def list_tickets(
    parts: Parts,
    caller: KnownCaller,
    scope: Literal["mine", "team"] = "mine",
    status: str | None = None,
    type: str | None = None,
    creator: str | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    next: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """Newest first. `next` of one page asks for the following one."""
    query = TicketQuery(scope, status, type, creator, q, after=next, limit=limit + 1)
    found = await asyncio.to_thread(parts.tickets.find_all, query, requester_of("", caller))
    page = found[:limit]
    items = [ticket_fields(ticket, parts.data.calendar.zone) for ticket in page]
    return {"items": items, "next": page[-1].number if len(found) > limit else None}


@router.get("/tickets/{number}")
async def show_ticket(number: str, parts: Parts, caller: KnownCaller) -> dict[str, Any]:
    """One ticket with its timeline. 404 also when it is another company's."""
    fields = await asyncio.to_thread(parts.fields_of, number.upper(), requester_of("", caller))
    if fields is None:
        raise NotFound(f"O chamado {number[:20]} não existe.")
    return fields


@router.get("/attachments/{id}")
async def download(id: str, parts: Parts, caller: Reader, conversation: str = "") -> FileResponse:
    """The file itself, never shown inside our origin: attachment, no sniffing, sandboxed."""
    state = await asyncio.to_thread(parts.inbox.state, conversation) if conversation else None
    may_enter(state, caller)
    file = await asyncio.to_thread(parts.attachments.find, id, requester_of(conversation, caller, state))
    if file is None:
        raise NotFound("Este arquivo não existe.")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=3600",
    }
    return FileResponse(parts.attachments.path(file), media_type=file.mime, headers=headers)

"""Tickets and their files. What belongs to somebody else does not exist."""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse

from bot.errors import NotFound
from bot.gateway.context import Parts, may_enter, requester_of
from bot.gateway.identity import KnownCaller
from bot.gateway.signed_in import Reader
from bot.tickets.pictures import THUMBNAIL_MIME
from bot.tickets.ports import TicketQuery
from bot.tickets.presentation import ticket_fields
from bot.tickets.ticket import Attachment

log = logging.getLogger(__name__)

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


_NO_PICTURE = Path(__file__).parent / "static" / "no-picture.webp"
# Never shown inside our origin, whatever a browser makes of it.
SHUT_IN = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=3600",
}


async def _seen(
    id: str,
    parts: Parts,
    caller: Reader,
    conversation: Annotated[str, Query(pattern=r"^[A-Za-z0-9_.-]{0,64}$")] = "",
) -> Attachment:
    """The file, for those who may see it. Raises NotFound for all others."""
    state = await asyncio.to_thread(parts.inbox.state, conversation) if conversation else None
    may_enter(state, caller)
    file = await asyncio.to_thread(parts.attachments.find, id, requester_of(conversation, caller, state))
    if file is None:
        raise NotFound("Este arquivo não existe.")
    return file


Seen = Annotated[Attachment, Depends(_seen)]


async def _attachment(parts: Parts, file: Seen) -> Attachment:
    """The same, and raises NotFound where its content is gone."""
    if not parts.attachments.path(file).exists():
        log.error("the content of attachment %s is gone", file.id)
        raise NotFound("O conteúdo deste arquivo não está mais disponível. Envie-o de novo, se puder.")
    return file


Allowed = Annotated[Attachment, Depends(_attachment)]


@router.get("/attachments/{id}")
async def download(parts: Parts, file: Allowed) -> FileResponse:
    """The file itself, to be saved."""
    headers = SHUT_IN | {"Content-Disposition": disposition(file.name)}
    return FileResponse(parts.attachments.path(file), media_type=file.mime, headers=headers)


def _small_picture(parts: Parts, file: Attachment) -> Path | None:
    has_one = file.is_picture and parts.attachments.path(file).exists()
    return parts.attachments.thumbnail(file) if has_one else None


@router.get("/attachments/{id}/thumbnail")
async def show_thumbnail(parts: Parts, file: Seen, or_icon: bool = False) -> FileResponse:
    """A small picture of an image; of what none can be made of, 404 or, where that is asked for, a plain icon."""
    path = await asyncio.to_thread(_small_picture, parts, file) or (_NO_PICTURE if or_icon else None)
    if path is None:
        raise NotFound("Este arquivo não tem miniatura. Baixe-o para ver.")
    return FileResponse(path, media_type=THUMBNAIL_MIME, headers=SHUT_IN)


def disposition(name: str) -> str:
    """Both forms of RFC 6266: plain letters for old programs, and the name as it is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\w .()+,=@-]", "_", plain)
    plain = plain if not plain.startswith(".") else f"arquivo{plain}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

"""The conversation: messages in, answers and events out, uploads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from bot.conversation.message import ConversationState, CustomerMessage
from bot.errors import InvalidRequest, NotFound, TooLarge
from bot.gateway.context import ConversationId, Parts, may_enter, requester_of
from bot.gateway.identity import Caller, is_over
from bot.tickets.files import check_file
from bot.tickets.ticket import PICTURE_TYPES

router = APIRouter(prefix="/api/conversations/{conversation}", tags=["conversation"])

# How often an event stream looks by itself, and keeps proxies from closing it.
_HEARTBEAT_SECONDS = 15.0

# As FastAPI would describe a file, which it would have read whole before anything could be refused.
_UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
}


class MessageIn(BaseModel):
    id: str = Field(max_length=200, pattern=r"^[^\x00]+$")  # PostgreSQL keeps no NUL
    text: str | None = None
    choice: str | None = Field(None, max_length=2_000)
    attachments: list[Annotated[str, Field(pattern=r"^[0-9a-f]{1,40}$")]] = Field(default=[], max_length=20)
    more: bool = False


@router.post("/messages")
async def post_message(
    conversation: ConversationId, message: MessageIn, parts: Parts, caller: Caller
) -> dict[str, Any]:
    """Answers one message. The same `id` again gives the same answer, and nothing happens twice."""
    text = _clean(message.text, parts.settings.max_text_chars)
    owner = caller.email if caller and caller.role != "agent" else None
    state = await asyncio.to_thread(parts.inbox.open, conversation, "web", owner)
    may_enter(state, caller)
    _speaks_here(state)
    posted = CustomerMessage(message.id, text, message.choice, tuple(message.attachments), message.more)
    # Shielded: a client that hangs up must not leave a turn half done.
    answer = await asyncio.shield(parts.turns.post(state, posted, requester_of(conversation, caller, state)))
    return answer.as_dict()


@router.get("/messages")
async def history(conversation: ConversationId, parts: Parts, caller: Caller) -> dict[str, Any]:
    """Everything said so far, oldest first: nothing in a conversation that has not begun."""
    state = await asyncio.to_thread(parts.inbox.state, conversation)
    may_enter(state, caller)
    if state is None:
        return {"messages": [], "asking": None, "with_human": False}
    messages = await asyncio.to_thread(parts.inbox.history, conversation)
    for message in messages:
        for file in message.get("attachments", ()):
            url, scope = f"/api/attachments/{file['id']}", f"?conversation={conversation}"
            file["url"] = url + scope
            file["thumbnail"] = f"{url}/thumbnail{scope}" if file["mime"] in PICTURE_TYPES else None
    return {"messages": messages, "asking": state.asking, "with_human": state.with_human}


@router.post("/attachments", status_code=status.HTTP_201_CREATED, openapi_extra={"requestBody": _UPLOAD})
async def upload(conversation: ConversationId, request: Request, parts: Parts, caller: Caller) -> dict[str, Any]:
    """Keeps one file of the conversation; a message then names its id.

    Whoever may not enter, or has no room left, is told so before the body is read.
    """
    state = await asyncio.to_thread(parts.inbox.state, conversation)
    may_enter(state, caller)
    _speaks_here(state)
    await asyncio.to_thread(parts.attachments.check_room, conversation)
    given, content = await _uploaded_file(request, parts.settings.max_upload_bytes)
    name, mime = await asyncio.to_thread(check_file, given, content, parts.settings.max_upload_bytes)
    owner = caller.email if caller and caller.role != "agent" else None
    await asyncio.to_thread(parts.inbox.open, conversation, "web", owner)
    kept = await asyncio.to_thread(parts.attachments.save, conversation, name, mime, content)
    return {"id": kept.id, "name": kept.name, "mime": kept.mime, "size": kept.size}


async def _uploaded_file(request: Request, limit: int) -> tuple[str, bytes]:
    """Name and content of the form field `file`, one byte over `limit` at most. Raises RequestValidationError."""
    async with request.form(max_files=1, max_fields=5) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise RequestValidationError([{"loc": ("body", "file"), "type": "missing"}])
        return file.filename or "arquivo", await file.read(limit + 1)


@router.get("/events")
async def events(
    conversation: ConversationId,
    parts: Parts,
    caller: Caller,
    request: Request,
    last_event_id: Annotated[str | None, Header(max_length=18)] = None,
) -> StreamingResponse:
    """Server-sent events: what the bot or an agent says without being asked. `Last-Event-ID` resumes."""
    state = await asyncio.to_thread(parts.inbox.state, conversation)
    may_enter(state, caller)
    last = int(last_event_id) if last_event_id and last_event_id.isdecimal() else None
    if last is None:
        last = await asyncio.to_thread(parts.inbox.last_said, conversation)
    stream = _events(conversation, parts, request, last, caller)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(conversation: str, parts: Parts, request: Request, last: int, caller: Caller) -> AsyncIterator[str]:
    session = caller.session if caller else None
    yield "retry: 3000\n\n"
    async with parts.sessions.bell(conversation) as bell:
        while not await request.is_disconnected():
            if session and await asyncio.to_thread(is_over, session, parts):
                return
            for said in await asyncio.to_thread(parts.inbox.pushed_after, conversation, last):
                last = said["sequence"]
                data = json.dumps({"messages": [said]}, ensure_ascii=False)
                yield f"id: {last}\nevent: message\ndata: {data}\n\n"
            if not await bell.wait(_HEARTBEAT_SECONDS):
                yield ": ainda aqui\n\n"


def _speaks_here(state: ConversationState | None) -> None:
    """Nobody, not even an agent, speaks for a customer of another channel. Raises NotFound."""
    if state and state.channel != "web":
        raise NotFound("Esta conversa acontece em outro canal.")


def _clean(text: str | None, limit: int) -> str | None:
    """The text as typed, without characters no database keeps. Raises TooLarge."""
    if text is None:
        return None
    if len(text) > limit:
        raise TooLarge(f"A mensagem tem mais de {limit} caracteres. Resuma-a ou envie o texto como anexo.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("A mensagem tem caracteres inválidos. Digite-a de novo.") from error
    return text.replace("\0", "")

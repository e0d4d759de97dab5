"""Live updates of the console: one look at the database a second for all who watch, none while nobody does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from bot.gateway.context import Parts
from bot.gateway.signed_in import Agent
from bot.store.pulse import Changed, Mark, Pulse

router = APIRouter(include_in_schema=False)
log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
_HEARTBEAT_SECONDS = 15.0
# Then the browser comes back by itself, and who it is is looked up once more.
_LIFETIME_SECONDS = 300.0


class Watch:
    """Shares one poller between all streams of a process. It runs while anybody listens."""

    def __init__(self, pulse: Pulse, poll_seconds: float = POLL_SECONDS) -> None:
        self._pulse, self._poll_seconds = pulse, poll_seconds
        self._newest = Mark()
        self._moved = asyncio.Condition()
        self._listeners = 0
        self._poller: asyncio.Task[None] | None = None

    async def changes(self, since: Mark | None) -> AsyncGenerator[tuple[Mark, Changed] | None]:
        """What changes from now on or, for one who comes back, since `since`. None while nothing does."""
        async with self._moved:
            self._listeners += 1
            if self._poller is None or self._poller.done():
                self._newest = await asyncio.to_thread(self._pulse.mark)
                self._poller = asyncio.create_task(self._poll())
        mark = since or self._newest
        try:
            while True:
                if await self._move_from(mark):
                    changed = await asyncio.to_thread(self._pulse.since, mark)
                    mark = self._newest
                    yield mark, changed
                else:
                    yield None
        finally:
            self._listeners -= 1
            if not self._listeners and self._poller:
                self._poller.cancel()

    async def _move_from(self, mark: Mark) -> bool:
        async with self._moved:
            try:
                moved = self._moved.wait_for(lambda: self._newest != mark)
                return await asyncio.wait_for(moved, _HEARTBEAT_SECONDS)
            except TimeoutError:
                return False

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                newest = await asyncio.to_thread(self._pulse.mark)
            except Exception as error:  # the database may come back, and the streams are still there
                log.warning("the console's pulse was not read (%s)", type(error).__name__)
                continue
            if newest != self._newest:
                async with self._moved:
                    self._newest = newest
                    self._moved.notify_all()


def _watch(request: Request, parts: Parts) -> Watch:
    """The process's only one, made when the first agent comes."""
    state = request.app.state
    if not hasattr(state, "watch"):
        state.watch = Watch(parts.pulse)
    return state.watch


@router.get("/console/eventos")
async def events(
    request: Request, parts: Parts, agent: Agent, last_event_id: Annotated[str, Header(max_length=100)] = ""
) -> StreamingResponse:
    """Server-sent events: which tickets and conversations have news. `Last-Event-ID` resumes."""
    stream = _stream(request, _watch(request, parts), Mark.parse(last_event_id))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _stream(request: Request, watch: Watch, since: Mark | None) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    end = time.monotonic() + _LIFETIME_SECONDS
    async with contextlib.aclosing(watch.changes(since)) as changes:
        async for news in changes:
            if time.monotonic() > end or await request.is_disconnected():
                return
            yield _told(*news) if news else ": ainda aqui\n\n"


def _told(mark: Mark, changed: Changed) -> str:
    data = {"tickets": sorted(changed.tickets), "conversations": sorted(changed.conversations)}
    return f"id: {mark}\nevent: news\ndata: {json.dumps(data)}\n\n"

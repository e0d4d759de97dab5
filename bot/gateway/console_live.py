"""Live updates of the console: one look at the database a second for all who watch, none while nobody does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from bot.gateway.context import Parts
from bot.gateway.signed_in import Agent
from bot.store.pulse import Changed, Look, Pulse

router = APIRouter(include_in_schema=False)
log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
_HEARTBEAT_SECONDS = 15.0
# Then the browser comes back by itself and fetches its page anew, and who it is is looked up once more.
_LIFETIME_SECONDS = 300.0


class Watch:
    """Shares one poller between all streams of a process. It runs while anybody listens."""

    def __init__(self, pulse: Pulse, poll_seconds: float = POLL_SECONDS) -> None:
        self._pulse, self._poll_seconds = pulse, poll_seconds
        self._listeners: set[asyncio.Queue[Changed]] = set()
        self._starting = asyncio.Lock()
        self._poller: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Queue[Changed]]:
        """Gets all that is committed from the moment on at which it is entered."""
        heard: asyncio.Queue[Changed] = asyncio.Queue()
        self._listeners.add(heard)
        try:
            async with self._starting:
                if self._poller is None:
                    seen = await asyncio.to_thread(self._pulse.look)
                    self._poller = asyncio.create_task(self._poll(seen))
            yield heard
        finally:
            self._listeners.discard(heard)
            if self._poller and not self._listeners:
                self._poller.cancel()
                self._poller = None

    async def _poll(self, seen: Look) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                seen, changed = await asyncio.to_thread(self._pulse.news, seen)
            except Exception as error:  # the database may come back, and the streams are still there
                log.warning("the console's pulse was not read (%s)", type(error).__name__)
                continue
            if changed:
                for heard in self._listeners:
                    heard.put_nowait(changed)


def _watch(request: Request, parts: Parts) -> Watch:
    """The process's only one, made when the first agent comes."""
    state = request.app.state
    if not hasattr(state, "watch"):
        state.watch = Watch(parts.pulse)
    return state.watch


@router.get("/console/eventos")
async def events(request: Request, parts: Parts, agent: Agent) -> StreamingResponse:
    """Server-sent events: `ready` when nothing can be missed any more, then which tickets and conversations have news."""
    stream = _stream(request, _watch(request, parts))
    return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _stream(request: Request, watch: Watch) -> AsyncIterator[str]:
    end = time.monotonic() + _LIFETIME_SECONDS
    async with watch.listening() as heard:
        yield "retry: 3000\nevent: ready\ndata: {}\n\n"
        while time.monotonic() < end and not await request.is_disconnected():
            try:
                yield _told(await asyncio.wait_for(heard.get(), _HEARTBEAT_SECONDS))
            except TimeoutError:
                yield ": ainda aqui\n\n"


def _told(changed: Changed) -> str:
    told = {"tickets": sorted(changed.tickets), "conversations": sorted(changed.conversations), "mails": changed.mails}
    return f"event: news\ndata: {json.dumps(told)}\n\n"

"""Reads an event stream as it comes; a client that waits for the whole answer would wait for ever."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI


class Stream:
    """What has arrived so far of one stream; closing it is the browser going away."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._text = ""
        self._arrived, self._ended, self.gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        self._text += message.get("body", b"").decode()
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self._ended.set()
        self._arrived.set()

    async def until(self, words: str, seconds: float = 10) -> str:
        """Everything that arrived, once `words` are in it."""
        async with asyncio.timeout(seconds):
            while words not in self._text:
                self._arrived.clear()
                await self._arrived.wait()
        return self._text

    async def end(self, seconds: float = 10) -> None:
        """Comes back once the gateway has closed the stream."""
        async with asyncio.timeout(seconds):
            await self._ended.wait()

    def events(self) -> list[tuple[int, str]]:
        """Id and text of each event, in order."""
        blocks = [
            dict(line.split(": ", 1) for line in block.splitlines())
            for block in self._text.split("\n\n")
            if "id: " in block
        ]
        return [(int(block["id"]), json.loads(block["data"])["messages"][0]["text"]) for block in blocks]


@contextlib.asynccontextmanager
async def listening(app: FastAPI, path: str, **headers: str) -> AsyncIterator[Stream]:
    """Opens the stream; `headers` with an underscore for each dash."""
    stream = Stream()
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await stream.gone.wait()
        return {"type": "http.disconnect"}

    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "headers": [(b"host", b"gateway"), *raw],
        "client": ("127.0.0.1", 1), "server": ("gateway", 80),
    }  # fmt: skip
    task = asyncio.create_task(app(scope, receive, stream.send))
    try:
        await stream.until("retry: ")
        yield stream
    finally:
        stream.gone.set()
        async with asyncio.timeout(10):
            with contextlib.suppress(asyncio.CancelledError):
                await task

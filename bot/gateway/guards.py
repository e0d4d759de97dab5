"""Guards around every request: how large a body may be, what a page may load, and what became of our own faults."""

from __future__ import annotations

import logging

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway.http_errors import refusal

log = logging.getLogger(__name__)

PAGE_POLICY = (
    "default-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
)


class PageHeaders:
    """Adds the strict policy to everything that does not bring its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", PAGE_POLICY)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class OwnFaults:
    """Answers 500 to whatever was not foreseen, inside the other guards, so that it bears their headers too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if started or scope["type"] != "http":
                raise
            log.exception("unexpected error at %s", scope["path"])
            detail = "Algo deu errado do nosso lado. Tente de novo em instantes."
            request = Request(scope)
            # The store may be what failed: who is signed in is not looked up once more.
            request.state.signed_in = getattr(request.state, "signed_in", None)
            answer = await refusal(request, 500, "Erro interno", detail)
            await answer(scope, receive, send)


class BodyLimit:
    """Refuses a body over `max_bytes` by its length, and cuts off one that lies about it."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app, self._max_bytes = app, max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _declared_length(scope) > self._max_bytes:
            await self._refuse(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_bytes:
                raise _TooMuch(413)
            return message

        await self._app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"O envio passa do limite de {self._max_bytes // 1_000_000} MB. Reduza o arquivo e tente de novo."
        answer = await refusal(Request(scope), 413, "Grande demais", detail)
        await answer(scope, receive, send)


class _TooMuch(HTTPException):
    """FastAPI turns every other exception out of reading a body into a 400."""


def _declared_length(scope: Scope) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0

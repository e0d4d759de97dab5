"""Whether the process lives, and whether every part it needs answers."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from bot.gateway.context import Parts

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def lives() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
async def ready(parts: Parts) -> JSONResponse:
    """200 once dialogue engine, action server, store, Redis and index answer; else 503 naming what does not."""
    checks = await asyncio.gather(
        parts.rasa.answers(),
        _actions_answer(parts.settings.actions_port),
        asyncio.to_thread(_works, parts.database.answers),
        parts.sessions.answers(),
        asyncio.to_thread(_works, lambda: parts.articles),
        asyncio.to_thread(_works, lambda: parts.assessor),
    )
    names = ("rasa", "actions", "store", "redis", "index", "severity")
    state = {name: "ok" if good else "sem resposta" for name, good in zip(names, checks, strict=True)}
    if all(checks):
        return JSONResponse({"status": "ready", "parts": state})
    failing = [name for name, good in zip(names, checks, strict=True) if not good]
    body: dict[str, Any] = {"status": "not ready", "parts": state, "failing": failing}
    body |= {"type": "about:blank", "title": "Ainda não está pronto", "detail": f"Sem resposta: {', '.join(failing)}."}
    return JSONResponse(body, 503, media_type="application/problem+json")


async def _actions_answer(port: int) -> bool:
    try:
        async with httpx.AsyncClient(timeout=2) as http:
            return (await http.get(f"http://127.0.0.1:{port}/health")).is_success
    except httpx.HTTPError:
        return False


def _works(check: Any) -> bool:
    try:
        return bool(check())
    except Exception:
        return False

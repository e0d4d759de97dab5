"""Puts the gateway together: routes, pages, headers, and the task that catches up on what waits."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import State

from bot.assembly import Assembly
from bot.channels.whatsapp_graph import GraphApi
from bot.errors import StartError
from bot.gateway import (
    console_live,
    console_mail_routes,
    console_routes,
    console_talk_routes,
    conversation_routes,
    health_routes,
    http_errors,
    page_routes,
    portal_routes,
    profile_routes,
    sign_in_routes,
    ticket_routes,
    understanding_routes,
    whatsapp_routes,
)
from bot.gateway.guards import BodyLimit, OwnFaults, PageHeaders
from bot.gateway.whatsapp_updates import WhatsAppUpdates
from bot.settings import Settings
from kb_index.errors import KnowledgeBaseError

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
_FACES = (
    health_routes, conversation_routes, understanding_routes, ticket_routes, page_routes, sign_in_routes, portal_routes,
    profile_routes,
)  # fmt: skip
# Multipart borders and JSON around the largest allowed content.
_BODY_OVERHEAD = 100_000


def create_app(assembly: Assembly) -> FastAPI:
    """The gateway over a given assembly."""
    return stand_on(assembly, all_faces(assembly.settings))


def stand_on(assembly: Assembly, app: FastAPI) -> FastAPI:
    """Puts the gateway over an assembly, and forgets the one that it stood on before."""
    app.state = State({"assembly": assembly, "whatsapp_updates": WhatsAppUpdates(assembly)})
    return app


def all_faces(settings: Settings) -> FastAPI:
    """Routes, pages and headers, over nothing yet. FastAPI takes longer over them than most tests do."""
    app = FastAPI(
        title="Triagem", docs_url="/api/docs", openapi_url="/api/openapi.json", lifespan=_lifespan,
        responses=http_errors.RESPONSES,
    )  # fmt: skip
    http_errors.install(app)
    for routes in (*_FACES, console_routes, console_talk_routes, console_mail_routes, console_live, whatsapp_routes):
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.mount("/widget", StaticFiles(directory=STATIC / "widget", check_dir=False), name="widget")
    # The last one added is the outermost: every answer passes the headers.
    app.add_middleware(OwnFaults)
    app.add_middleware(BodyLimit, max_bytes=settings.max_upload_bytes + _BODY_OVERHEAD)
    # The widget runs on other sites and sends a token, never a cookie: any origin may call.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[origin.strip() for origin in settings.allowed_origins.split(",")],
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
    )
    app.add_middleware(PageHeaders)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    assembly: Assembly = app.state.assembly
    await asyncio.to_thread(_warm_up, assembly)
    tasks = [asyncio.create_task(_catch_up(assembly))]
    if assembly.settings.has_whatsapp:
        tasks.append(asyncio.create_task(_handle_whatsapp(app.state.whatsapp_updates, assembly.graph)))
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await assembly.rasa.close()
    await assembly.sessions.close()


def _warm_up(assembly: Assembly) -> None:
    """Loads what the first request would otherwise wait for."""
    # Cached properties, loaded by being named.
    assembly.articles  # noqa: B018
    assembly.assessor  # noqa: B018


async def _catch_up(assembly: Assembly) -> None:
    """Answers what nobody waits for any more: fragments left alone, turns deferred or left behind."""
    while True:
        try:
            await assembly.turns.finish_waiting()
        except Exception:
            log.exception("catching up failed; trying again")
        await asyncio.sleep(min(1.0, assembly.settings.silence_seconds))


async def _handle_whatsapp(updates: WhatsAppUpdates, graph: GraphApi) -> None:
    try:
        await updates.run()
    finally:
        await updates.close()
        await graph.close()


def _refuse_unbuilt(assembly: Assembly) -> None:
    """Raises StartError, with what to run, before a server is begun that could answer nothing."""
    try:
        _warm_up(assembly)
    except KnowledgeBaseError as error:
        raise StartError("Falta o índice dos artigos, ou ele não serve mais. Rode `python -m bot build`.") from error


def serve(settings: Settings) -> None:
    """Runs the gateway until stopped."""
    settings.refuse_default_secret()
    settings.refuse_half_a_whatsapp()
    assembly = Assembly(settings)
    _refuse_unbuilt(assembly)
    app = create_app(assembly)
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", timeout_graceful_shutdown=5)

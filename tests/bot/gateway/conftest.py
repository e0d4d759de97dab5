"""The gateway over a real assembly in a folder of its own; only the dialogue engine behind it is ours."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bot.assembly import Assembly
from bot.gateway.app import all_faces, stand_on
from bot.settings import Settings
from tests.bot.clock import Clock
from tests.bot.conversation.engine import Engine
from tests.bot.gateway.articles import make_index, open_index
from tests.bot.gateway.browser import Browser
from tests.stack import DAVI, SECRET, Person, free_ports

TALK = "conversa-da-ana"
LIMIT = 200_000


@pytest.fixture(scope="session")
def article_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kb_index")
    make_index(folder)
    return folder


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def assembly(
    tmp_path: Path, database_url: str, redis_url: str, article_index: Path, engine: Engine, clock: Clock
) -> AsyncIterator[Assembly]:
    settings = Settings(
        home=tmp_path / "home", database_url=database_url, redis_url=redis_url, identity_secret=SECRET,
        actions_port=free_ports(1)[0], max_upload_bytes=LIMIT, max_uploads=3, max_ticket_bytes=500_000,
    )  # fmt: skip
    assembly = Assembly(settings, clock)
    assembly.rasa = engine
    assembly.articles = open_index(article_index)
    yield assembly
    await assembly.sessions.close()
    assembly.database._engine.dispose()


@pytest.fixture(scope="session")
def faces() -> FastAPI:
    """The gateway's routes and pages, made once, to stand on one assembly after the other."""
    return all_faces(Settings(max_upload_bytes=LIMIT))


@pytest.fixture
def app(assembly: Assembly, faces: FastAPI) -> FastAPI:
    return stand_on(assembly, faces)


@pytest.fixture
async def as_(app: FastAPI) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """`as_(ANA)` calls as Ana, `as_()` as nobody known; `as_(token="…")` with whatever is given for a token."""
    clients = []

    def call_as(person: Person | None = None, *, token: str | None = None) -> httpx.AsyncClient:
        token = person.token() if person else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers))
        return clients[-1]

    yield call_as
    for client in clients:
        await client.aclose()


@pytest.fixture
async def at(app: FastAPI) -> AsyncIterator[Callable[..., Browser]]:
    """`at(DAVI)` is Davi's browser, `at()` one at which nobody is signed in."""
    opened: list[Browser] = []

    def at(person: Person | None = None) -> Browser:
        opened.append(Browser(app, person))
        return opened[-1]

    yield at
    for browser in opened:
        await browser.http.aclose()


@pytest.fixture
def davi(at: Callable[..., Browser]) -> Browser:
    return at(DAVI)


async def post(client: httpx.AsyncClient, conversation: str = TALK, **body: Any) -> httpx.Response:
    """Posts a message; without an id of its own it gets one that is used once."""
    body.setdefault("id", uuid.uuid4().hex)
    return await client.post(f"/api/conversations/{conversation}/messages", json=body)


async def upload(
    client: httpx.AsyncClient, name: str, content: bytes, conversation: str = TALK, mime: str = "image/png"
) -> httpx.Response:
    return await client.post(f"/api/conversations/{conversation}/attachments", files={"file": (name, content, mime)})


def assert_refused(response: httpx.Response, status: int, *never: str) -> dict[str, Any]:
    """An error as RFC 9457 has it, with a sentence in Portuguese that repeats nothing of `never`."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["title"] and body["type"] == "about:blank"
    assert body["detail"].endswith(".") and body["detail"][0].isupper()
    english = ("field", "input", "should", "valid ", "error", "not found", "expected", "string")
    assert not any(word in body["detail"].lower() for word in english), body["detail"]
    assert not any(word in response.text for word in never), response.text
    return body

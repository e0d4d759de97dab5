"""A browser at which somebody is signed in: the session's cookie, and forms that carry its token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from bot.gateway.browser_session import SESSION_COOKIE, form_token, new_session, seal
from bot.store.people import KnownPerson
from tests.stack import SECRET, Person

PAGE = {"Accept": "text/html"}


class Browser:
    """Follows no redirect by itself, so that a test sees where it is led."""

    def __init__(self, app: FastAPI, person: Person | None) -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=PAGE)
        self.token = ""
        if person:
            parts = app.state.assembly
            parts.people.note(KnownPerson(person.email, person.name, person.company, person.role))
            session = new_session(person.email, parts.now(), timedelta(days=14))
            self.http.cookies.set(SESSION_COOKIE, seal(session, SECRET, parts.now()))
            self.token = form_token(session.nonce, SECRET)

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path)

    async def page(self, path: str) -> str:
        response = await self.get(path)
        assert response.status_code == 200, response.text
        return response.text

    async def post(self, path: str, files: Any = None, **form: Any) -> httpx.Response:
        return await self.http.post(path, data={"csrf": self.token, **form}, files=files)

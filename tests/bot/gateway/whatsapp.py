"""A gateway with WhatsApp, step by step: what the network posts, what the tasks do with it, what leaves."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from bot.assembly import Assembly
from bot.store.tables import metadata
from tests.bot.clock import Clock
from tests.graph_api import (
    APP_SECRET,
    PHONE_ID,
    TOKEN,
    VERIFY,
    GraphServer,
    contact,
    envelope,
    message,
    sign,
    status_envelope,
    text,
    value,
)

ANA = "5511987654321"


def with_whatsapp(assembly: Assembly, graph: GraphServer, **more: Any) -> Assembly:
    configured = {"whatsapp_token": TOKEN, "whatsapp_phone_id": PHONE_ID, "whatsapp_app_secret": APP_SECRET}
    configured |= {"whatsapp_verify_token": VERIFY, "whatsapp_graph_url": graph.url, **more}
    assembly.settings = assembly.settings.model_copy(update=configured)
    return assembly


@dataclass
class Phone:
    """Ana's phone and the network between it and the gateway."""

    app: FastAPI
    assembly: Assembly
    graph: GraphServer
    clock: Clock
    client: httpx.AsyncClient
    wa_id: str = ANA

    async def post(self, body: dict[str, Any] | bytes, signature: str | None = "") -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if signature is None else {"X-Hub-Signature-256": signature or sign(raw)}
        return await self.client.post("/webhooks/whatsapp", content=raw, headers=headers)

    async def arrive(self, content: dict[str, Any] | str, **more: Any) -> str:
        """A message arrives and is handled; gives its wamid."""
        content = text(content) if isinstance(content, str) else content
        at = self.clock().timestamp()
        one = message(self.wa_id, content, **{"id": f"wamid.{uuid.uuid4().hex}", "at": at, **more})
        assert (await self.post(envelope(value(contacts=[contact(self.wa_id)], messages=[one])))).status_code == 200
        await self.handle()
        return one["id"]

    async def handle(self) -> None:
        await self.app.state.whatsapp_updates.look()
        await self.app.state.whatsapp_updates.settle()

    async def fall_silent(self) -> None:
        """The silence window passes, and what waits is played."""
        self.clock.advance(seconds=2)
        await self.assembly.turns.finish_waiting()

    async def answers(self) -> list[str]:
        """What leaves once the person says no more."""
        before = len(self.graph.taken)
        await self.fall_silent()
        await self.assembly.whatsapp_deliverer.deliver_due()
        return [taken.text for taken in self.graph.taken[before:]]

    async def say(self, content: dict[str, Any] | str, **more: Any) -> list[str]:
        await self.arrive(content, **more)
        return await self.answers()

    async def press(self, title: str) -> list[str]:
        """Touches an option of the last message that has it."""
        offered = [taken.options[title] for taken in self.graph.taken if title in taken.options]
        kind, id = offered[-1]
        return await self.say({"type": "interactive", "interactive": {"type": kind, kind: {"id": id, "title": title}}})

    async def status(self, status: str, code: int | None = None, number: int = -1) -> None:
        """What became of a message that was taken."""
        told = status_envelope(self.graph.taken[number], status, code)
        assert (await self.post(told)).status_code == 200
        await self.handle()

    @property
    def conversation(self) -> str:
        """Of the one person there is."""
        (row,) = self.rows("whatsapp_people")
        return row["conversation_id"]

    def rows(self, table: str) -> list[dict[str, Any]]:
        with self.assembly.database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(metadata.tables[table].select())]

    def media(self, kind: str, content: bytes, mime: str, **more: Any) -> dict[str, Any]:
        id = self.graph.upload(content, mime)
        return {"type": kind, kind: {"id": id, "mime_type": mime, **more}}

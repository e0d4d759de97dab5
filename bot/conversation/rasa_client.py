"""The dialogue engine over loopback HTTP: the only file that knows what Rasa's channel of ours speaks."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import httpx

from bot.conversation.message import BotMessage, Choice
from bot.errors import DialogueUnavailable
from bot.tickets.draft import Requester, TicketDraft

# Goals that cannot bear their own name inside Rasa (domain.yml says why).
_GOALS = {"start_over": "restart"}


@dataclass(frozen=True)
class Reply:
    """What the engine answered in one turn. `ticket` is a number."""

    messages: tuple[BotMessage, ...]
    asking: str | None
    outcome: str | None
    ticket: str | None


@dataclass(frozen=True)
class Understanding:
    """`ranking` are goals with their probabilities, the likeliest first; `spans` are exact substrings of the text by entity name."""

    goal: str | None
    confidence: float
    ranking: dict[str, float]
    spans: dict[str, str]


class RasaClient:
    def __init__(self, url: str, token: str, timeout_seconds: float) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(base_url=f"{url}/webhooks/gateway", headers=headers, timeout=timeout_seconds)

    async def turn(
        self,
        turn_id: str,
        requester: Requester,
        *,
        text: str | None,
        payload: str | None,
        attachments: list[dict[str, Any]],
    ) -> Reply:
        """Carries one turn out; the same `turn_id` again gives the same reply and no second effect.

        Raises DialogueUnavailable when Rasa, the action server or Redis failed; then nothing was changed.
        """
        metadata = {**asdict(requester), "attachments": attachments, "is_command": payload is not None}
        body = {
            "sender": requester.conversation,
            "message_id": turn_id,
            "text": None if payload else text,
            "payload": payload,
            "metadata": metadata,
        }
        reply = _reply(await self._post("/turn", body))
        if not reply.messages and reply.outcome is None:
            raise DialogueUnavailable("rasa respondeu vazio")
        return reply

    async def understand(self, text: str) -> Understanding:
        """Goal and spans of a text, outside any conversation. Raises DialogueUnavailable."""
        parsed = await self._post("/parse", {"text": text})
        # The fallback says only that none is sure; the likeliest goal stands behind it.
        ranked = [one for one in parsed.get("intent_ranking") or () if one["name"] != "nlu_fallback"]
        ranking = {_GOALS.get(one["name"], one["name"]): float(one["confidence"]) for one in ranked}
        goal, confidence = next(iter(ranking.items()), (None, 0.0))
        spans = {entity["entity"]: entity["value"] for entity in parsed.get("entities", [])}
        return Understanding(goal, confidence, ranking, spans)

    async def draft(self, conversation: str) -> TicketDraft | None:
        """What has been told of a ticket so far; None when nothing has been said. Raises DialogueUnavailable."""
        try:
            response = await self._http.get(f"/conversations/{conversation}")
            response.raise_for_status()
            slots = response.json()["slots"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise DialogueUnavailable("rasa") from error
        return TicketDraft.from_slots(slots) if slots else None

    async def forget(self, conversation: str) -> None:
        try:
            (await self._http.delete(f"/conversations/{conversation}")).raise_for_status()
        except httpx.HTTPError as error:
            raise DialogueUnavailable("rasa") from error

    async def answers(self) -> bool:
        try:
            return (await self._http.get("/health")).is_success
        except httpx.HTTPError:
            return False

    async def close(self) -> None:
        await self._http.aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            response = await self._http.post(path, json=body)
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                raise DialogueUnavailable(str(response.json().get("failed", "rasa")))
            response.raise_for_status()
            return response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise DialogueUnavailable("rasa") from error


def _reply(body: dict[str, Any]) -> Reply:
    messages, signs = [], {}
    for said in body["messages"]:
        custom = said.get("custom") or {}
        signs.update({name: custom[name] for name in ("asking", "outcome", "ticket") if name in custom})
        message = _message(said, custom)
        if message.text or message.choices or message.articles:
            messages.append(message)
    asking = body["slots"].get("requested_slot") if body.get("active_loop") else None
    return Reply(tuple(messages), signs.get("asking", asking), signs.get("outcome"), signs.get("ticket"))


def _message(said: dict[str, Any], custom: dict[str, Any]) -> BotMessage:
    choices = tuple(Choice(button["title"], button["payload"]) for button in said.get("buttons") or [])
    return BotMessage(said.get("text"), choices, tuple(custom.get("articles", ())))

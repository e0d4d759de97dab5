"""The webhook of WhatsApp: the envelope is checked, kept as it came, and answered; it is handled afterwards."""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import PlainTextResponse, Response

from bot.channels.whatsapp_envelope import is_signed
from bot.errors import NotAuthenticated, NotFound, RequestRefused
from bot.gateway.context import Parts
from bot.settings import Settings

router = APIRouter(prefix="/webhooks/whatsapp", tags=["whatsapp"])


class _Forbidden(RequestRefused):
    status = 403
    title = "Não confere"


@router.get("")
async def challenge(
    parts: Parts,
    mode: Annotated[str, Query(alias="hub.mode", max_length=40)] = "",
    token: Annotated[str, Query(alias="hub.verify_token", max_length=500)] = "",
    challenge: Annotated[str, Query(alias="hub.challenge", max_length=500)] = "",
) -> PlainTextResponse:
    """Meta asks once, when the webhook is registered."""
    expected = _configured(parts.settings).whatsapp_verify_token
    if mode != "subscribe" or not hmac.compare_digest(token.encode(), expected.encode()):
        raise _Forbidden("A palavra de verificação não confere com TRIAGEM_WHATSAPP_VERIFY_TOKEN.")
    return PlainTextResponse(challenge)


@router.post("")
async def receive(
    request: Request, parts: Parts, x_hub_signature_256: Annotated[str | None, Header()] = None
) -> Response:
    """200 once the envelope is kept; until then Meta sends it again."""
    secret, body = _configured(parts.settings).whatsapp_app_secret, await request.body()
    if not is_signed(body, x_hub_signature_256, secret):
        raise NotAuthenticated("A assinatura não confere com o conteúdo.")
    await asyncio.to_thread(parts.whatsapp_inbox.keep, body)
    request.app.state.whatsapp_updates.ring()
    return Response()


def _configured(settings: Settings) -> Settings:
    if not settings.has_whatsapp:
        raise NotFound("O WhatsApp não está configurado neste serviço.")
    return settings

"""The Graph API over HTTP: the only file that knows pywa.

pywa knows the shapes and the errors; the limits are ours to keep (whatsapp_rendering), since it checks none.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pywa_async import WhatsApp
from pywa_async.errors import WhatsAppError
from pywa_async.types import Button, Section, SectionList, SectionRow
from pywa_async.types.templates import BodyText, TemplateLanguage

from bot.channels.whatsapp_fates import Fate, fate_of
from bot.channels.whatsapp_rendering import Form
from bot.errors import DeliveryError, TooLarge, Unanswered, Unreachable

log = logging.getLogger(__name__)

T = TypeVar("T")

_SENDING_SECONDS = 15.0
_DOWNLOADING_SECONDS = 60.0


@dataclass(frozen=True)
class Downloaded:
    content: bytes
    mime: str


class GraphApi:
    """`url` is the address with the version. Recipients are numbers as the network writes them, or business-scoped ids."""

    def __init__(self, url: str, token: str, phone_id: str) -> None:
        self._http = httpx.AsyncClient(timeout=_SENDING_SECONDS)
        self._pywa = WhatsApp(phone_id=phone_id, token=token, session=self._http)
        self._http.base_url = url  # pywa has written its own there

    async def send(self, to: str, form: Form, tracker: str) -> str:
        """Sends one message and gives its wamid; `tracker` comes back with every status of it.

        Raises Unreachable, Unanswered, or DeliveryError otherwise.
        """
        return await _wamid_of(self._pywa.send_message(to, form.text, buttons=_options(form), tracker=tracker))

    async def send_template(self, to: str, name: str, language: str, parameter: str, tracker: str) -> str:
        """Sends an approved template with one parameter in its body. Raises as `send` does."""
        params = [BodyText.params(parameter)]
        tongue = TemplateLanguage(language)
        return await _wamid_of(self._pywa.send_template(to, name, tongue, params, tracker=tracker))

    async def show_typing(self, wamid: str) -> None:
        """Marks a message as read and shows that an answer is being written. Nothing depends on it."""
        try:
            await self._pywa.indicate_typing(wamid)
        except (WhatsAppError, httpx.HTTPError, ValueError) as error:
            log.info("typing was not shown (%s)", type(error).__name__)

    async def download(self, media_id: str, max_bytes: int) -> Downloaded:
        """Raises TooLarge, and DeliveryError when it cannot be had; permanent when it never will."""
        try:
            media = await self._pywa.get_media_url(media_id)
            if int(media.file_size or 0) > max_bytes:
                raise _too_large(max_bytes)
            return Downloaded(await self._fetch(media.url, max_bytes), media.mime_type or "")
        except WhatsAppError as error:
            raise DeliveryError(f"mídia: código {error.code}", permanent=fate_of(error.code) is Fate.NEVER) from error
        except httpx.HTTPError as error:
            raise DeliveryError(f"mídia: {type(error).__name__}", permanent=False) from error

    async def _fetch(self, url: str, max_bytes: int) -> bytes:
        content = bytearray()
        async with self._http.stream("GET", url, timeout=_DOWNLOADING_SECONDS, follow_redirects=False) as response:
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > max_bytes:
                    raise _too_large(max_bytes)
        return bytes(content)

    async def close(self) -> None:
        await self._http.aclose()


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(f"O arquivo passa do limite de {max_bytes / 1_000_000:g} MB. Reduza-o ou envie em partes.")


def _options(form: Form) -> Any:
    if form.buttons:
        return [Button(option.title, option.id) for option in form.buttons]
    if form.rows:
        rows = [SectionRow(option.title, option.id, option.description) for option in form.rows]
        return SectionList(form.list_button, [Section(form.section, rows)])
    return None


async def _wamid_of(sending: Awaitable[Any]) -> str:
    """Codes, never the network's sentences: those may hold a number."""
    try:
        return (await sending).id
    except WhatsAppError as error:
        raise _translated(error) from error
    except httpx.ConnectError as error:
        raise DeliveryError(type(error).__name__, permanent=False) from error
    except (httpx.HTTPError, KeyError, ValueError, TypeError) as error:
        raise Unanswered(type(error).__name__) from error


def _translated(error: WhatsAppError) -> DeliveryError:
    told = f"código {error.code}"
    if (error.status_code or 0) >= 500 and fate_of(error.code) is Fate.LATER:
        return Unanswered(told)
    match fate_of(error.code):
        case Fate.OTHER_WAY:
            return Unreachable(told)
        case Fate.NEVER:
            return DeliveryError(told, permanent=True)
    return DeliveryError(told, permanent=False)

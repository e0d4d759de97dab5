"""E-mail out: SMTP, or its twin that writes each message as an .eml file."""

from __future__ import annotations

import asyncio
import re
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.errors import ConfigurationError, DeliveryError


class Mailbox(Protocol):
    async def send(self, message: EmailMessage) -> None:
        """Raises DeliveryError; `permanent` when the same message would be refused again."""
        ...


class SmtpMailbox:
    """Sends by the server of an URL: `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://…:465`."""

    def __init__(self, url: str, timeout_seconds: float = 20) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ConfigurationError("TRIAGEM_SMTP_URL", None, "use smtp://usuario:senha@servidor:587")
        tls = parts.scheme == "smtps"
        self._options = {
            "hostname": parts.hostname,
            "port": parts.port or (465 if tls else 587),
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": tls,
            "timeout": timeout_seconds,
        }

    async def send(self, message: EmailMessage) -> None:
        try:
            await aiosmtplib.send(message, **self._options)
        except aiosmtplib.SMTPAuthenticationError as error:  # the setting is wrong, not the letter: it can wait
            raise DeliveryError(f"{error.code} {error.message}", permanent=False) from error
        except aiosmtplib.SMTPResponseException as error:
            raise DeliveryError(f"{error.code} {error.message}", permanent=error.code >= 500) from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            permanent = all(refused.code >= 500 for refused in error.recipients)
            raise DeliveryError("destinatário recusado", permanent=permanent) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryError(str(error) or type(error).__name__, permanent=False) from error


class FolderMailbox:
    """Writes each message into a folder. The same Message-ID gives the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        name = re.sub(r"[^\w.-]+", "_", message["Message-ID"].strip("<>"))
        await asyncio.to_thread(self._write, self._folder / f"{name}.eml", message.as_bytes())

    def _write(self, path: Path, content: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".part")
            partial.write_bytes(content)
            partial.rename(path)
        except OSError as error:
            raise DeliveryError(str(error), permanent=False) from error

    def forget(self, address: str) -> None:
        """Removes the letters to an address."""
        for path in self._folder.glob("*.eml"):
            letter = BytesParser().parsebytes(path.read_bytes(), headersonly=True)
            if address.lower() in (to.lower() for _, to in getaddresses(letter.get_all("To", []))):
                path.unlink(missing_ok=True)

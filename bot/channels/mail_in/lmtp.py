"""Takes mail by LMTP on loopback, from a mail server on this machine. What cannot be kept stays with that server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from bot.channels.mail_in.imap import Keep
from bot.errors import StartError

log = logging.getLogger(__name__)

_HOST = "127.0.0.1"


class _PatientLMTP(LMTP):
    """Programs write lines longer than the standard's thousand characters."""

    line_length_limit = 1_000_000


class LmtpDoor:
    """`is_ours` tells which addresses are taken; a mail above `max_bytes` is refused, and its sender hears of it."""

    def __init__(self, port: int, is_ours: Callable[[str], bool], max_bytes: int, keep: Keep) -> None:
        self._port, self._is_ours, self._max_bytes, self._keep = port, is_ours, max_bytes, keep

    async def run(self) -> None:
        """Listens until cancelled. Raises StartError when the port is taken."""
        try:
            server = await asyncio.get_running_loop().create_server(self._protocol, _HOST, self._port)
        except OSError as error:
            raise StartError(
                f"A porta {self._port} já está em uso. Pare quem a usa ou escolha outra com TRIAGEM_LMTP_PORT."
            ) from error
        async with server:
            await server.serve_forever()

    def _protocol(self) -> LMTP:
        return _PatientLMTP(self, data_size_limit=self._max_bytes, enable_SMTPUTF8=True, hostname="triagem")

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self._is_ours(address):
            return "550 5.1.1 endereço desconhecido"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One answer for each recipient, as LMTP wants it; the mail is one."""
        raw = _with_envelope(envelope)
        try:
            await asyncio.to_thread(self._keep, raw, len(raw))
            answer = "250 2.0.0 guardado"
        except Exception as error:
            log.error("a mail could not be kept and stays with its server (%s)", type(error).__name__)
            answer = "451 4.3.0 tente mais tarde"
        return "\r\n".join([answer] * len(envelope.rcpt_tos))


def _with_envelope(envelope: Envelope) -> bytes:
    """The mail below what only the envelope told: who takes it back, and for whom it was."""
    content = envelope.content
    body = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content or b""
    sender = (envelope.mail_from or "").strip("<>")  # the library gives nobody as "<>"
    lines = [f"Return-Path: <{sender}>", *(f"Delivered-To: {to}" for to in envelope.rcpt_tos)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + body

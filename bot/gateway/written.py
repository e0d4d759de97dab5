"""What the form on a ticket brings, and what becomes of it when the session ended while somebody wrote.

Such words are kept for their writer, whom the form's own mark names, and stand in the form again once that person is
back. They keep the form's one-time key: whatever was sent under it before is not sent again.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from bot.assembly import Assembly
from bot.errors import Forbidden, InvalidRequest
from bot.gateway.browser_session import writer_of
from bot.gateway.signed_in import is_from_elsewhere, signed_in
from bot.store.unsent import Unsent

_LONGEST = 20_000  # characters, as the form has it


class Written:
    """Text as the database keeps it, the form's one-time key and its writer's mark, and the files that were chosen."""

    def __init__(
        self,
        csrf: Annotated[str, Form(max_length=200)] = "",
        text: Annotated[str, Form()] = "",
        key: Annotated[str, Form()] = "",
        mark: Annotated[str, Form()] = "",
        files: Annotated[list[UploadFile], File()] = [],  # noqa: B006 - FastAPI copies it
    ) -> None:
        self.csrf, self.key, self.mark = csrf, key, mark
        self.text = text.replace("\r\n", "\n").replace("\0", "")
        self.files = [file for file in files if file.filename]

    def key_of(self, number: str, email: str) -> str:
        """Nobody's key can stand for a message of somebody else. Raises InvalidRequest."""
        if not re.fullmatch(r"[0-9a-f]{32}", self.key):
            raise InvalidRequest("O formulário veio incompleto. Atualize a página e envie de novo.")
        return _message_key(number, email, self.key)


Message = Annotated[Written, Depends()]


def set_aside(request: Request, parts: Assembly, number: str, written: Written) -> Response | None:
    """Keeps the words for their writer and leads there by way of signing in. None for a form that is not ours.

    Raises Forbidden where somebody else is signed in by now.
    """
    email = writer_of(written.mark, number, written.key, parts.settings.identity_secret)
    if email is None or is_from_elsewhere(request):
        return None
    keep = not parts.tickets.has_message(_message_key(number, email, written.key))
    if keep:
        parts.unsent.keep(email, number, Unsent(written.key, written.text[:_LONGEST], bool(written.files)))
    visitor, back = signed_in(request), f"/chamados/{number}{'#escrever' if keep else ''}"
    if visitor is None:
        return RedirectResponse(f"/entrar?next={quote(back, safe='')}{'&guardado=true' if keep else ''}", 303)
    if visitor.identity.email != email:
        raise Forbidden(
            "Você entrou com outro e-mail. O texto está guardado para quem o escreveu e aparece no chamado quando "
            "essa pessoa entrar."
        )
    return RedirectResponse(back, 303)


def unsent_of(parts: Assembly, number: str, email: str) -> Unsent | None:
    """What a person wrote on a ticket and did not send so far."""
    kept = parts.unsent.find(email, number)
    return None if kept and parts.tickets.has_message(_message_key(number, email, kept.key)) else kept


def _message_key(number: str, email: str, key: str) -> str:
    return f"portal:{number}:{hashlib.sha256(email.encode()).hexdigest()[:16]}:{key}"

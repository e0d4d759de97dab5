"""The console's held mail: what was not let onto a ticket by itself, to be read and decided about.

Nothing of a mail is believed or run: its text is shown as text, its files are saved and never opened here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from bot.assembly import Assembly
from bot.errors import NotFound, RequestRefused
from bot.gateway.console_page import console_page
from bot.gateway.console_routes import CheckedForm
from bot.gateway.context import Parts
from bot.gateway.signed_in import Agent, SignedIn
from bot.gateway.ticket_routes import SHUT_IN, disposition
from bot.store.mail_store import DECISION_WORDS, STATE_WORDS, KeptMail

router = APIRouter(prefix="/console/emails", include_in_schema=False)

# The largest id that every database takes.
_LARGEST_ID = 2**31 - 1
_MOST_SHOWN = 20_000
_DONE = {
    "liberado": "Liberado: o e-mail entra no chamado em instantes.",
    "de-novo": "O e-mail é tratado de novo em instantes.",
    "descartado": "Descartado: o e-mail não vai a chamado nenhum.",
}


@router.get("", response_class=HTMLResponse)
def mails(
    request: Request, parts: Parts, agent: Agent, decididos: str = "", descartados: str = "", feito: str = ""
) -> HTMLResponse:
    """Newest first: those that wait, those that were decided about and by whom, or those that can be taken back."""
    view = "decided" if decididos else "discarded" if descartados else "waiting"
    found = {"decided": parts.mails.decided, "discarded": parts.mails.discarded, "waiting": parts.mails.listed}
    return console_page(
        request, "console_mails.html",
        mails=found[view](), view=view, states=STATE_WORDS, done=_DONE.get(feito), now=parts.local_now(),
    )  # fmt: skip


@router.get("/{id:int}", response_class=HTMLResponse)
def mail(request: Request, parts: Parts, agent: Agent, id: int) -> HTMLResponse:
    return _mail_page(request, parts, agent, _found(parts, id))


def _found(parts: Assembly, id: int) -> KeptMail:
    if id > _LARGEST_ID:
        raise NotFound("Este e-mail não existe.")
    return parts.mails.find(id)


def _mail_page(
    request: Request, parts: Assembly, agent: SignedIn, kept: KeptMail,
    refused: RequestRefused | None = None, number: str = "",
) -> HTMLResponse:  # fmt: skip
    """`number` is what a refused form held."""
    letter = parts.held_mails.read(kept)
    return console_page(
        request, "console_mail.html", refused.status if refused else 200,
        mail=kept, letter=letter, text=letter and letter.text[:_MOST_SHOWN],
        is_cut=letter is not None and len(letter.text) > _MOST_SHOWN,
        ticket=parts.tickets.find(kept.number, agent.requester()) if kept.number else None,
        refused=refused, number=number or kept.number or "", states=STATE_WORDS, now=parts.local_now(),
        decisions=parts.mails.decisions(kept.id), decision_words=DECISION_WORDS,
    )  # fmt: skip


@router.get("/{id:int}/original")
def original(parts: Parts, agent: Agent, id: int) -> Response:
    """The mail as it came, to be saved."""
    kept = _found(parts, id)
    path = parts.mails.path(kept)
    if not path.exists():
        raise NotFound("O original deste e-mail não existe mais.")
    headers = SHUT_IN | {"Content-Disposition": disposition(f"email-{kept.id}.eml")}
    return FileResponse(path, media_type="message/rfc822", headers=headers)


@router.get("/{id:int}/anexos/{place:int}")
def file(parts: Parts, agent: Agent, id: int, place: int) -> Response:
    """One file of it, to be saved; refused like any file of a customer where its kind is not accepted."""
    name, mime, content = parts.held_mails.file(_found(parts, id), place)
    return Response(content, media_type=mime, headers=SHUT_IN | {"Content-Disposition": disposition(name)})


@router.post("/{id:int}/liberar", dependencies=[CheckedForm])
def release(
    request: Request, parts: Parts, agent: Agent, id: int,
    number: Annotated[str, Form(alias="chamado", max_length=20)] = "",
    discarded: Annotated[bool, Form(alias="descartado")] = False,
) -> Response:  # fmt: skip
    """Onto the ticket that was named, whoever sent it: the agent vouches for it.

    `discarded` says that the agent saw that it had been: who only saw it wait undoes nobody's decision.
    """
    number = number.replace("\0", "")

    def act(kept: KeptMail, by: str) -> None:
        parts.held_mails.release(kept.id, number, by, discarded=discarded)

    return _decided(request, parts, agent, id, act, "liberado", number)


@router.post("/{id:int}/tentar-de-novo", dependencies=[CheckedForm])
def retry(request: Request, parts: Parts, agent: Agent, id: int) -> Response:
    """As if it had just come: for one that failed because of something that has been mended since."""
    return _decided(request, parts, agent, id, lambda kept, by: parts.held_mails.retry(kept.id, by), "de-novo")


@router.post("/{id:int}/descartar", dependencies=[CheckedForm])
def discard(request: Request, parts: Parts, agent: Agent, id: int) -> Response:
    """It stays on record and goes onto no ticket."""
    return _decided(request, parts, agent, id, lambda kept, by: parts.held_mails.discard(kept.id, by), "descartado")


def _decided(
    request: Request, parts: Assembly, agent: SignedIn, id: int,
    act: Callable[[KeptMail, str], None], done: str, number: str = "",
) -> Response:  # fmt: skip
    """Back to the list, or to the mail with the reason why nothing was done."""
    kept = _found(parts, id)
    try:
        act(kept, agent.identity.email)
    except RequestRefused as error:
        return _mail_page(request, parts, agent, _found(parts, id), error, number)
    return RedirectResponse(f"/console/emails?feito={done}", 303)

"""The pages of tickets: my own, my company's, and one with all that happened to it, where one answers and reopens."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.assembly import Assembly
from bot.errors import Forbidden, InvalidRequest, NotAuthenticated, NotFound, RequestRefused
from bot.gateway.browser_session import writer_mark
from bot.gateway.context import Parts
from bot.gateway.form_files import kept_files
from bot.gateway.pages import page
from bot.gateway.signed_in import Person, SignedIn, Visitor, checked_form, require_person
from bot.gateway.ticket_words import TicketWords
from bot.gateway.written import Message, Written, set_aside, unsent_of
from bot.tickets.draft import Requester
from bot.tickets.handling import Said
from bot.tickets.ports import TicketQuery
from bot.tickets.ticket import Status, Ticket

router = APIRouter(prefix="/chamados", include_in_schema=False, default_response_class=HTMLResponse)

_PAGE = 20
_NUMBER = re.compile(r"[A-Z]{1,5}-\d{1,9}")
_NOT_THERE = "Este chamado não existe, ou não está entre os que você pode ver."
_DONE = {
    "resposta": "Sua resposta foi enviada.",
    "reaberto": "O chamado foi reaberto.",
    "seguindo": "Você vai receber um e-mail a cada novidade deste chamado.",
    "confirmado": "Pronto: agora você acompanha este chamado por aqui.",
    "sem-seguir": "Você não recebe mais e-mails deste chamado.",
    "descartado": "O texto que não tinha sido enviado foi descartado.",
}

Filter = Annotated[str, Query(max_length=400)]


class Narrowing:
    """The filters in the address of a list. What is not a value of theirs narrows nothing."""

    def __init__(
        self,
        q: Filter = "",
        status: Filter = "",
        tipo: Filter = "",
        criado_por: Filter = "",
        depois: Filter = "",
    ) -> None:
        self.q = " ".join(q.replace("\0", " ").split())[:200]
        self.status = status if status in list(Status) else ""
        self.tipo = tipo if re.fullmatch(r"\w{1,40}", tipo) else ""
        self.criado_por = criado_por.strip().lower() if criado_por.isprintable() else ""
        self.depois = depois if _NUMBER.fullmatch(depois) else ""

    @property
    def active(self) -> dict[str, str]:
        named = {"q": self.q, "status": self.status, "tipo": self.tipo, "criado_por": self.criado_por}
        return {name: value for name, value in named.items() if value}

    def address(self, path: str, **changed: str) -> str:
        """The list with one filter more or, where it is empty, less."""
        kept = {name: value for name, value in {**self.active, **changed}.items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path

    def query(self, scope: str) -> TicketQuery:
        return TicketQuery(
            scope, self.status or None, self.tipo or None, self.criado_por or None, self.q or None,
            after=self.depois or None, limit=_PAGE + 1,
        )  # fmt: skip


Filters = Annotated[Narrowing, Depends()]


@router.get("")
def my_tickets(request: Request, parts: Parts, person: Person, filters: Filters) -> Response:
    return _list(request, parts, person, filters, "mine")


@router.get("/todos")
def all_tickets(request: Request, parts: Parts, person: Person, filters: Filters) -> Response:
    """The company's; who belongs to none has no others than their own."""
    if not person.identity.company and not person.is_agent:
        return RedirectResponse("/chamados", 303)
    return _list(request, parts, person, filters, "team")


def _list(request: Request, parts: Assembly, person: SignedIn, filters: Narrowing, scope: str) -> Response:
    requester, path = person.requester(), request.url.path
    found = parts.tickets.find_all(filters.query(scope), requester)
    shown = [_words(ticket, parts, person) for ticket in found[:_PAGE]]
    creators = parts.tickets.creators(requester) if scope == "team" else []
    named = {creator.email: creator.name or creator.email for creator in creators}
    return page(
        request,
        "tickets.html",
        scope=scope,
        tickets=shown,
        filters=filters,
        path=path,
        choices=_choices(parts, named),
        active=_active(parts, filters, path, named),
        claims=parts.claims.of(person.identity.email) if scope == "mine" and not filters.depois else [],
        following=filters.address(path, depois=found[_PAGE - 1].number) if len(found) > _PAGE else None,
    )


def _choices(parts: Assembly, creators: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers, as (value, title)."""
    kinds = [(str(name), kind.title) for name, kind in parts.data.catalog.types.items()]
    statuses = [(status.value, status.label) for status in Status]
    return {"status": statuses, "tipo": kinds, "criado_por": list(creators.items())}


def _active(parts: Assembly, filters: Narrowing, path: str, creators: dict[str, str]) -> list[dict[str, str]]:
    """The filters in force, in words, each with the address that leaves it out."""
    titles = {name: dict(choices) for name, choices in _choices(parts, creators).items()}
    names = {"q": "Busca", "status": "Status", "tipo": "Tipo", "criado_por": "Criado por"}
    return [
        {
            "name": names[name],
            "title": titles.get(name, {}).get(value, value if name == "q" else "outro"),
            "without": filters.address(path, **{name: ""}),
        }
        for name, value in filters.active.items()
    ]


@router.get("/{number}")
def ticket(request: Request, parts: Parts, person: Person, number: str, feito: str = "") -> Response:
    if number != number.upper() and _NUMBER.fullmatch(number.upper()):
        return RedirectResponse(f"/chamados/{number.upper()}", 303)
    if claim := parts.claims.find(_number(number), person.identity.email):
        return page(request, "unconfirmed.html", claim=claim)
    return _ticket_page(request, parts, person, number, done=_DONE.get(feito))


@router.post("/{number}/confirmar", dependencies=[Depends(checked_form)])
def confirm(parts: Parts, person: Person, number: str) -> Response:
    """The ticket that somebody filed under the person's address is theirs."""
    parts.claims.confirm(_number(number), person.requester())
    _find(parts, number, person.requester())
    return RedirectResponse(f"/chamados/{number}?feito=confirmado#feito", 303)


def _ticket_page(
    request: Request, parts: Assembly, person: SignedIn, number: str, status: int = 200, **values: Any
) -> Response:
    found, email = _find(parts, number, person.requester()), person.identity.email
    unsent = None if "text" in values else unsent_of(parts, number, email)
    key = values.pop("key", unsent.key if unsent else uuid4().hex)
    return page(
        request,
        "ticket.html",
        status,
        ticket=found,
        words=_words(found, parts, person),
        may_reopen=parts.handling.may_reopen(found),
        reopen_days=f"{parts.settings.reopen_days:g}".replace(".", ","),
        is_mine=(found.creator or "").lower() == email,
        follows=parts.tickets.follows(number, person.requester()),
        unsent=unsent,
        key=key,
        mark=writer_mark(email, number, key, parts.settings.identity_secret),
        limit_mb=parts.settings.max_upload_bytes // 1_000_000,
        most_files=parts.settings.max_uploads,
        **values,
    )


def _find(parts: Assembly, number: str, requester: Requester) -> Ticket:
    """Raises NotFound, in the same words for what is not there and for what others have."""
    found = parts.tickets.find(_number(number), requester)
    if found is None:
        raise NotFound(_NOT_THERE)
    return found


def _number(text: str) -> str:
    """Raises NotFound for what cannot be a number, before any database is asked."""
    if not _NUMBER.fullmatch(text):
        raise NotFound(_NOT_THERE)
    return text


def _words(ticket: Ticket, parts: Assembly, person: SignedIn) -> TicketWords:
    return TicketWords(ticket, parts.data.catalog, parts.data.contracts, parts.local_now(), person.identity.email)


@router.post("/{number}/responder")
def reply(request: Request, parts: Parts, visitor: Visitor, number: str, written: Message) -> Response:
    return _say(request, parts, visitor, number, written, parts.handling.reply, "resposta")


@router.post("/{number}/reabrir")
def reopen(request: Request, parts: Parts, visitor: Visitor, number: str, written: Message) -> Response:
    return _say(request, parts, visitor, number, written, parts.handling.reopen, "reaberto")


def _say(
    request: Request,
    parts: Assembly,
    visitor: SignedIn | None,
    number: str,
    written: Written,
    act: Callable[[str, Requester, Said], Ticket],
    done: str,
) -> Response:
    """Files one message, however often its form is sent, and shows the page anew. What comes too late is set aside."""
    try:
        checked_form(request, written.csrf)
        person = require_person(visitor)
    except (NotAuthenticated, Forbidden):
        if aside := set_aside(request, parts, number, written):
            return aside
        raise
    found = _find(parts, number, person.requester())
    # Only now that the ticket is known to be theirs may they bring files into its conversation.
    who = person.requester(found.conversation)
    key = written.key_of(number, person.identity.email)
    try:
        with kept_files(parts, found.conversation, _contents(parts, written.files)) as kept:
            act(number, who, Said(written.text, key, "portal", kept))
    except RequestRefused as error:
        # The second click of two: what it wanted has happened.
        if not parts.tickets.has_message(key):
            again = {"error": str(error), "text": written.text, "had_files": bool(written.files), "key": written.key}
            return _ticket_page(request, parts, person, number, error.status, **again)
    parts.unsent.forget(person.identity.email, number, written.key)
    return RedirectResponse(f"/chamados/{number}?feito={done}#feito", 303)


def _contents(parts: Assembly, files: list[UploadFile]) -> list[tuple[str, bytes]]:
    """Name and content of every file. Raises InvalidRequest where there are too many."""
    if len(files) > parts.settings.max_uploads:
        raise InvalidRequest(f"Envie até {parts.settings.max_uploads} arquivos de cada vez.")
    limit = parts.settings.max_upload_bytes
    return [(file.filename or "arquivo", file.file.read(limit + 1)) for file in files]


@router.post("/{number}/seguir", dependencies=[Depends(checked_form)])
def follow(parts: Parts, person: Person, number: str) -> Response:
    _find(parts, number, person.requester())
    parts.tickets.follow(number, person.requester(), parts.now())
    return RedirectResponse(f"/chamados/{number}?feito=seguindo#feito", 303)


@router.post("/{number}/deixar-de-seguir", dependencies=[Depends(checked_form)])
def unfollow(parts: Parts, person: Person, number: str) -> Response:
    _find(parts, number, person.requester())
    parts.tickets.unfollow(number, person.requester())
    return RedirectResponse(f"/chamados/{number}?feito=sem-seguir#feito", 303)


@router.post("/{number}/descartar", dependencies=[Depends(checked_form)])
def discard(parts: Parts, person: Person, number: str) -> Response:
    """What was written when an earlier session was over is not wanted any more."""
    _find(parts, number, person.requester())
    parts.unsent.forget(person.identity.email, number)
    return RedirectResponse(f"/chamados/{number}?feito=descartado#feito", 303)

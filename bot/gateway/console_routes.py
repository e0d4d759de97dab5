"""The agents' console: the queue and a ticket with everything an agent needs to act on it.

Each form carries a key made for it, so that sending it twice does once, and how much of the timeline its page showed,
so that nothing is done without knowing what others did meanwhile. What is refused gives the page back, with the text.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.assembly import Assembly
from bot.errors import NotFound, RequestRefused
from bot.gateway import console_view as view
from bot.gateway.console_page import console_page
from bot.gateway.context import Parts
from bot.gateway.form_files import kept_files
from bot.gateway.signed_in import Agent, SignedIn, checked_form
from bot.store.desk_queue import QueueQuery
from bot.tickets.draft import Requester
from bot.tickets.handling import Overtaken, Said, not_overtaken
from bot.tickets.ticket import Status, Ticket
from kb_index.errors import KnowledgeBaseError

router = APIRouter(prefix="/console", include_in_schema=False)
CHANNEL = "console"
CheckedForm = Depends(checked_form)
Key = Annotated[str, Form(alias="chave", pattern=r"^[A-Za-z0-9_-]{8,60}$")]
Seen = Annotated[int, Form(alias="visto", ge=0, le=1_000_000)]
Text = Annotated[str, Form(alias="texto", max_length=25_000)]

# How long after the last word a conversation of the bot still counts as running.
_RUNNING_SECONDS = 30 * 60
_RUNNING_SHOWN = 8


# The queue.


@dataclass(frozen=True)
class Filters:
    """The queue's address as a person may write it: what means nothing is taken for "any"."""

    situacao: str = ""
    severidade: str = ""
    produto: str = ""
    empresa: str = ""
    meus: str = ""
    resposta: str = ""
    q: str = ""
    pagina: str = ""

    def query(self) -> QueueQuery:
        known = {status.value: status for status in Status}
        return QueueQuery(
            status=known.get(self.situacao),
            every_status=self.situacao == "todas",
            severity=int(self.severidade) if self.severidade in tuple("123456789") else None,
            product=self.produto or None,
            company=self.empresa or None,
            mine=bool(self.meus),
            unanswered=bool(self.resposta),
            q=self.q or None,
            page=self.page,
        )

    @property
    def page(self) -> int:
        return int(self.pagina) if self.pagina.isascii() and self.pagina.isdecimal() and 0 < len(self.pagina) < 6 else 1

    def address(self, **other: Any) -> str:
        """The same queue with something else chosen."""
        chosen = {**self.__dict__, "pagina": "", **other}
        told = urlencode({name: value for name, value in chosen.items() if value})
        return f"/console?{told}" if told else "/console"


def filters(
    situacao: Annotated[str, Query(max_length=40)] = "",
    severidade: Annotated[str, Query(max_length=10)] = "",
    produto: Annotated[str, Query(max_length=60)] = "",
    empresa: Annotated[str, Query(max_length=200)] = "",
    meus: Annotated[str, Query(max_length=10)] = "",
    resposta: Annotated[str, Query(max_length=10)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    pagina: Annotated[str, Query(max_length=10)] = "",
) -> Filters:
    told = (situacao, severidade, produto, empresa, meus, resposta, q, pagina)
    return Filters(*(value.replace("\0", "") for value in told))


@router.get("", response_class=HTMLResponse)
def queue(request: Request, parts: Parts, agent: Agent, chosen: Annotated[Filters, Depends(filters)]) -> HTMLResponse:
    """What breaches first comes first; people who wait for a human stand above it."""
    who, now, query = agent.requester(), parts.local_now(), chosen.query()
    found = parts.queue.page(query, who)
    waiting = parts.handovers.open()
    since = datetime.fromtimestamp(now.timestamp() - _RUNNING_SECONDS, now.tzinfo)
    return console_page(
        request, "console_queue.html",
        chosen=chosen, found=found, pages=-(-found.total // query.size), counts=parts.queue.counts(who, now),
        companies=parts.queue.companies(who), catalog=parts.data.catalog, severities=_severities(parts), now=now,
        waiting=[one for one in waiting if one.agent is None],
        taken=[one for one in waiting if one.agent is not None],
        running=parts.handovers.running(since, _RUNNING_SHOWN),
        wait=view.duration, deadline=view.deadline, moment=view.moment,
    )  # fmt: skip


def _severities(parts: Assembly) -> list[int]:
    return sorted({row.severity for row in parts.data.matrix.rows})


# A ticket.


@dataclass(frozen=True)
class Refusal:
    """Why a form was not carried out, and what it held, for the page that gives it back."""

    error: RequestRefused
    text: str = ""
    reason: str = ""
    row: str = ""
    note: str = ""
    key: str = ""


@router.get("/chamados/{number}", response_class=HTMLResponse)
def ticket(request: Request, parts: Parts, agent: Agent, number: str) -> HTMLResponse:
    return _ticket_page(request, parts, agent, _found(parts, number, agent))


def _found(parts: Assembly, number: str, agent: SignedIn) -> Ticket:
    """With what an agent says on it counting as said in its conversation."""
    found = parts.tickets.find(number.upper(), agent.requester())
    if found is None:
        raise NotFound(f"O chamado {number[:20]} não existe.")
    return found


def _ticket_page(
    request: Request, parts: Assembly, agent: SignedIn, ticket: Ticket, refused: Refusal | None = None
) -> HTMLResponse:
    data, now, who = parts.data, parts.local_now(), agent.requester()
    names = view.names_of(ticket)
    overtaken = refused.error.entries if refused and isinstance(refused.error, Overtaken) else ()
    return console_page(
        request, "console_ticket.html", refused.error.status if refused else 200,
        ticket=ticket, now=now, catalog=data.catalog, matrix=data.matrix,
        row=data.matrix.by_id.get(ticket.sla_row or ""),
        clocks=view.clock_views(ticket, data.contracts, now),
        diagnosis_runs=view.diagnosis_is_due(ticket, data.contracts),
        alternatives=view.alternatives(ticket.evidence, data.matrix),
        answers=view.answers(ticket.evidence, data.matrix),
        happened=view.timeline(ticket), articles=_articles(parts, ticket),
        said=view.spoken(parts.inbox.history(ticket.conversation)), handover=parts.handovers.of(ticket.conversation),
        notes=parts.notes.of(ticket.number, who), rows=view.rows_by_module(data.matrix),
        refused=refused, overtaken=[view.in_words(entry, names) for entry in overtaken],
        key=(refused and refused.key) or new_key(), deadline=view.deadline, moment=view.moment,
    )  # fmt: skip


def _articles(parts: Assembly, ticket: Ticket) -> list[tuple[str, str]]:
    """(id, title) of what the customer was shown; an article that is gone keeps its id."""
    try:
        found = [(id, parts.articles.article(id)) for id in ticket.articles_shown]
    except KnowledgeBaseError:
        return [(id, id) for id in ticket.articles_shown]
    return [(id, article.title if article else id) for id, article in found]


def new_key() -> str:
    """What makes one form one act."""
    return secrets.token_urlsafe(16)


@router.post("/chamados/{number}", dependencies=[CheckedForm])
async def answer(
    request: Request, parts: Parts, agent: Agent, number: str, key: Key, seen: Seen,
    act: Annotated[Literal["responder", "perguntar", "resolver", "reabrir"], Form(alias="ato")],
    text: Text = "",
    diagnosis: Annotated[str, Form(alias="diagnostico", max_length=5)] = "",
    files: Annotated[list[UploadFile] | None, File(alias="anexos")] = None,
) -> Response:  # fmt: skip
    """Answers, asks, resolves or reopens, with files; the customer hears of it where the ticket came from and by e-mail."""
    ticket = await asyncio.to_thread(_found, parts, number, agent)
    who = agent.requester(ticket.conversation)
    contents = await _contents(parts, files or [])

    def carry_out() -> None:
        not_overtaken(ticket, who, seen)
        with kept_files(parts, ticket.conversation, contents) as ids:
            said = Said(text.replace("\0", ""), f"{CHANNEL}:{key}", CHANNEL, ids, seen)
            _act(parts, act, ticket.number, who, said, diagnosis=bool(diagnosis))

    def given_back(error: RequestRefused) -> Refusal:
        return Refusal(error, text=text, key=key)

    return await _done(request, parts, agent, ticket, carry_out, given_back)


async def _contents(parts: Assembly, files: list[UploadFile]) -> list[tuple[str, bytes]]:
    """A form without files sends one without a name."""
    limit = parts.settings.max_upload_bytes
    return [(file.filename, await file.read(limit + 1)) for file in files if file.filename]


def _act(parts: Assembly, act: str, number: str, who: Requester, said: Said, *, diagnosis: bool) -> None:
    handling = parts.handling
    match act:
        case "responder":
            handling.reply(number, who, said, diagnosis=diagnosis)
        case "perguntar":
            handling.ask(number, who, said)
        case "resolver":
            handling.resolve(number, who, said)
        case "reabrir":
            handling.reopen(number, who, said)


async def _done(
    request: Request, parts: Assembly, agent: SignedIn, ticket: Ticket,
    carry_out: Callable[[], None], given_back: Callable[[RequestRefused], Refusal],
) -> Response:  # fmt: skip
    """Back to the ticket. What was refused is shown there with the reason; the bell wakes the customer's page."""
    try:
        await asyncio.to_thread(carry_out)
    except NotFound:
        raise
    except RequestRefused as error:
        ticket = await asyncio.to_thread(_found, parts, ticket.number, agent)
        return await asyncio.to_thread(_ticket_page, request, parts, agent, ticket, given_back(error))
    await parts.sessions.ring(ticket.conversation)
    return RedirectResponse(f"/console/chamados/{ticket.number}", 303)


@router.post("/chamados/{number}/nota", dependencies=[CheckedForm])
async def note(request: Request, parts: Parts, agent: Agent, number: str, key: Key, text: Text = "") -> Response:
    """What only agents read."""
    ticket = await asyncio.to_thread(_found, parts, number, agent)

    def carry_out() -> None:
        parts.notes.write(ticket.number, agent.requester(), text, f"{CHANNEL}:{key}")

    return await _done(request, parts, agent, ticket, carry_out, lambda error: Refusal(error, note=text, key=key))


@router.post("/chamados/{number}/severidade", dependencies=[CheckedForm])
async def severity(
    request: Request, parts: Parts, agent: Agent, number: str, seen: Seen,
    row: Annotated[str, Form(alias="linha", max_length=60)] = "",
    reason: Annotated[str, Form(alias="motivo", max_length=2_000)] = "",
    confirmed: Annotated[str, Form(alias="confirmado", max_length=5)] = "",
) -> Response:  # fmt: skip
    """Shows first what would become of the deadlines; changes them when that is confirmed."""
    ticket = await asyncio.to_thread(_found, parts, number, agent)
    who = agent.requester(ticket.conversation)

    def given_back(error: RequestRefused) -> Refusal:
        return Refusal(error, reason=reason, row=row)

    if not confirmed:
        try:
            return await asyncio.to_thread(_severity_page, request, parts, ticket, row, reason, seen)
        except RequestRefused as error:
            return await asyncio.to_thread(_ticket_page, request, parts, agent, ticket, given_back(error))

    def carry_out() -> None:
        if ticket.sla_row != row:  # pressed twice, or nothing to change
            parts.handling.change_severity(ticket.number, who, row, reason, seen)

    return await _done(request, parts, agent, ticket, carry_out, given_back)


def _severity_page(request: Request, parts: Assembly, ticket: Ticket, row: str, reason: str, seen: int) -> HTMLResponse:
    supposed = parts.handling.deadlines_under(ticket, row, reason)
    return console_page(
        request, "console_severity.html",
        ticket=ticket, row=parts.data.matrix.by_id[row], before=parts.data.matrix.by_id.get(ticket.sla_row or ""),
        reason=reason, seen=seen, supposed=supposed, now=parts.local_now(), deadline=view.deadline,
        waits=ticket.status is Status.WAITING_CUSTOMER,
    )  # fmt: skip


def customer_name(who: Requester) -> str:
    """How agents call whoever talks."""
    return who.name or who.address or "Pessoa não identificada"

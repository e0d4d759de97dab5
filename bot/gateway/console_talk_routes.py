"""The console's conversations: an agent takes one over, writes in it, files what it told, and gives it back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.assembly import Assembly
from bot.catalog import WHYS
from bot.conversation.message import ConversationState
from bot.conversation.wording import FILED, FILED_COPY, GIVEN_BACK, TAKEN
from bot.errors import DialogueUnavailable, InvalidRequest, NotFound, RequestRefused
from bot.gateway import console_view as view
from bot.gateway.console_page import console_page
from bot.gateway.console_routes import CHANNEL, CheckedForm, Key, Text, customer_name, new_key
from bot.gateway.context import ConversationId, Parts, requester_of
from bot.gateway.signed_in import Agent, SignedIn
from bot.store.handovers import Handover
from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.presentation import LABELS

router = APIRouter(prefix="/console/conversas/{conversation}", include_in_schema=False)
Line = Annotated[str, Form(max_length=300)]
# The fields take 8,000 characters; a browser sends two for each end of a line.
Words = Annotated[str, Form(max_length=16_000)]


@router.get("", response_class=HTMLResponse)
async def conversation(request: Request, parts: Parts, agent: Agent, conversation: ConversationId) -> HTMLResponse:
    return await _talk_page(request, parts, agent, conversation)


async def _talk_page(
    request: Request, parts: Assembly, agent: SignedIn, conversation: str,
    refused: RequestRefused | None = None, text: str = "", told: TicketDraft | None = None,
) -> HTMLResponse:  # fmt: skip
    """`text` and `told` are what a refused form held."""
    state = await asyncio.to_thread(_state, parts, conversation)
    handover = await asyncio.to_thread(parts.handovers.of, conversation)
    customer = await asyncio.to_thread(_customer, parts, state, handover)
    draft = told or (handover.draft if handover else await _draft(parts, conversation))
    said = await asyncio.to_thread(parts.inbox.history, conversation)
    values: dict[str, Any] = {
        "state": state, "handover": handover, "customer": customer, "customer_name": customer_name(customer),
        "draft": draft, "said": view.spoken(said), "labels": LABELS, "whys": WHYS, "catalog": parts.data.catalog,
        "is_mine": handover is not None and handover.agent == agent.identity.email,
        "refused": refused, "text": text, "key": new_key(), "now": parts.local_now(),
        "wait": view.duration, "moment": view.moment,
    }  # fmt: skip
    status = refused.status if refused else 200
    return await asyncio.to_thread(console_page, request, "console_talk.html", status, **values)


def _state(parts: Assembly, conversation: str) -> ConversationState:
    state = parts.inbox.state(conversation)
    if state is None:
        raise NotFound("Esta conversa não existe.")
    return state


def _customer(parts: Assembly, state: ConversationState, handover: Handover | None) -> Requester:
    """Who talks: as the handover says, else as they wrote last."""
    if handover:
        return handover.requester
    return parts.inbox.last_requester(state.id) or requester_of(state.id, None, state)


async def _draft(parts: Assembly, conversation: str) -> TicketDraft:
    """What the bot has been told so far; nothing when the engine cannot be asked."""
    try:
        return await parts.rasa.draft(conversation) or TicketDraft("")
    except DialogueUnavailable:
        return TicketDraft("")


@dataclass(frozen=True)
class _Form:
    """What was typed, to be given back when it is refused."""

    text: str = ""
    told: TicketDraft | None = None


async def _done(
    request: Request, parts: Assembly, agent: SignedIn, conversation: str,
    act: Callable[[], Awaitable[str | None]], form: _Form = _Form(),
) -> Response:  # fmt: skip
    """Where the act leads, by default back to the conversation. What is refused is shown there with the reason."""
    try:
        address = await act()
    except NotFound:
        raise
    except RequestRefused as error:
        return await _talk_page(request, parts, agent, conversation, error, form.text, form.told)
    await parts.sessions.ring(conversation)
    return RedirectResponse(address or f"/console/conversas/{conversation}", 303)


@router.post("/assumir", dependencies=[CheckedForm])
async def take(
    request: Request, parts: Parts, agent: Agent, conversation: ConversationId,
    instead_of: Annotated[str, Form(alias="no_lugar_de", max_length=320)] = "",
) -> Response:  # fmt: skip
    """Of two agents at once one gets it, and the other is told who has it. A turn of the bot is let finish first."""

    async def act() -> None:
        state = await asyncio.to_thread(_state, parts, conversation)
        async with parts.sessions.turn_of(conversation):
            handover = await asyncio.to_thread(parts.handovers.of, conversation)
            draft = handover.draft if handover else await _draft(parts, conversation)
            customer = await asyncio.to_thread(_customer, parts, state, handover)
            greeting = TAKEN.format(name=agent.identity.name or "Alguém")
            who = agent.requester(conversation)
            await asyncio.to_thread(
                parts.handovers.take, conversation, who, draft, customer, greeting, instead_of or None
            )

    return await _done(request, parts, agent, conversation, act)


@router.post("/escrever", dependencies=[CheckedForm])
async def write(
    request: Request, parts: Parts, agent: Agent, conversation: ConversationId, key: Key, text: Text = ""
) -> Response:
    async def act() -> None:
        who = agent.requester(conversation)
        await asyncio.to_thread(parts.handovers.write, conversation, who, text, f"{CHANNEL}:{key}")

    return await _done(request, parts, agent, conversation, act, _Form(text))


@router.post("/devolver", dependencies=[CheckedForm])
async def give_back(request: Request, parts: Parts, agent: Agent, conversation: ConversationId) -> Response:
    async def act() -> None:
        who = agent.requester(conversation)
        await asyncio.to_thread(parts.handovers.give_back, conversation, who, GIVEN_BACK)

    return await _done(request, parts, agent, conversation, act)


@router.post("/chamado", dependencies=[CheckedForm])
async def file(
    request: Request, parts: Parts, agent: Agent, conversation: ConversationId,
    place: Annotated[str, Form(alias="lugar", max_length=130)] = "",
    type: Annotated[str, Form(alias="tipo", max_length=60)] = "",
    subject: Line = "", who: Words = "", what: Words = "", where: Words = "", when: Words = "", why: Words = "",
    contact: Line = "", email: Annotated[str, Form(max_length=320)] = "",
) -> Response:  # fmt: skip
    """Files what the conversation has told as the customer's ticket, once however often it is pressed."""
    product, _, module = place.partition("/")
    told = {"product": product, "module": module, "type": type, "subject": subject, "contact": contact}
    told |= {"who": who, "what": what, "where": where, "when": when, "why": why}
    words: dict[str, Any] = {name: value.replace("\0", "").strip() or None for name, value in told.items()}
    handover = await asyncio.to_thread(parts.handovers.of, conversation)
    known = handover.draft if handover else TicketDraft("")
    draft = replace(known, **words, id=known.id or f"console-{handover.id if handover else conversation}"[:64])

    async def act() -> str:
        filed = await asyncio.to_thread(_file, parts, agent, handover, draft, email)
        with contextlib.suppress(DialogueUnavailable):  # the bot then goes on with a draft that is filed already
            await parts.rasa.forget(conversation)
        return f"/console/chamados/{filed}"

    return await _done(request, parts, agent, conversation, act, _Form(told=draft))


def _file(parts: Assembly, agent: SignedIn, handover: Handover | None, draft: TicketDraft, email: str) -> str:
    """The number of the ticket."""
    if handover is None or handover.agent != agent.identity.email:
        raise InvalidRequest("Assuma a conversa antes de abrir o chamado.")
    _check(parts, draft)
    customer = handover.requester
    if email.strip() and not customer.address:
        customer = replace(customer, claimed_email=_address(email))
    ticket = parts.desk.file(draft, customer)
    copy = FILED_COPY.format(address=customer.address) if customer.address else ""
    text = FILED.format(number=ticket.number, copy=copy).strip()
    parts.handovers.filed(handover.conversation, agent.requester(handover.conversation), ticket.number, text)
    return ticket.number


def _check(parts: Assembly, draft: TicketDraft) -> None:
    catalog = parts.data.catalog
    if draft.product not in catalog.products or draft.module not in catalog.modules(draft.product):
        raise InvalidRequest("Escolha o produto e o módulo.")
    if draft.type not in catalog.types_of(draft.product):
        raise InvalidRequest("Escolha um tipo de pedido que este produto oferece.")
    if not draft.what:
        raise InvalidRequest("Conte o que acontece; é o mínimo para abrir o chamado.")


def _address(email: str) -> str:
    address = email.strip().lower()
    name, at, domain = address.rpartition("@")
    if not (name and at and "." in domain) or len(address.split()) != 1:
        raise InvalidRequest("O e-mail do cliente não parece certo. Confira ou deixe em branco.")
    return address

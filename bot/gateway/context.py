"""What routes need: the assembly of this process, and the requester behind a call."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request

from bot.assembly import Assembly
from bot.conversation.message import ConversationState
from bot.errors import NotFound
from bot.gateway.identity import Identity
from bot.tickets.draft import Requester


def assembly(request: Request) -> Assembly:
    return request.app.state.assembly


Parts = Annotated[Assembly, Depends(assembly)]
# A client makes the id up; without an identity, knowing it is what opens the conversation.
ConversationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{8,64}$", description="id escolhido pelo cliente")]


def may_enter(state: ConversationState | None, caller: Identity | None) -> None:
    """Raises NotFound when the conversation belongs to somebody else, or to a channel that has no door here."""
    if state and state.channel != "web" and (caller is None or caller.role != "agent"):
        raise NotFound("Esta conversa não existe.")
    if state and state.owner and (caller is None or (caller.email != state.owner and caller.role != "agent")):
        raise NotFound("Esta conversa não existe.")


def requester_of(conversation: str, caller: Identity | None, state: ConversationState | None = None) -> Requester:
    """An anonymous visitor counts as the address proven by a code in this conversation, without a company."""
    channel = state.channel if state else "web"
    if caller:
        return Requester(conversation, channel, caller.email, caller.name, caller.company, caller.role)
    return Requester(conversation, channel, email=state.verified_email if state else None)

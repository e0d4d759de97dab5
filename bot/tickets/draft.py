"""A request as far as it has been told: what the conversation collects before a ticket is filed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.catalog import WHYS
from bot.errors import Forbidden


@dataclass(frozen=True)
class TicketDraft:
    """Everything a ticket needs. `id` is made when the intake begins and makes filing idempotent.

    `product`, `module` and `type` are keys of the catalog; the whys are the customer's own words. `opening` is the
    whole first message, kept for what the fields leave out, until something in it is corrected. `impact` are the answers
    to the questions that settle the severity, `checks` what the customer tried beforehand: titles and what came of it.
    """

    id: str
    product: str | None = None
    module: str | None = None
    type: str | None = None
    subject: str | None = None
    who: str | None = None
    what: str | None = None
    where: str | None = None
    when: str | None = None
    why: str | None = None
    contact: str | None = None
    attachments: tuple[str, ...] = ()
    articles_shown: tuple[str, ...] = ()
    impact: tuple[str, ...] = ()
    opening: str | None = None
    checks: tuple[dict[str, str], ...] = ()

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> TicketDraft:
        """From what `dataclasses.asdict` made of one, also after it went through JSON."""
        told: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in data.items()}
        return cls(**told)

    @classmethod
    def from_slots(cls, slots: dict[str, Any]) -> TicketDraft:
        """As far as it has been told in the dialogue, out of the slots of domain.yml."""
        told = ("product", "module", "type", "subject", *WHYS, "contact", "opening")
        return cls(
            id=slots.get("draft_id") or "",
            **{name: slots.get(name) for name in told},
            impact=tuple(slots.get("impact_answers") or ()),
            attachments=tuple(slots.get("files") or ()),
            checks=tuple(slots.get("checks") or ()),
            articles_shown=tuple(card["id"] for card in slots.get("articles_offered") or ()),
        )


@dataclass(frozen=True)
class Requester:
    """Who talks. `email` and `company` come from a verified identity or are None.

    `claimed_email` is an address the person typed without proving it: enough to file and to send a
    copy to, never enough to read a ticket.
    """

    conversation: str
    channel: str
    email: str | None = None
    name: str | None = None
    company: str | None = None
    role: str = "requester"
    claimed_email: str | None = None

    @property
    def address(self) -> str | None:
        return self.email or self.claimed_email

    @classmethod
    def from_metadata(cls, data: dict[str, Any]) -> Requester:
        """From the metadata that the gateway, and only the gateway, puts on a turn."""
        known = {name: data.get(name) for name in ("email", "name", "company", "claimed_email")}
        return cls(data["conversation"], data.get("channel", "web"), role=data.get("role") or "requester", **known)


def only_agents(who: Requester) -> None:
    """Raises Forbidden for whoever does not answer for the desk."""
    if who.role != "agent":
        raise Forbidden("Só a equipe de suporte pode fazer isso.")

"""A request as far as it has been told: what the conversation collects before a ticket is filed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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

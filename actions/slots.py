"""The slots of the ticket form, and the draft they hold."""

from __future__ import annotations

from typing import Any

from bot.catalog import WHYS
from bot.tickets.draft import TicketDraft

# Everything that belongs to one intake; a new one starts with all of these empty.
DRAFT_SLOTS = (
    "draft_id", "product", "module", "type", "subject", *WHYS, "contact", "attachments", "files",
    "articles_offered", "check", "article", "checks", "impact", "impact_answers", "email", "confirm", "opening", "symptom", "correction", "amending",
    "resume_with", "leaving", "cancel_confirm", "restart_confirm", "attempts", "answered", "outcome",
)  # fmt: skip

# What the next ticket of the same conversation need not ask again; the summary reads it back.
KEPT_SLOTS = ("contact", "email")

Slots = dict[str, Any]


def draft_from(slots: Slots) -> TicketDraft:
    """The draft as far as it has been told."""
    return TicketDraft.from_slots(slots)


def emptied() -> Slots:
    """The slots of an intake, all empty."""
    return dict.fromkeys(DRAFT_SLOTS)


def filled(values: Slots) -> Slots:
    return {name: value for name, value in values.items() if value is not None}

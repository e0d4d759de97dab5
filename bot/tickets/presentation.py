"""A ticket as people and programs read it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.tickets.ticket import Attachment, Ticket

LABELS = {
    "product": "Produto",
    "module": "Módulo",
    "type": "Tipo",
    "subject": "Assunto",
    "who": "Quem",
    "what": "O quê",
    "where": "Onde",
    "when": "Quando",
    "why": "Por quê",
    "contact": "Contato",
    "attachments": "Anexos",
}
"""How people read the fields that a customer fills."""


def ticket_fields(ticket: Ticket, zone: ZoneInfo) -> dict[str, Any]:
    """The public fields of a ticket (interface: Tickets). Times in the desk's zone, ISO 8601 with offset."""
    plain = [
        "number",
        "product",
        "module",
        "type",
        "subject",
        "who",
        "what",
        "where",
        "when",
        "why",
        "contact",
        "severity",
        "sla_row",
        "creator",
        "company",
        "channel",
    ]
    times = ("began_at", "diagnosis_due", "solution_due", "created_at")
    return {
        **{name: getattr(ticket, name) for name in plain},
        **{name: _iso(getattr(ticket, name), zone) for name in times},
        "status": ticket.status.value,
        "status_title": ticket.status.label,
        "creator_name": ticket.creator_name,
        "attachments": [attachment_fields(file) for file in ticket.attachments],
        "articles_shown": list(ticket.articles_shown),
        "timeline": [{**asdict(entry), "at": _iso(entry.at, zone)} for entry in ticket.timeline],
    }


def attachment_fields(file: Attachment) -> dict[str, Any]:
    """`thumbnail` is None for what no small picture is shown of."""
    url = f"/api/attachments/{file.id}"
    thumbnail = f"{url}/thumbnail" if file.is_picture else None
    return {"name": file.name, "mime": file.mime, "size": file.size, "url": url, "thumbnail": thumbnail}


def _iso(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None

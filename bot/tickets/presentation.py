"""A ticket as people and programs read it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sla.clock import ClockEvent
from bot.tickets.ticket import Attachment, Ticket, TicketMessage

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
        "messages": [message_fields(message, zone) for message in ticket.messages],
        "timeline": timeline(ticket, zone),
    }


def timeline(ticket: Ticket, zone: ZoneInfo) -> list[dict[str, Any]]:
    """What happened to the ticket and to its clocks, in order."""
    happened = [(entry.at, {**asdict(entry), "at": _iso(entry.at, zone)}) for entry in ticket.timeline]
    ticked = [(event.at, clock_fields(event, zone)) for event in ticket.clock_events]
    return [fields for _, fields in sorted([*happened, *ticked], key=lambda pair: pair[0])]


def clock_fields(event: ClockEvent, zone: ZoneInfo) -> dict[str, Any]:
    """An entry of a clock's log. `target_hours` are business hours of its calendar."""
    hours = event.target.total_seconds() / 3600 if event.target is not None else None
    body = {"clock": event.clock.value, "target_hours": hours, "severity": event.severity, "calendar": event.calendar}
    told = {name: value for name, value in body.items() if value is not None}
    return {"kind": f"clock_{event.kind.value}", "at": _iso(event.at, zone), "actor": None, "body": told}


def message_fields(message: TicketMessage, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": message.id,
        "author": message.author.value,
        "name": message.actor_name,
        "text": message.text,
        "at": _iso(message.at, zone),
    }


def attachment_fields(file: Attachment) -> dict[str, Any]:
    """`thumbnail` is None for what no small picture is shown of."""
    url = f"/api/attachments/{file.id}"
    thumbnail = f"{url}/thumbnail" if file.is_picture else None
    return {"name": file.name, "mime": file.mime, "size": file.size, "url": url, "thumbnail": thumbnail}


def _iso(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None

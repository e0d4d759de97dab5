"""Drafts that are ready to become tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.ports import Filing
from tests.bot.clock import TUESDAY


def draft(id: str = "rascunho-1", **told: Any) -> TicketDraft:
    """An incident of a company that sells bread; `told` replaces what is told of it."""
    values = {"product": "FORNO", "module": "TIMER", "type": "report_error", "what": "o forno não liga", **told}
    return TicketDraft(id, **values)


def filing(requester: Requester, id: str = "rascunho-1", *, severity: int | None = 1, **told: Any) -> Filing:
    """A draft with everything decided; without a severity it has no deadlines either."""
    is_incident = severity is not None
    return Filing(
        draft=draft(id, **told),
        requester=requester,
        subject=told.get("subject") or "Forno parado",
        severity=severity,
        sla_row="P-1" if is_incident else None,
        diagnosis_due=TUESDAY + timedelta(hours=1) if is_incident else None,
        began_at=TUESDAY - timedelta(hours=1) if is_incident else None,
        solution_due=TUESDAY + timedelta(hours=2) if is_incident else None,
        evidence={"probability": 0.9} if is_incident else {},
        at=TUESDAY,
    )

"""Drafts that are ready to become tickets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.sla.clock import ClockEvent, started
from bot.sla.contracts import Contracts
from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.ports import Filing
from tests.bot.clock import TUESDAY
from tests.bot.sla.bakery import MATRIX


def draft(id: str = "rascunho-1", **told: Any) -> TicketDraft:
    """An incident of a company that sells bread; `told` replaces what is told of it."""
    values = {"product": "FORNO", "module": "TIMER", "type": "report_error", "what": "o forno não liga", **told}
    return TicketDraft(id, **values)


def clocks_from(at: datetime, contracts: Contracts) -> tuple[ClockEvent, ...]:
    """Both clocks of the bakery's worst row, started at `at`."""
    row = MATRIX.by_id["P-1"]
    return started(row.severity, contracts.terms(row, None), at)


def filing(
    requester: Requester,
    id: str = "rascunho-1",
    *,
    severity: int | None = 1,
    clock_events: tuple[ClockEvent, ...] = (),
    **told: Any,
) -> Filing:
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
        clock_events=clock_events,
    )

"""Filing: draft → severity → deadlines → ticket. The one way in which a ticket comes to be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.catalog import Catalog
from bot.errors import InvalidRequest
from bot.sla.assessment import Assessment, Assessor
from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.ports import Filing, TicketStore
from bot.tickets.ticket import Ticket

INCIDENT = "report_error"


class Desk:
    """Turns drafts into tickets. `now` gives aware instants."""

    def __init__(self, store: TicketStore, assessor: Assessor, catalog: Catalog, now: Callable[[], datetime]) -> None:
        self._store, self._assessor, self._catalog, self._now = store, assessor, catalog, now

    def assess(self, draft: TicketDraft, company: str | None = None) -> Assessment:
        """Severity and deadlines of a draft as if it were filed now."""
        if draft.type != INCIDENT:
            return Assessment.not_applicable()
        return self._assessor.assess(
            description(draft), product=draft.product, module=draft.module, answer=draft.impact, at=self._now()
        )

    def file(self, draft: TicketDraft, requester: Requester) -> Ticket:
        """Files once per draft id. Raises InvalidRequest when the draft is not complete."""
        missing = [name for name in ("product", "type", "what") if not getattr(draft, name)]
        if missing:
            raise InvalidRequest("O chamado ainda não está completo; faltam informações para abri-lo.")
        assessed = self.assess(draft, requester.company)
        return self._store.file(
            Filing(
                draft=draft,
                requester=requester,
                subject=draft.subject or subject_from(draft),
                severity=assessed.severity,
                sla_row=assessed.row,
                diagnosis_due=assessed.diagnosis_due,
                solution_due=assessed.solution_due,
                evidence=assessed.evidence(),
                at=self._now(),
            )
        )

    def hand_over(self, draft: TicketDraft, requester: Requester) -> None:
        """Gives the conversation to a human with what is known so far."""
        self._store.hand_over(draft, requester, self._now())


def description(draft: TicketDraft) -> str:
    """The customer's words that say what is wrong, for the severity model."""
    parts = (draft.subject, draft.what, draft.who, draft.where, draft.why)
    return ". ".join(part.strip(" .") for part in parts if part)


def subject_from(draft: TicketDraft) -> str:
    """A title out of the symptom and the place, for those who were not asked for one."""
    title = " ".join((draft.what or "").split())
    if draft.where and len(title) + len(draft.where) < 90:
        title = f"{title} — {draft.where}"
    return title if len(title) <= 120 else title[:119].rstrip() + "…"

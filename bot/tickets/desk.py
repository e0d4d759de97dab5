"""Filing: draft → severity → deadlines → ticket. The one way in which a ticket comes to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.catalog import WHYS
from bot.errors import InvalidRequest
from bot.moments import moment_in, moment_to_come
from bot.request_type import INCIDENT
from bot.sla.assessment import Assessment, Assessor
from bot.sla.clock import started
from bot.tickets.draft import Requester, TicketDraft
from bot.tickets.ports import Filing, TicketStore
from bot.tickets.ticket import Ticket


class Desk:
    """Turns drafts into tickets. `now` gives aware instants."""

    def __init__(self, store: TicketStore, assessor: Assessor, now: Callable[[], datetime]) -> None:
        self._store, self._assessor, self._now = store, assessor, now

    def assess(self, draft: TicketDraft, company: str | None = None) -> Assessment | None:
        """Severity and deadlines of a draft as if `company` filed it now; None for what is no incident."""
        if draft.type != INCIDENT:
            return None
        return self._assess(draft, company, draft.impact, self._now())

    def _assess(self, draft: TicketDraft, company: str | None, answers: tuple[str, ...], at: datetime) -> Assessment:
        return self._assessor.assess(
            description(draft),
            product=draft.product,
            module=draft.module,
            answers=answers,
            company=company,
            at=at,
        )

    def suppose(self, draft: TicketDraft, words: str, company: str | None = None) -> Assessment | None:
        """Severity and deadlines if something were otherwise: the hour of opening, or how it fails. The draft stays."""
        if draft.type != INCIDENT:
            return None
        at = moment_to_come(words, self._now())
        return (
            self._assess(draft, company, (*draft.impact, words), self._now())
            if at is None
            else self._assess(draft, company, draft.impact, at)
        )

    def incident(self, text: str) -> float:
        """The probability that a text is an incident at all."""
        return self._assessor.incident(text)

    def file(self, draft: TicketDraft, requester: Requester) -> Ticket:
        """Files once per draft id. Raises InvalidRequest when the draft is not complete."""
        missing = [name for name in ("product", "type", "what") if not getattr(draft, name)]
        if missing:
            raise InvalidRequest("O chamado ainda não está completo; faltam informações para abri-lo.")
        now = self._now()
        assessed = self._assess(draft, requester.company, draft.impact, now) if draft.type == INCIDENT else None
        return self._store.file(
            Filing(
                draft=draft,
                requester=requester,
                subject=draft.subject or subject_from(draft),
                severity=assessed.row.severity if assessed else None,
                sla_row=assessed.row.id if assessed else None,
                diagnosis_due=assessed.diagnosis_due if assessed else None,
                solution_due=assessed.solution_due if assessed else None,
                began_at=began.at if (began := moment_in(draft.when or "", now)) else None,
                evidence=_evidence(draft, assessed),
                at=now,
                clock_events=started(assessed.row.severity, assessed.terms, now) if assessed else (),
            )
        )

    def hand_over(self, draft: TicketDraft, requester: Requester) -> None:
        """Gives the conversation to a human with what is known so far."""
        self._store.hand_over(draft, requester, self._now())


def _evidence(draft: TicketDraft, assessed: Assessment | None) -> dict[str, Any]:
    return {**(assessed.evidence() if assessed else {}), **({"checks": list(draft.checks)} if draft.checks else {})}


def description(draft: TicketDraft) -> str:
    """The customer's words that say what is wrong, for the severity model."""
    opening = draft.opening or ""
    told = (part for part in (draft.subject, draft.what, draft.who, draft.where, draft.why) if part)
    return ". ".join(part.strip(" .") for part in [opening, *(part for part in told if part not in opening)] if part)


def draft_of(ticket: Ticket) -> TicketDraft:
    """The draft that a ticket was filed from, as far as the severity model saw it."""
    said = next((entry.body.get("said") for entry in ticket.timeline if entry.kind == "opened"), None)
    names = ("product", "module", "type", *WHYS, "contact")
    draft = TicketDraft(ticket.draft_id, **{name: getattr(ticket, name) for name in names}, opening=said)
    return draft if ticket.subject == subject_from(draft)[:300] else replace(draft, subject=ticket.subject)


def subject_from(draft: TicketDraft) -> str:
    """A title out of the symptom and the place, for those who were not asked for one."""
    title = " ".join((draft.what or "").split())
    if draft.where and len(title) + len(draft.where) < 90:
        title = f"{title} — {' '.join(draft.where.split())}"
    title = title[:1].upper() + title[1:]
    return title if len(title) <= 120 else title[:119].rstrip() + "…"

"""Who must hurry is told twice: when most of a target is used up, and when it has run out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.sla.clock import Clock, ClockState, ClockStatus


class WarningKind(StrEnum):
    NEAR = "near"
    """Three quarters of the target are used up."""
    BREACHED = "breached"
    """The target has run out."""


@dataclass(frozen=True)
class ClockWarning:
    """What subscribers should hear of one clock of a ticket. `due` is when the target runs out, or ran out."""

    clock: Clock
    kind: WarningKind
    severity: int
    due: datetime
    promise: int
    """Which of the ticket's successive targets this is about, counted from 1."""

    @property
    def key(self) -> str:
        """The same as often as the same is found: with the ticket's number before it, each goes out once.

        Another target has other keys; a pause, a reopening and another severity with the same target have not.
        """
        return f"{self.clock}:{self.kind}:{self.promise}"


def warnings_due(clocks: Iterable[ClockState], at: datetime) -> tuple[ClockWarning, ...]:
    """What should have been said by `at`. Of a clock that is met nothing; of one that has run out only that.

    A paused clock comes no nearer; that it had run out before is still told.
    """
    found = (_warning(state, at) for state in clocks if state.status is not ClockStatus.MET)
    return tuple(warning for warning in found if warning)


def next_warning_at(clocks: Iterable[ClockState], at: datetime) -> datetime | None:
    """When, if the log stays as it is, `warnings_due` will have more to say than at `at`; None if never.

    A breach is one just after its due time: who looks at that very instant looks once more.
    """
    running = [state for state in clocks if state.status is ClockStatus.RUNNING]
    near = (state.near_at for state in running if state.near_at and state.near_at > at.astimezone(UTC))
    due = (state.due for state in running if state.due and state.due >= at.astimezone(UTC))
    return min((*near, *due), default=None)


def _warning(state: ClockState, at: datetime) -> ClockWarning | None:
    if breach := state.breached_at(at):
        return _of(state, WarningKind.BREACHED, breach)
    near, due = state.near_at, state.due
    return _of(state, WarningKind.NEAR, due) if near and due and near <= at.astimezone(UTC) else None


def _of(state: ClockState, kind: WarningKind, due: datetime) -> ClockWarning:
    return ClockWarning(state.clock, kind, state.severity, due, state.promises)

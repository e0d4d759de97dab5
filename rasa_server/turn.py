"""One turn of a conversation: its outcome is kept as a whole, or not at all.

Rasa answers 200 whatever happens: a failing action loses its events and the dialogue goes on without them, a failing
store is replaced by memory. Both are done by `except Exception`. `TurnFailed` is therefore not an `Exception`: it
leaves Rasa at once, before another action runs and before the tracker is saved, and ends at the gateway's channel.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException


class TurnFailed(BaseException):
    """The running turn cannot be finished; nothing of it is kept.

    `part` says what failed ("actions", "tracker store", "lock store"); `detail` says how and holds no customer text.
    """

    def __init__(self, part: str, detail: str) -> None:
        super().__init__(f"{part}: {detail}")
        self.part = part
        self.detail = detail


@dataclass
class Turn:
    """The turn being played, and the conversation's tracker as last read or saved in it."""

    sender: str
    tracker: DialogueStateTracker | None = None
    is_over: bool = False


_current: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def begin(sender: str) -> Iterator[Turn]:
    """Makes a turn of `sender` the current one in this task and in what it awaits."""
    turn = Turn(sender)
    token = _current.set(turn)
    try:
        yield turn
    finally:
        turn.is_over = True  # a timer started in the turn keeps a copy of this context
        _current.reset(token)


def current() -> Turn | None:
    """The turn being played, or None outside of one."""
    turn = _current.get()
    return None if turn is None or turn.is_over else turn


def failure(part: str, detail: str) -> BaseException:
    """What to raise when `part` fails: `TurnFailed` in a turn, Rasa's own exception outside of one."""
    return TurnFailed(part, detail) if current() else RasaException(f"{part}: {detail}")

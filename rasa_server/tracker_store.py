"""Conversations in Redis, each with its last few user turns only.

Rasa keeps every event of a conversation and replays them all at each turn, sends them all with each call of an action
and reads the stored ones again before it writes: turn 200 of a form costs 24 times turn 10. Here a stored conversation
is `condense`d, and written over the one before in one step, since the lock lets one turn alone write (see `lock_store`).

The full history of a conversation is not kept here: what must be kept of it is in the tickets and in the gateway's inbox.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from redis.exceptions import RedisError

from rasa_server import turn
from rasa_server.lock_store import fencing_token
from rasa_server.redis_client import connect

KEPT_TURNS = 6
EXPIRY_DAYS = 30

_SAVE = """
local seen = tonumber(redis.call('hget', KEYS[1], 'token') or '0')
local token = tonumber(ARGV[1])
if token > 0 and token < seen then return 0 end
redis.call('hset', KEYS[1], 'token', ARGV[1], 'events', ARGV[2])
redis.call('expire', KEYS[1], ARGV[3])
return 1
"""


class TrimmedRedisTrackerStore(TrackerStore):
    """In endpoints.yml: `tracker_store: {type: rasa_server.tracker_store.TrimmedRedisTrackerStore, url: …}`.

    `kept_turns` (6): user turns kept; `expiry_days` (30): how long after its last turn a conversation is forgotten;
    `key_prefix`. A Redis that cannot be read or written fails the turn (`TurnFailed`).
    """

    def __init__(
        self,
        domain: Domain | None,
        host: str,
        event_broker: EventBroker | None = None,
        kept_turns: int = KEPT_TURNS,
        expiry_days: float = EXPIRY_DAYS,
        key_prefix: str = "rasa:tracker:",
    ) -> None:
        if event_broker is not None:
            raise InvalidConfigException("A store of the last turns cannot feed an event broker; remove `event_broker`.")
        super().__init__(domain)
        self.redis = connect(host)
        self._kept_turns = int(kept_turns)
        self._expiry_s = int(expiry_days * 24 * 3600)
        self._prefix = key_prefix
        self._save = self.redis.register_script(_SAVE)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as last saved; in a turn, the one that this turn has read before. None when there is none."""
        playing = turn.current()
        if playing and playing.tracker and playing.sender == sender_id:
            return playing.tracker
        events = await self._ask(self.redis.hget(self._prefix + sender_id, "events"))
        tracker = self._read(sender_id, json.loads(events)) if events else None
        if playing:
            playing.tracker = tracker
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the conversation's last turns, unless it has not begun."""
        if not tracker.events:
            return
        kept = condense(list(tracker.events), self.domain.slots, self._kept_turns)
        events = json.dumps([event.as_dict() for event in kept])
        arguments = [fencing_token.get(), events, self._expiry_s]
        if not await self._ask(self._save(keys=[self._prefix + tracker.sender_id], args=arguments)):
            raise turn.failure("tracker store", "a later turn has been saved: this one outlived its lock")
        if playing := turn.current():
            playing.tracker = tracker

    async def delete(self, sender_id: str) -> None:
        """Forgets the conversation."""
        await self._ask(self.redis.delete(self._prefix + sender_id))

    async def keys(self) -> Iterable[str]:
        """The conversations held."""
        return [key[len(self._prefix) :] async for key in self.redis.scan_iter(self._prefix + "*")]

    def _read(self, sender_id: str, events: list[dict[str, Any]]) -> DialogueStateTracker:
        tracker = self.init_tracker(sender_id)
        tracker.recreate_from_dialogue(Dialogue.from_parameters({"name": sender_id, "events": events}))
        return tracker

    @staticmethod
    async def _ask(answer: Any) -> Any:
        try:
            return await answer
        except RedisError as error:
            raise turn.failure("tracker store", f"Redis cannot be asked ({type(error).__name__})") from error


def condense(events: Sequence[Event], slots: Sequence[Slot], kept_turns: int) -> list[Event]:
    """The last `kept_turns` user turns of `events`, led by the state that they began in.

    That state is: the slots' values, and, when a form was active, the turn that opened it, whole (Rasa reads from it
    which executions of the form are one), with the slots' values before it and what changed between it and the turns
    kept. Condensing what has been condensed gives the same state. An undo reaches back no further than the turns kept.
    """
    session = events[_last_session(events) :]
    starts = _turn_starts(session)
    if len(starts) <= kept_turns:
        return list(session)
    cut = starts[-kept_turns]
    return _state_at(session[:cut], slots) + list(session[cut:])


def _state_at(events: Sequence[Event], slots: Sequence[Slot]) -> list[Event]:
    """Events that put a new conversation into the state after `events`."""
    blank, after = _replay([], slots), _replay(events, slots)
    if after.active_loop is None:
        return _slot_changes(blank, after)
    start, end = _opening_turn(events, after.active_loop.name)
    opening = events[start:end]
    state = [
        *_slot_changes(blank, _replay(events[:start], slots)),
        *opening,
        *_slot_changes(_replay(events[:end], slots), after),
    ]
    return [*state, ActionExecutionRejected(after.active_loop.name)] if after.active_loop.rejected else state


def _opening_turn(events: Sequence[Event], loop: str) -> tuple[int, int]:
    """Where the turn in which `loop` was last opened begins and ends in `events`."""
    opened = max(at for at, event in enumerate(events) if isinstance(event, ActiveLoop) and event.name == loop)
    starts = [0, *_turn_starts(events), len(events)]
    return max(at for at in starts if at <= opened), min(at for at in starts if at > opened)


def _slot_changes(before: DialogueStateTracker, after: DialogueStateTracker) -> list[Event]:
    return [
        SlotSet(name, slot.value)
        for name, slot in after.slots.items()
        if (slot.value, slot.has_been_set) != (before.slots[name].value, before.slots[name].has_been_set)
    ]


def _replay(events: Sequence[Event], slots: Sequence[Slot]) -> DialogueStateTracker:
    tracker = DialogueStateTracker("", slots)
    tracker.recreate_from_dialogue(Dialogue("", list(events)))
    return tracker


def _last_session(events: Sequence[Event]) -> int:
    """Where the last session begins: what came before it is in its opening `SlotSet`s."""
    starts = [at for at, event in enumerate(events) if _executes(event, ACTION_SESSION_START_NAME)]
    return starts[-1] if starts else 0


def _turn_starts(events: Sequence[Event]) -> list[int]:
    """Where each user turn begins: at the `action_listen` that the user's message answers, or at the message."""
    users = [at for at, event in enumerate(events) if isinstance(event, UserUttered)]
    return [at - 1 if at and _executes(events[at - 1], ACTION_LISTEN_NAME) else at for at in users]


def _executes(event: Event, action: str) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == action

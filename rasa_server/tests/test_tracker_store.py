"""A trimmed conversation goes on exactly as the whole one would."""

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException, RasaException
from rasa.utils.endpoints import EndpointConfig

from rasa_server.lock_store import fencing_token
from rasa_server.tests.action_server import ActionServer
from rasa_server.tests.services import ASSISTANT, Redis
from rasa_server.tracker_store import TrimmedRedisTrackerStore, condense

SAYINGS = [
    "oi",
    "nada",
    "a tela sumiu",
    "que horas vocês atendem",
    "desfazer",
    "/open_ticket",
    '/open_ticket{"product": "ERP"}',
    "/ask_hours",
    "/affirm",
    "/undo",
    "/restart",
    "/session_start",
]


@pytest.fixture
def domain() -> Domain:
    return Domain.load(ASSISTANT / "domain.yml")


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """One loop a test: a connection to Redis lives in the loop that opened it."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def an_agent(model: Path, store: Any, actions: ActionServer) -> Agent:
    agent = Agent(tracker_store=store, action_endpoint=EndpointConfig(actions.url))
    agent.load_model(model)
    return agent


async def what_was_said(agent: Agent, sender: str, text: str, number: int) -> list[dict[str, Any]]:
    return await agent.handle_message(UserMessage(text, sender_id=sender, message_id=str(number)))


def state(tracker: DialogueStateTracker) -> dict[str, Any]:
    loop = tracker.active_loop
    return {
        "slots": tracker.current_slot_values(),
        "set": {name for name, slot in tracker.slots.items() if slot.has_been_set},
        "loop": loop and (loop.name, loop.rejected, loop.is_interrupted, (loop.trigger_message or {}).get("text")),
        "message": tracker.latest_message.message_id,
        "action": tracker.latest_action_name,
        "followup": tracker.followup_action,
        "paused": tracker.is_paused(),
    }


def next_action(agent: Agent, tracker: DialogueStateTracker) -> list[float]:
    return [score["score"] for score in agent.predict_next_with_tracker(tracker)["scores"]]


@pytest.mark.parametrize("kept_turns", [2, 3, 6])
@pytest.mark.parametrize("seed", range(8))
def test_a_trimmed_conversation_equals_the_whole_one(
    model: Path, redis_server: Redis, actions: ActionServer, loop: asyncio.AbstractEventLoop, kept_turns: int, seed: int
) -> None:
    """Twins hear the same: one keeps everything, in Rasa's own store, the other its last turns.

    They may differ in one thing: when all turns kept were undone, the trimmed one's latest message is an older one.
    """
    whole = an_agent(model, InMemoryTrackerStore(None), actions)
    trimmed = an_agent(model, TrimmedRedisTrackerStore(None, redis_server.url, kept_turns=kept_turns), actions)
    chance, sender = random.Random(seed), f"twins-{kept_turns}-{seed}"

    async def talk() -> None:
        for number in range(25):
            text = chance.choice(SAYINGS)
            answers = [await what_was_said(agent, sender, text, number) for agent in (whole, trimmed)]
            assert answers[0] == answers[1], (number, text)
            trackers = [await agent.tracker_store.retrieve(sender) for agent in (whole, trimmed)]
            states = [state(tracker) for tracker in trackers]
            if int(states[0]["message"] or 0) <= number - kept_turns:
                states[0]["message"] = states[1]["message"]
            assert states[0] == states[1], (number, text)
            for tracker in trackers:
                tracker.update(UserUttered("a", {"name": "open_ticket", "confidence": 1.0}, []))
            assert next_action(whole, trackers[0]) == next_action(trimmed, trackers[1]), (number, text)

    loop.run_until_complete(talk())


def test_a_long_form_does_not_grow(
    model: Path, redis_server: Redis, actions: ActionServer, loop: asyncio.AbstractEventLoop
) -> None:
    store = TrimmedRedisTrackerStore(None, redis_server.url)
    agent = an_agent(model, store, actions)

    async def talk() -> list[int]:
        await what_was_said(agent, "long", '/open_ticket{"product": "ERP"}', 0)
        sizes = []
        for number in range(1, 60):
            await what_was_said(agent, "long", "nada", number)
            sizes.append(await store.redis.hstrlen("rasa:tracker:long", "events"))
        return sizes

    sizes = loop.run_until_complete(talk())
    assert max(sizes[10:]) <= 1.02 * min(sizes[10:])


# Random events, of shapes that this assistant does not produce


def random_events(chance: random.Random, turns: int) -> list[Any]:
    events: list[Any] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    active = False
    for number in range(turns):
        events.append(UserUttered(f"{number}", {"name": "greet", "confidence": 1.0}, [], message_id=f"{number}"))
        for _ in range(chance.randrange(3)):
            events.append(SlotSet(chance.choice(["product", "description", "urgent"]), chance.choice([None, "a", True])))
        if chance.random() < 0.3:
            active = not active
            events += [ActionExecuted("ticket_form"), ActiveLoop("ticket_form" if active else None)]
        elif active and chance.random() < 0.5:
            events.append(ActionExecuted("ticket_form"))
        elif active and chance.random() < 0.3:
            events.append(LoopInterrupted(True))
        events += [ActionExecuted("utter_greet"), BotUttered(f"{number}"), ActionExecuted("action_listen")]
    return events


def replayed(domain: Domain, events: list[Any]) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("ana", events, domain.slots)


@pytest.mark.parametrize("seed", range(100))
def test_condensing_keeps_the_state_and_the_last_turns(domain: Domain, seed: int) -> None:
    chance = random.Random(seed)
    events = random_events(chance, turns=chance.randrange(1, 20))
    kept_turns = chance.randrange(1, 7)
    condensed = condense(events, domain.slots, kept_turns)
    assert state(replayed(domain, condensed)) == state(replayed(domain, events))
    heard = [event.message_id for event in condensed if isinstance(event, UserUttered)]
    all_heard = [event.message_id for event in events if isinstance(event, UserUttered)]
    assert heard[-kept_turns:] == all_heard[-kept_turns:]
    assert len(heard) <= kept_turns + 1  # the turn that opened the form


@pytest.mark.parametrize("seed", range(50))
def test_condensing_turn_by_turn_equals_condensing_once(domain: Domain, seed: int) -> None:
    chance = random.Random(1000 + seed)
    events, kept = random_events(chance, turns=15), []
    for event in events:
        kept.append(event)
        if isinstance(event, ActionExecuted) and event.action_name == "action_listen":
            kept = condense(kept, domain.slots, 3)
    assert state(replayed(domain, kept)) == state(replayed(domain, events))


def test_a_new_session_leaves_the_one_before_behind(domain: Domain) -> None:
    session = [ActionExecuted("action_session_start"), SessionStarted(), SlotSet("product", "ERP")]
    events = [*random_events(random.Random(1), 4), *session, ActionExecuted("action_listen")]
    assert condense(events, domain.slots, 6) == [*session, ActionExecuted("action_listen")]


# The store


def test_what_is_saved_is_read_again(domain: Domain, redis_server: Redis, loop: asyncio.AbstractEventLoop) -> None:
    store = TrimmedRedisTrackerStore(domain, redis_server.url)
    events = [ActionExecuted("action_listen"), SlotSet("description", "ação às 8h"), BotUttered("x", {"custom": {"a": 1}})]

    async def save_and_read() -> DialogueStateTracker:
        await store.save(DialogueStateTracker.from_events("saved", events, domain.slots))
        return await store.retrieve("saved")

    tracker = loop.run_until_complete(save_and_read())
    assert list(tracker.events) == events
    assert tracker.get_slot("description") == "ação às 8h"


def test_a_conversation_is_forgotten_after_its_days(
    domain: Domain, redis_server: Redis, loop: asyncio.AbstractEventLoop
) -> None:
    store = TrimmedRedisTrackerStore(domain, redis_server.url, expiry_days=2)
    tracker = DialogueStateTracker.from_events("days", [ActionExecuted("action_listen")], domain.slots)

    async def save() -> int:
        await store.save(tracker)
        return await store.redis.ttl("rasa:tracker:days")

    assert 2 * 86400 - 5 <= loop.run_until_complete(save()) <= 2 * 86400


def test_a_turn_that_outlived_its_lock_does_not_overwrite_its_successor(
    domain: Domain, redis_server: Redis, loop: asyncio.AbstractEventLoop
) -> None:
    store = TrimmedRedisTrackerStore(domain, redis_server.url)

    async def save(token: int, slot: str) -> None:
        fencing_token.set(token)
        events = [ActionExecuted("action_listen"), SlotSet("product", slot)]
        await store.save(DialogueStateTracker.from_events("fenced", events, domain.slots))

    async def late() -> Any:
        await asyncio.create_task(save(7, "seventh"))
        with pytest.raises(RasaException, match="outlived its lock"):
            await asyncio.create_task(save(6, "sixth"))
        return (await store.retrieve("fenced")).get_slot("product")

    assert loop.run_until_complete(late()) == "seventh"


def test_an_event_broker_is_refused(redis_server: Redis) -> None:
    with pytest.raises(InvalidConfigException, match="event broker"):
        TrimmedRedisTrackerStore(None, redis_server.url, event_broker=object())


def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="scheme"):
        TrimmedRedisTrackerStore(None, "localhost")

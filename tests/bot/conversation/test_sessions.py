"""Locks and bells over a real Redis."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.conversation import sessions as module
from bot.conversation.sessions import Sessions
from bot.errors import DialogueUnavailable


@pytest.fixture
async def nobody(tmp_path):
    """Sessions of a Redis that is not there."""
    sessions = Sessions.connect(f"unix://{tmp_path}/away.sock?db=0")
    yield sessions
    await sessions.close()


async def test_the_turn_of_a_conversation_is_held_by_one_at_a_time(sessions):
    order = []

    async def hold(name):
        async with sessions.turn_of("c1"):
            order.append(f"{name} enters")
            await asyncio.sleep(0.05)
            order.append(f"{name} leaves")

    await asyncio.gather(hold("a"), hold("b"), hold("c"))
    assert [step.split()[1] for step in order] == ["enters", "leaves"] * 3
    assert all(entered.split()[0] == left.split()[0] for entered, left in zip(order[::2], order[1::2], strict=True))


async def test_another_conversation_is_not_held_up(sessions):
    async with sessions.turn_of("c1"), asyncio.timeout(1), sessions.turn_of("c2"):
        pass


async def test_a_turn_that_fails_lets_the_next_one_in(sessions):
    with pytest.raises(RuntimeError):
        async with sessions.turn_of("c1"):
            raise RuntimeError
    async with asyncio.timeout(1), sessions.turn_of("c1"):
        pass


async def test_whoever_waits_too_long_is_told_so(sessions, monkeypatch):
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.1)
    async with sessions.turn_of("c1"):
        with pytest.raises(DialogueUnavailable, match="turno anterior"):
            async with sessions.turn_of("c1"):
                pass


async def test_the_lock_of_a_process_that_died_runs_out(sessions, monkeypatch):
    monkeypatch.setattr(module, "_LOCK_SECONDS", 0.1)
    dead = sessions.turn_of("c1")
    await dead.__aenter__()
    async with asyncio.timeout(2), sessions.turn_of("c1"):
        pass


async def test_a_lock_that_ran_out_is_no_error_for_whoever_held_it(sessions, monkeypatch):
    monkeypatch.setattr(module, "_LOCK_SECONDS", 0.05)
    async with sessions.turn_of("c1"):
        await asyncio.sleep(0.2)


async def test_a_turn_without_redis_is_unavailable(nobody):
    with pytest.raises(DialogueUnavailable, match="redis"):
        async with nobody.turn_of("c1"):
            pass


async def rings(bell, seconds):
    """Whether the bell rings in time; the first look may only confirm that we listen."""
    return any([await bell.wait(seconds / 2) for _ in range(2)])


async def test_a_bell_rings_for_its_conversation(sessions):
    async with sessions.bell("c1") as bell:
        await sessions.ring("c1")
        assert await rings(bell, 2)


async def test_a_bell_does_not_ring_for_another_conversation(sessions):
    async with sessions.bell("c1") as bell:
        await sessions.ring("c2")
        assert not await rings(bell, 0.4)


async def test_a_bell_that_waits_longer_than_redis_may_take_to_answer_just_waits(redis_url):
    """An event stream is quiet for longer than the time after which Redis counts as dead."""
    hasty = Sessions(Redis.from_url(redis_url, socket_timeout=0.2))
    async with hasty.bell("c1") as bell:
        assert not await rings(bell, 1.2)
    await hasty.close()


async def test_ringing_without_redis_is_no_error(nobody):
    await nobody.ring("c1")


async def test_redis_answers_when_it_is_there(sessions):
    assert await sessions.answers()


async def test_redis_does_not_answer_when_it_is_not_there(nobody):
    assert not await nobody.answers()

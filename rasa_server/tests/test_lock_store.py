"""One holder at a time, over processes, and a lock is only let go by who holds it."""

import asyncio
import subprocess
import sys
import time

import pytest
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from rasa_server.lock_store import AtomicRedisLockStore, fencing_token
from rasa_server.tests.services import ROOT, Redis

# Each process raises a number in Redis by reading it, waiting and writing it back: whoever is not alone loses a step.
WORKER = """
import asyncio, sys
from rasa_server import adapters
adapters.install()
from rasa.utils.endpoints import EndpointConfig
from rasa_server.lock_store import AtomicRedisLockStore

async def step(store):
    async with store.lock("ana"):
        number = int(await store.redis.get("number") or 0)
        await asyncio.sleep(0.002)
        await store.redis.set("number", number + 1)

async def main():
    store = AtomicRedisLockStore(EndpointConfig(sys.argv[1]))
    await store.redis.incr("ready")
    while int(await store.redis.get("ready")) < 2:
        await asyncio.sleep(0.01)
    await asyncio.gather(*(step(store) for _ in range(40)))

asyncio.run(main())
"""


def store_of(redis_server: Redis) -> AtomicRedisLockStore:
    return AtomicRedisLockStore(EndpointConfig(redis_server.url))


def test_two_processes_lose_no_step(redis_server: Redis) -> None:
    command = [sys.executable, "-W", "ignore", "-c", WORKER, redis_server.url]
    workers = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [worker.wait(timeout=90) for worker in workers] == [0, 0]

    async def number() -> str:
        return await store_of(redis_server).redis.get("number")

    assert asyncio.run(number()) == "80"


def test_a_free_lock_is_taken_within_fifty_milliseconds(redis_server: Redis) -> None:
    async def wait_for_the_second() -> float:
        store = store_of(redis_server)
        freed = asyncio.Event()

        async def first() -> None:
            async with store.lock("bruno"):
                await asyncio.sleep(0.3)
            freed.set()
            freed.at = time.monotonic()

        holder = asyncio.create_task(first())
        await asyncio.sleep(0.05)
        async with store.lock("bruno"):
            taken = time.monotonic()
        await holder
        return taken - freed.at

    assert asyncio.run(wait_for_the_second()) < 0.08


def test_each_lock_has_a_greater_token_than_the_one_before(redis_server: Redis) -> None:
    async def tokens() -> list[int]:
        store, seen = store_of(redis_server), []
        for conversation in ("carla", "davi", "carla"):
            async with store.lock(conversation) as token:
                assert fencing_token.get() == token
                seen.append(token)
        return seen

    seen = asyncio.run(tokens())
    assert seen == sorted(set(seen))
    assert fencing_token.get() == 0


def test_a_lock_ends_with_its_lifetime_and_is_not_let_go_by_its_former_holder(redis_server: Redis) -> None:
    async def outlive() -> tuple[bool, bool]:
        store = store_of(redis_server)
        async with store.lock("elis", lock_lifetime=0.1):
            await asyncio.sleep(0.2)
            late = store.lock("elis")
            await late.__aenter__()
        held = bool(await store.redis.exists("rasa:lock:elis"))
        await late.__aexit__(None, None, None)
        return held, bool(await store.redis.exists("rasa:lock:elis"))

    assert asyncio.run(outlive()) == (True, False)


def test_a_lock_that_stays_taken_is_given_up_with_a_sentence(redis_server: Redis) -> None:
    async def insist() -> None:
        store = store_of(redis_server)
        async with store.lock("flavia"):
            with pytest.raises(RasaException, match="stayed locked"):
                async with store.lock("flavia", lock_lifetime=0.2):
                    pass

    asyncio.run(insist())


def test_an_exception_lets_the_lock_go(redis_server: Redis) -> None:
    async def fail() -> int:
        store = store_of(redis_server)
        with pytest.raises(KeyError):
            async with store.lock("gil"):
                raise KeyError
        return await store.redis.exists("rasa:lock:gil")

    assert asyncio.run(fail()) == 0

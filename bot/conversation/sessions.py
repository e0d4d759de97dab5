"""One turn at a time per conversation, over all processes, and the bell that wakes whoever listens: Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import LockNotOwnedError, RedisError

from bot.errors import DialogueUnavailable

# The prefix of the tracker store's keys (rasa_server/tracker_store.py).
TRACKERS = "rasa:tracker:"
# A holder renews its lock while it lives, so that the lock of a process that died runs out soon.
_LOCK_SECONDS = 6
_RENEW_SECONDS = 2
_WAIT_SECONDS = 45
_POLL_SECONDS = 0.02


class Sessions:
    """Locks and bells of conversations. Raises DialogueUnavailable when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @classmethod
    def connect(cls, url: str) -> Sessions:
        return cls(Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5))

    @asynccontextmanager
    async def turn_of(self, conversation: str) -> AsyncIterator[None]:
        """Holds the conversation's turn. Whoever waits longer than 45 s gets DialogueUnavailable."""
        lock = self._redis.lock(
            f"turn:{conversation}", timeout=_LOCK_SECONDS, sleep=_POLL_SECONDS, blocking_timeout=_WAIT_SECONDS
        )
        try:
            taken = await lock.acquire()
        except RedisError as error:
            raise DialogueUnavailable("redis") from error
        if not taken:
            raise DialogueUnavailable("turno anterior")
        renewing = asyncio.create_task(_renew(lock))
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(LockNotOwnedError, RedisError):  # it runs out by itself
                await lock.release()

    async def ring(self, conversation: str) -> None:
        """Tells listeners that there is something new. A lost bell only delays: they also look by themselves."""
        with suppress(RedisError):
            await self._redis.publish(f"bell:{conversation}", b"1")

    @asynccontextmanager
    async def bell(self, conversation: str) -> AsyncIterator[Bell]:
        pubsub = self._redis.pubsub()
        try:
            await pubsub.subscribe(f"bell:{conversation}")
            yield Bell(pubsub)
        except RedisError as error:
            raise DialogueUnavailable("redis") from error
        finally:
            await pubsub.aclose()

    async def forget(self, conversation: str) -> None:
        """Removes what the dialogue engine remembers, where its tracker store (rasa_server) keeps it.

        Straight from Redis, since it must work without the engine. Raises DialogueUnavailable.
        """
        try:
            await self._redis.delete(f"{TRACKERS}{conversation}")
        except RedisError as error:
            raise DialogueUnavailable("redis") from error

    async def forget_history(self) -> None:
        """Has Redis write its file anew, so that what was removed is not in it either."""
        with suppress(RedisError):  # it does so by itself sooner or later
            await self._redis.bgrewriteaof()

    async def answers(self) -> bool:
        try:
            return bool(await self._redis.ping())
        except RedisError:
            return False

    async def close(self) -> None:
        await self._redis.aclose()


async def _renew(lock: Lock) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        with suppress(RedisError):
            await lock.reacquire()


class Bell:
    def __init__(self, pubsub) -> None:
        self._pubsub = pubsub

    async def wait(self, seconds: float) -> bool:
        """True when it rang within `seconds`."""
        return await self._pubsub.get_message(ignore_subscribe_messages=True, timeout=seconds) is not None

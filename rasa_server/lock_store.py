"""One turn at a time for each conversation, over any number of Rasa processes.

Rasa's own Redis lock reads a queue of tickets, adds its own and writes it back: two processes that do so at once lose
a ticket, and with it a message (measured: 1 of 4), and a waiter looks again each second. Here the lock is one key,
taken in one step by one script, and looked for again after 50 ms at most.

Every lock carries a fencing token, a number greater than that of any lock before it. The tracker store refuses a write
whose token is older than the one it has seen: a turn that outlived its lock cannot overwrite its successor's.

Waiters are not served in order of arrival: the gateway, the one client, sends a conversation's messages one by one.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar

from rasa.core.lock_store import LOCK_LIFETIME, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.exceptions import RedisError

from rasa_server import turn
from rasa_server.redis_client import connect

POLL_S = 0.05

_TAKE = """
if redis.call('exists', KEYS[1]) == 1 then return 0 end
local token = redis.call('incr', KEYS[2])
redis.call('set', KEYS[1], token, 'px', ARGV[1])
return token
"""

_RELEASE = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""

fencing_token: ContextVar[int] = ContextVar("fencing_token", default=0)
"""The token of the lock that this task holds; 0 when it holds none."""


class AtomicRedisLockStore(LockStore):
    """Locks in Redis. In endpoints.yml: `lock_store: {type: rasa_server.lock_store.AtomicRedisLockStore, url: …}`."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self.redis = connect(endpoint_config.url)
        self._prefix = endpoint_config.kwargs.get("key_prefix", "rasa:lock:")
        self._take = self.redis.register_script(_TAKE)
        self._release = self.redis.register_script(_RELEASE)

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = POLL_S
    ) -> AsyncGenerator[int, None]:
        """Holds the conversation's lock, for `lock_lifetime` seconds at most; gives its fencing token.

        Fails the turn (`TurnFailed`) when it is not free within `lock_lifetime`, or when Redis cannot be asked.
        """
        key = self._prefix + conversation_id
        token = await self._acquire(key, lock_lifetime, min(wait_time_in_seconds, POLL_S))
        outer = fencing_token.set(token)
        try:
            yield token
        finally:
            fencing_token.reset(outer)
            await self._let_go(key, token)

    async def _acquire(self, key: str, lifetime_s: float, poll_s: float) -> int:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + lifetime_s
        pause = poll_s / 8
        while True:
            token = await self._ask(self._take, [key, self._prefix + "token"], int(lifetime_s * 1000))
            if token:
                return token
            if loop.time() > deadline:
                raise turn.failure("lock store", f"the conversation stayed locked for {lifetime_s:.0f} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, poll_s)

    async def _let_go(self, key: str, token: int) -> None:
        with suppress(RedisError):  # the lock ends with its lifetime; the turn it guarded has its own outcome
            await self._release(keys=[key], args=[token])

    @staticmethod
    async def _ask(script: object, keys: list[str], argument: int) -> int:
        try:
            return await script(keys=keys, args=[argument])
        except RedisError as error:
            raise turn.failure("lock store", f"Redis cannot be asked ({type(error).__name__})") from error

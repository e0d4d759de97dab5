"""The one way to Redis from here."""

from redis.asyncio import Redis

TIMEOUT_S = 2.0


def connect(url: str) -> Redis:
    """A client for `unix:///path/to.sock?db=0` or `redis://host:port/0`; connects when first used.

    Raises `ValueError` for another scheme.
    """
    return Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, decode_responses=True)

"""Every test of the store runs over SQLite and, where its programs are on the machine, over PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.store.engine import Database, open_engine
from tests.bot import postgres

_ENGINES = ["sqlite", "postgres"] if postgres.is_here() else ["sqlite"]


@pytest.fixture(params=_ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database with our tables."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "emptied_postgres")


@pytest.fixture
def database(database_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    if database_url.startswith("postgresql"):  # one pool for all tests: connecting takes longer than a test
        yield Database(request.getfixturevalue("postgres_engine"))
        return
    engine = open_engine(database_url)
    yield Database(engine)
    engine.dispose()

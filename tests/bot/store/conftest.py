"""Every test of the store runs over SQLite and, where its programs are on the machine, over PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import DBAPIError

from bot.store.engine import Database, migrate, open_engine
from bot.store.tables import metadata
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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL with our tables."""
    server = postgres.Postgres()
    server.start()
    _wait_until_it_answers(server.url)
    migrate(server.url)
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture
def emptied_postgres(postgres_url: str, postgres_engine: Engine) -> str:
    """Deleting is ten times as quick as truncating tables of a few rows."""
    with postgres_engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
        connection.execute(text("SELECT setval('tickets_id_seq', 1, false)"))
    return postgres_url


def _wait_until_it_answers(url: str) -> None:
    engine, end = open_engine(url), time.monotonic() + 30
    while True:
        try:
            with engine.connect():
                return engine.dispose()
        except (DBAPIError, OSError):
            assert time.monotonic() < end, "PostgreSQL did not start"
            time.sleep(0.1)

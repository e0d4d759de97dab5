"""The stores that tests stand on: real files, brought to the newest schema by the real migrations."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, text
from sqlalchemy.exc import DBAPIError

from bot.company import Company, load_company
from bot.store.attachment_store import AttachmentStore
from bot.store.engine import Database, migrate, open_engine
from bot.store.inbox import Inbox
from bot.store.tables import metadata
from bot.store.ticket_store import SqlTicketStore
from bot.tickets.files import FileLimits
from tests.bot import postgres
from tests.bot.clock import Clock
from tests.conftest import COMPANY


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's environment nor a `.env` in the repository reaches a test."""
    for name in [name for name in os.environ if name.startswith("TRIAGEM_") or name == "REDIS_URL"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def company() -> Company:
    return load_company(COMPANY)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables and nothing in them, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'triagem.db')}"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    engine = open_engine(database_url)
    yield Database(engine)
    engine.dispose()


@pytest.fixture
def inbox(database: Database, clock: Clock) -> Inbox:
    return Inbox(database, clock)


@pytest.fixture
def tickets(database: Database, company: Company) -> SqlTicketStore:
    return SqlTicketStore(database, company, FileLimits(3, 2_000_000))


@pytest.fixture
def attachment_store(database: Database, tmp_path: Path, clock: Clock) -> AttachmentStore:
    """Keeps up to three loose files a conversation."""
    return AttachmentStore(database, tmp_path / "attachments", clock, FileLimits(3, 2_000_000))


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

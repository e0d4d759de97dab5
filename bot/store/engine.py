"""The database connection, SQLite by default and PostgreSQL by one setting, and its migrations."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import StartError

_MIGRATIONS = Path(__file__).parent / "migrations"


def open_engine(url: str) -> Engine:
    """An engine for `url`. SQLite gets WAL, foreign keys and ten seconds of patience for a writer."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql" and parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+pg8000")
    # An error that reaches a log must not carry what a customer wrote.
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 10}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection, _record) -> None:
    # The driver's own transaction handling begins too late to keep a read and a write together.
    connection.isolation_level = None
    # What is erased is written over, not only given free.
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that may write takes the write lock at once, so that it never fails half way for it."""
    read_only = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


class Database:
    """Hands out transactions. `read` never waits for a writer on SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(read_only=True)

    def write(self) -> AbstractContextManager[Connection]:
        return self._engine.begin()

    def read(self) -> AbstractContextManager[Connection]:
        return self._reader.connect()

    def forget_deleted(self) -> None:
        """Takes what was erased out of SQLite's journal too; other databases see to that themselves."""
        if self._engine.dialect.name == "sqlite":
            with self._reader.connect() as connection:
                connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def answers(self) -> bool:
        """True when the database takes a query and has our tables."""
        with self.read() as connection:
            connection.execute(text("SELECT count(*) FROM alembic_version"))
        return True


def lock_against_inserts(connection: Connection, table: Table) -> None:
    """Until the transaction ends nobody else writes to `table`; reading goes on. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def migrate(url: str) -> None:
    """Brings the database to the newest schema; safe to call at every start."""
    config = _config()
    engine = open_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def refuse_unmigrated(url: str) -> None:
    """Raises StartError, with what to run, where the tables are not there or are those of another version."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    try:
        engine = open_engine(url)
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        engine.dispose()
    except SQLAlchemyError as error:  # its words may hold the password
        raise StartError(
            "Não consigo abrir o banco de dados. Confira TRIAGEM_DATABASE_URL e se ele está no ar."
        ) from error
    if found != newest:
        what = "é de outra versão do Triagem" if found else "ainda não tem as tabelas"
        raise StartError(f"O banco de dados {what}. Rode `python -m bot migrate`.")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config

import pytest
from sqlalchemy import inspect, text

from bot.store.engine import migrate, open_engine
from bot.store.tables import metadata


@pytest.fixture
def inspector(database_url):
    engine = open_engine(database_url)
    yield inspect(engine)
    engine.dispose()


def test_the_migrations_make_exactly_the_tables_the_code_knows(inspector):
    assert set(inspector.get_table_names()) - {"alembic_version"} == set(metadata.tables)


def test_the_migrations_make_exactly_the_columns_the_code_knows(inspector):
    for name, table in metadata.tables.items():
        made = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        assert made == {column.name: column.nullable for column in table.columns}, name


def test_migrating_twice_changes_nothing(database, database_url):
    with database.write() as connection:
        connection.execute(text("INSERT INTO outbox (key, kind, recipient, payload, created_at, due_at, attempts) "
                                "VALUES ('k', 'code', 'a@b.example', '{}', '2026-01-01', '2026-01-01', 0)"))  # fmt: skip
    migrate(database_url)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM outbox")).scalar() == 1


def test_a_database_with_our_tables_answers(database):
    assert database.answers()

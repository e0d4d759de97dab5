import pytest
from alembic import command
from sqlalchemy import inspect, text

from bot.store.engine import _config, migrate, open_engine
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


def test_decisions_about_mail_made_before_there_was_a_record_are_on_it(sqlite_url):
    step(command.downgrade, sqlite_url, "0009")
    engine = open_engine(sqlite_url)
    mail = (
        "INSERT INTO mails (key, sha256, size, subject, received_at, state, released, tries, due_at, decided_by, decided_at)"
        " VALUES (:key, '', 0, '', '2026-01-01', :state, :released, 0, '2026-01-01', 'davi@x.example', :at)"
    )
    with engine.begin() as connection:
        for key, state, released, at in (
            ("a", "discarded", False, "2026-01-03"), ("b", "added", True, "2026-01-02"), ("c", "kept", False, "2026-01-04"),
            ("d", "quarantined", False, None),
        ):  # fmt: skip
            connection.execute(text(mail), {"key": key, "state": state, "released": released, "at": at})
    step(command.upgrade, sqlite_url, "head")
    with engine.begin() as connection:
        record = connection.execute(text('SELECT mail_id, decision, "by" FROM mail_decisions ORDER BY id')).all()
    engine.dispose()
    assert record == [(2, "released", "davi@x.example"), (1, "discarded", "davi@x.example"), (3, "retried", "davi@x.example")]  # fmt: skip


def step(act, url, revision):
    config, engine = _config(), open_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        act(config, revision)
    engine.dispose()

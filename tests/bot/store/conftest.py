"""Every test of the store runs over SQLite and, where its programs are on the machine, over PostgreSQL."""

from __future__ import annotations

import pytest

from tests.bot import postgres

_ENGINES = ["sqlite", "postgres"] if postgres.is_here() else ["sqlite"]


@pytest.fixture(params=_ENGINES)
def database_url(request: pytest.FixtureRequest) -> str:
    if request.param == "postgres":
        return request.getfixturevalue("emptied_postgres")
    path = request.getfixturevalue("tmp_path") / "triagem.db"
    path.write_bytes(request.getfixturevalue("migrated_file").read_bytes())
    return f"sqlite:///{path}"

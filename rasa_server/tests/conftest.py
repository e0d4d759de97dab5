"""One Redis, one action server, one trained assistant and one Rasa for the whole run; adapters as in production."""

import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from rasa_server import adapters

with warnings.catch_warnings(record=True):
    adapters.install()
    import rasa.core.run  # noqa: F401
    from rasa.utils.log_utils import configure_structlog

configure_structlog(logging.WARNING)

from rasa_server.tests.action_server import ActionServer
from rasa_server.tests.services import ASSISTANT, RasaServer, Redis, launch


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the trained assistant."""
    folder = tmp_path_factory.mktemp("model")
    trained = launch(
        "train", "--config", ASSISTANT / "config.yml", "--domain", ASSISTANT / "domain.yml",
        "--data", ASSISTANT / "data", "--out", folder, RASA_CACHE_DIRECTORY=str(folder / "cache"),
    )  # fmt: skip
    assert trained.returncode == 0, trained.stdout + trained.stderr
    return folder


@pytest.fixture(scope="session")
def _actions() -> Iterator[ActionServer]:
    server = ActionServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def actions(_actions: ActionServer) -> ActionServer:
    _actions.reset()
    return _actions


@pytest.fixture(scope="session")
def _rasa(
    model: Path, redis_server: Redis, _actions: ActionServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RasaServer]:
    server = RasaServer(model, redis_server.url, _actions.url)
    log = tmp_path_factory.mktemp("rasa") / "log"
    server.start(log)
    server.log = log
    yield server
    server.stop()


@pytest.fixture
def rasa(_rasa: RasaServer, actions: ActionServer) -> RasaServer:
    return _rasa

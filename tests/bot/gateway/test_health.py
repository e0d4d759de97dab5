"""Alive, and ready: with every part there, and with each one missing."""

import asyncio

import pytest

from bot.conversation.sessions import Sessions
from bot.store.engine import Database, open_engine
from tests.bot.conversation.channel import Channel


@pytest.fixture
def ready(assembly):
    """All parts there: an action server that answers, and a severity model."""
    assembly.assessor = object()
    with Channel() as actions:
        actions.answers["/health"] = (200, {"status": "ok"})
        port = int(actions.url.rpartition(":")[2])
        assembly.settings = assembly.settings.model_copy(update={"actions_port": port})
        yield


async def test_a_process_that_lives_says_so(as_):
    response = await as_().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_with_every_part_there_it_is_ready(as_, ready):
    response = await as_().get("/readyz")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "ready" and set(body["parts"].values()) == {"ok"}
    assert set(body["parts"]) >= {"rasa", "actions", "store", "redis", "index"}


def rasa_away(assembly, tmp_path):
    assembly.rasa.fail()


def actions_away(assembly, tmp_path):
    assembly.settings = assembly.settings.model_copy(update={"actions_port": 1})


def store_away(assembly, tmp_path):
    assembly.database = Database(open_engine(f"sqlite:///{tmp_path}/empty.db"))


def redis_away(assembly, tmp_path):
    assembly.sessions = Sessions.connect(f"unix://{tmp_path}/away.sock?db=0")


def index_away(assembly, tmp_path):
    del assembly.articles


def severity_away(assembly, tmp_path):
    del assembly.assessor


@pytest.mark.parametrize(
    ("take_away", "name"),
    [(rasa_away, "rasa"), (actions_away, "actions"), (store_away, "store"), (redis_away, "redis"),
     (index_away, "index"), (severity_away, "severity")],
)  # fmt: skip
async def test_a_part_that_does_not_answer_is_named(as_, ready, assembly, tmp_path, take_away, name):
    sessions = assembly.sessions
    take_away(assembly, tmp_path)
    response = await as_().get("/readyz")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body["failing"] == [name] and name in body["detail"]
    assert [part for part, state in body["parts"].items() if state != "ok"] == [name]
    await sessions.close()


async def test_the_process_lives_whatever_is_missing(as_, assembly, tmp_path):
    rasa_away(assembly, tmp_path)
    assert (await as_().get("/healthz")).status_code == 200


async def test_being_asked_often_at_once_is_no_trouble(as_, ready):
    client = as_()
    answers = await asyncio.gather(*(client.get("/readyz") for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}

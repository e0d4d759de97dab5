"""The gateway as a whole: when it refuses to start, and what it does by itself while it runs."""

import asyncio

import pytest

from bot.errors import StartError
from bot.gateway.app import create_app, serve
from bot.settings import Settings
from tests.bot.gateway.conftest import TALK, post


def test_with_the_development_secret_it_does_not_start_for_other_machines(tmp_path):
    with pytest.raises(StartError, match=r"TRIAGEM_HOST=0\.0\.0\.0.*TRIAGEM_IDENTITY_SECRET"):
        serve(Settings(home=tmp_path, host="0.0.0.0"))
    assert list(tmp_path.iterdir()) == []


async def test_two_gateways_live_beside_each_other_in_one_process(assembly):
    assert create_app(assembly) is not create_app(assembly)


async def test_while_it_runs_what_waits_is_answered_by_itself(app, as_, assembly, engine, clock):
    assembly.assessor = object()
    await post(as_(), text="o chat", more=True)
    clock.advance(seconds=10)
    async with app.router.lifespan_context(app), asyncio.timeout(10):
        while not engine.played:
            await asyncio.sleep(0.05)
    assert engine.heard == ["o chat"]
    assert [said["text"] for said in assembly.inbox.pushed_after(TALK, 0)] == ["ouvi: o chat"]


async def test_a_catch_up_that_fails_is_tried_again(app, as_, assembly, engine, clock, monkeypatch):
    assembly.assessor = object()
    await post(as_(), text="o chat", more=True)
    clock.advance(seconds=10)
    waiting, failures = assembly.inbox.waiting, iter([RuntimeError("uma vez")])

    def failing_once(**known):
        for failure in failures:
            raise failure
        return waiting(**known)

    monkeypatch.setattr(assembly.inbox, "waiting", failing_once)
    async with app.router.lifespan_context(app), asyncio.timeout(15):
        while not engine.played:
            await asyncio.sleep(0.05)
    assert engine.heard == ["o chat"]

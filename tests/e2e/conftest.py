"""Browsers, and the whole service with WhatsApp, beside a Graph API of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.desk import CHROMIUM, FLAGS, SIZES, Desk
from tests.graph_api import GraphServer
from tests.stack import Stack
from tests.whatsapp_talk import Line, with_contracts


@pytest.fixture(scope="session")
def line(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    home = stack.copy_built(tmp_path_factory.mktemp("wa") / "home")
    company = with_contracts(home.parent / "company")
    with GraphServer() as graph:
        settings = {**graph.settings(), "TRIAGEM_COMPANY_DIR": str(company)}
        with Stack(home, **settings) as service:
            graph.webhook = f"{service.url}/webhooks/whatsapp"
            yield Line(service, graph)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "chromium is not on PATH; Debian's package `chromium` gives it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def desk(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Desk]:
    face = request.module.__name__.rpartition("test_")[2]
    desk = Desk(browser, stack, request.param, face)
    yield desk
    for context in browser.contexts:
        context.close()
    assert not desk.trouble

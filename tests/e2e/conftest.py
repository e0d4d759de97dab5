"""The whole service with WhatsApp, beside a Graph API of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.graph_api import GraphServer
from tests.stack import Stack
from tests.whatsapp_talk import Line


@pytest.fixture(scope="session")
def line(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    home = tmp_path_factory.mktemp("wa") / "home"
    for built in ("models", "kb_index"):
        shutil.copytree(stack.home / built, home / built)
    with GraphServer() as graph:
        settings: dict[str, Any] = {**graph.settings(), "TRIAGEM_SILENCE_SECONDS": "0.3"}
        with Stack(home, **settings) as service:
            graph.webhook = f"{service.url}/webhooks/whatsapp"
            yield Line(service, graph)

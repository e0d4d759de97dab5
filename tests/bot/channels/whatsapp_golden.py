"""`python -m tests.bot.channels.whatsapp_golden` renews tests/payloads/whatsapp_sent.yml; read the difference.

The file holds what is posted to the Graph API for every text of domain.yml, and for what actions say that no text of
domain.yml shows: lists out of the catalog, lists of tickets, long summaries, articles.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.context import Services
from actions.following import Answers
from actions.intake import AskArticle, AskConfirm, AskCorrection, AskModule, AskProduct, AskType
from actions.server import build_services
from bot.assembly import Assembly
from bot.channels.whatsapp_graph import GraphApi
from bot.channels.whatsapp_rendering import render, template_parameter
from bot.settings import ROOT, Settings
from bot.sla.assessment import Assessor
from bot.store.engine import migrate
from tests.bot.clock import TUESDAY
from tests.bot.filings import filing
from tests.bot.people import ANA, as_requester
from tests.bot.sla.bakery import MATRIX, trained
from tests.graph_api import PHONE_ID, TOKEN, GraphServer

PATH = ROOT / "tests" / "payloads" / "whatsapp_sent.yml"
_DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
_LONG = "Ao salvar o atendimento, a tela fica branca e mostra a falha 77. " * 80
_CARD = {"id": "001", "title": "A tela fica branca", "passage": "Limpe o **cache**.", "url": "https://x.example/001"}


def bubbles() -> dict[str, dict[str, Any]]:
    """What the bot says, by name, as it lies in the outbox. Blanks of a text of domain.yml stand as they are there."""
    said = {}
    for name, variants in _DOMAIN["responses"].items():
        for number, variant in enumerate(variants, 1):
            said[f"{name} {number}"] = _bubble(variant["text"], variant.get("buttons") or ())
    with tempfile.TemporaryDirectory() as folder:
        return said | dict(_said_by_actions(_services(Path(folder))))


async def payloads(said: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """What leaves for each bubble, in order, and a template at the end of those that are long."""
    with GraphServer() as server:
        graph = GraphApi(server.url, TOKEN, PHONE_ID)
        posted = {}
        for name, bubble in said.items():
            before = len(server.taken)
            for form in render(bubble):
                await graph.send("5511987654321", form, "whatsapp:1#0")
            if len(bubble["text"]) > 1_000:
                await graph.send_template("5511987654321", "aviso", "pt_BR", template_parameter(bubble), "whatsapp:1#0")
            posted[name] = [_own(taken.message) for taken in server.taken[before:]]
        await graph.close()
    return posted


def _own(message: dict[str, Any]) -> dict[str, Any]:
    """Without what every message has."""
    return {name: message[name] for name in (message["type"],)}


def _said_by_actions(services: Services) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _of("products", AskProduct(services))
    for product in services.data.catalog.products:
        yield from _of(f"modules of {product}", AskModule(services), product=product)
        yield from _of(f"types of {product}", AskType(services), product=product)
    yield from _of("fields to correct", AskCorrection())
    yield from _of("three articles", AskArticle(services), articles_offered=[_CARD] * 3)
    told = {
        "product": next(iter(services.data.catalog.products)),
        "type": "usability_question",
        "subject": "Tela branca",
    }
    yield from _of("a short summary", AskConfirm(services), **told, what="a tela fica branca")
    for length in (2_500, 5_000):
        yield from _of(f"a summary of {length} characters", AskConfirm(services), **told, what=_LONG[:length])
    for count in (1, 9):
        yield from _tickets(services, count)


def _of(name: str, action: Action, **slots: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    dispatcher = CollectingDispatcher()
    empty = {**dict.fromkeys(_DOMAIN["slots"]), **slots}
    tracker = Tracker("t", empty, {}, [], False, None, {}, "action_listen")
    asyncio.run(action.run(dispatcher, tracker, {}))  # type: ignore[arg-type]
    yield from _named(name, dispatcher)


def _tickets(services: Services, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    dispatcher, ana = CollectingDispatcher(), as_requester(ANA, "conversa-da-ana")
    for number in range(count):
        services.tickets.file(filing(ana, f"r{count}-{number}", subject=f"{number}: {_LONG[:60]}"))
    asyncio.run(Answers(services).several(dispatcher, "meus chamados", ana))
    yield from _named(f"a list after {count} ticket(s) more", dispatcher)


def _named(name: str, dispatcher: CollectingDispatcher) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, message in enumerate(dispatcher.messages, 1):
        response = _DOMAIN["responses"][message["response"]][0]
        text = re.sub(r"\{(\w+)\}", lambda blank, of=message: str(of[blank[1]]), response["text"])
        buttons = [*(response.get("buttons") or ()), *message["buttons"]]
        yield f"{name} {number}", _bubble(text, buttons, (message.get("custom") or {}).get("articles", []))


def _bubble(text: str, buttons: Any, articles: Any = ()) -> dict[str, Any]:
    # Rasa reads doubled braces as plain ones.
    plain = [(button["title"], button["payload"].replace("{{", "{").replace("}}", "}")) for button in buttons]
    choices = [{"title": title, "value": value} for title, value in plain]
    return {"text": text, "choices": choices, "articles": list(articles)}


def _services(folder: Path) -> Services:
    """On an empty database, in which a conversation of Ana has begun."""
    assembly = Assembly(Settings(home=folder), lambda: TUESDAY + timedelta(minutes=5))
    folder.mkdir(exist_ok=True)
    migrate(assembly.settings.database)
    assembly.assessor = Assessor(trained(), MATRIX, assembly.data.contracts)
    assembly.articles = object()  # type: ignore[assignment]
    assembly.inbox.open("conversa-da-ana", "web", ANA.email)
    return build_services(assembly)


def written() -> str:
    """The file's text."""
    return yaml.safe_dump(asyncio.run(payloads(bubbles())), allow_unicode=True, sort_keys=False, width=110)


if __name__ == "__main__":
    PATH.write_text(written(), "utf-8")

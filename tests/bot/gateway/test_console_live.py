"""Live updates of the console: what another process does arrives within two seconds, at the cost of one poller."""

import asyncio
import contextlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.conversation.message import CustomerMessage
from bot.gateway.browser_session import SESSION_COOKIE, new_session, seal
from bot.gateway.console_live import Watch
from bot.store.engine import Database, open_engine
from bot.store.people import KnownPerson
from bot.store.pulse import Pulse
from bot.store.tables import inbound
from bot.store.ticket_store import SqlTicketStore
from bot.tickets.files import FileLimits
from tests.bot import postgres
from tests.bot.filings import filing
from tests.bot.gateway.stream import listening
from tests.bot.people import ANA, DAVI, as_requester
from tests.stack import SECRET


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=pytest.mark.skipif(not postgres.is_here(), reason="none"))]
)
def database_url(request):
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "emptied_postgres")


@pytest.fixture
def actions(database_url, company):
    """The process in which the actions file tickets."""
    engine = open_engine(database_url)
    yield SqlTicketStore(Database(engine), company, FileLimits(3, 2_000_000))
    engine.dispose()


@pytest.fixture
def cookie(assembly):
    def cookie(person):
        assembly.people.note(KnownPerson(person.email, person.name, person.company, person.role))
        session = new_session(person.email, assembly.now(), timedelta(days=1))
        return f"{SESSION_COOKIE}={seal(session, SECRET, assembly.now())}"

    return cookie


@pytest.fixture
def watch(assembly):
    return Watch(assembly.pulse, poll_seconds=0.05)


def data(text):
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


async def test_a_ticket_filed_by_another_process_arrives(app, assembly, actions, cookie):
    assembly.inbox.open("conversa-ana", "web", ANA.email)
    async with listening(app, "/console/eventos", cookie=cookie(DAVI)) as stream:
        actions.file(filing(as_requester(ANA, "conversa-ana")))
        text = await stream.until("PC-1001", 2)
        assert data(text)[-1] == {"tickets": ["PC-1001"], "conversations": [], "mails": False}


async def test_what_another_process_commits_out_of_order_arrives_within_two_seconds(
    app, assembly, actions, cookie, clock
):
    """Of two writers at once the later one is done first; PostgreSQL lets them, and SQLite makes them queue."""
    for conversation in ("conversa-ana", "conversa-bruno"):
        assembly.inbox.open(conversation, "web", None)
    slow = {"client_id": "m-1", "attachments": [], "more": False, "requester": {}, "received_at": clock()}
    async with listening(app, "/console/eventos", cookie=cookie(DAVI)) as stream:
        if assembly.database._engine.dialect.name == "postgresql":
            with actions._database.write() as connection:
                connection.execute(insert(inbound).values(conversation_id="conversa-ana", **slow))
                assembly.inbox.keep("conversa-bruno", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-bruno"))
                await stream.until("conversa-bruno", 2)
        else:
            assembly.inbox.keep("conversa-ana", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-ana"))
        await stream.until("conversa-ana", 2)


async def test_whoever_comes_back_is_told_from_when_on_nothing_is_missed(app, assembly, actions, cookie):
    """Then the page is fetched anew, and what is committed from then on arrives."""
    assembly.inbox.open("conversa-ana", "web", ANA.email)
    for _ in range(3):
        async with listening(app, "/console/eventos", cookie=cookie(DAVI)) as stream:
            await stream.until("event: ready")
    async with listening(app, "/console/eventos", cookie=cookie(DAVI)) as stream:
        await stream.until("event: ready")
        actions.file(filing(as_requester(ANA, "conversa-ana")))
        await stream.until("PC-1001", 2)


async def test_one_who_comes_as_the_last_one_leaves_is_told(watch, assembly):
    async with watch.listening():
        pass
    async with watch.listening() as heard:
        await asyncio.to_thread(assembly.inbox.open, "conversa-ana", "web", None)
        assembly.inbox.keep("conversa-ana", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-ana"))
        assert (await asyncio.wait_for(heard.get(), 2)).conversations == {"conversa-ana"}


async def test_a_mail_that_is_held_arrives(app, assembly, cookie):
    async with listening(app, "/console/eventos", cookie=cookie(DAVI)) as stream:
        assembly.mails.keep(b"x", "<1@x>/a", None, "", refused="grande demais")
        assert data(await stream.until("news", 2))[-1] == {"tickets": [], "conversations": [], "mails": True}


async def test_news_of_others_are_no_news_for_customers(at):
    assert (await at(ANA).get("/console/eventos")).status_code == 403


async def test_however_many_listen_the_database_is_asked_by_one_and_by_none_when_none_listens(
    watch, assembly, monkeypatch
):
    asked = 0
    news = Pulse.news

    def counted(pulse, before):
        nonlocal asked
        asked += 1
        return news(pulse, before)

    monkeypatch.setattr(Pulse, "news", counted)
    assembly.inbox.open("conversa-ana", "web", None)
    async with contextlib.AsyncExitStack() as streams:
        heard = [await streams.enter_async_context(watch.listening()) for _ in range(5)]
        await asyncio.sleep(0.5)
        assert 2 <= asked <= 12
        assembly.inbox.keep("conversa-ana", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-ana"))
        for queue in heard:
            assert (await asyncio.wait_for(queue.get(), 5)).conversations == {"conversa-ana"}
    await asyncio.sleep(0.1)
    asked = 0
    await asyncio.sleep(0.3)
    assert asked == 0


async def test_a_database_that_fails_for_a_while_ends_no_stream_and_loses_nothing(watch, assembly, monkeypatch):
    assembly.inbox.open("conversa-ana", "web", None)
    async with watch.listening() as heard:
        with monkeypatch.context() as broken:
            broken.setattr(Pulse, "news", lambda *_: 1 / 0)
            await asyncio.sleep(0.2)
            assembly.inbox.keep("conversa-ana", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-ana"))
            await asyncio.sleep(0.2)
        assert (await asyncio.wait_for(heard.get(), 5)).conversations == {"conversa-ana"}

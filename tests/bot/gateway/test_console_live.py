"""Live updates of the console: what another process does arrives, also after a break, at the cost of one poller."""

import asyncio
import json
from datetime import timedelta

import pytest

from bot.conversation.message import CustomerMessage
from bot.gateway.browser_session import SESSION_COOKIE, new_session, seal
from bot.gateway.console_live import Watch
from bot.store.engine import Database, open_engine
from bot.store.inbox import Inbox
from bot.store.people import KnownPerson
from bot.store.pulse import Mark, Pulse
from bot.store.ticket_store import SqlTicketStore
from bot.tickets.files import FileLimits
from tests.bot.filings import filing
from tests.bot.gateway.stream import listening
from tests.bot.people import ANA, DAVI, as_requester
from tests.stack import SECRET


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


def ids(text):
    return [line.removeprefix("id: ") for line in text.splitlines() if line.startswith("id: ")]


async def test_a_ticket_filed_by_another_process_arrives(app, assembly, actions, cookie):
    assembly.inbox.open("conversa-ana", "web", ANA.email)
    async with listening(app, "/console/eventos", cookie=cookie(DAVI)) as stream:
        await asyncio.sleep(0.3)
        actions.file(filing(as_requester(ANA, "conversa-ana")))
        assert data(await stream.until("PC-1001")) == [{"tickets": ["PC-1001"], "conversations": []}]


async def test_what_happened_while_away_arrives_on_coming_back(app, assembly, actions, cookie):
    assembly.inbox.open("conversa-ana", "web", ANA.email)
    seen = str(assembly.pulse.mark())
    actions.file(filing(as_requester(ANA, "conversa-ana")))
    assembly.inbox.keep("conversa-ana", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-ana"))
    async with listening(app, "/console/eventos", cookie=cookie(DAVI), last_event_id=seen) as stream:
        text = await stream.until("data: ")
        assert data(text) == [{"tickets": ["PC-1001"], "conversations": ["conversa-ana"]}]
        assert ids(text) == [str(assembly.pulse.mark())]


@pytest.mark.parametrize("id", ["", "x", "1-2", "1-2-3-4-²", "9" * 90, "-1-1-1-1-1"])
async def test_an_id_that_is_none_of_ours_is_as_good_as_none(app, assembly, actions, cookie, id):
    assembly.inbox.open("conversa-ana", "web", ANA.email)
    actions.file(filing(as_requester(ANA, "conversa-ana")))
    async with listening(app, "/console/eventos", cookie=cookie(DAVI), last_event_id=id) as stream:
        assert stream.status == 200
        await asyncio.sleep(0.2)
        assert "data: " not in await stream.until("retry")


async def test_news_of_others_are_no_news_for_customers(app, cookie):
    with pytest.raises(TimeoutError):
        async with listening(app, "/console/eventos", cookie=cookie(ANA)):
            pytest.fail("a customer listens")


async def test_however_many_listen_the_database_is_asked_by_one_and_by_none_when_none_listens(
    watch, assembly, monkeypatch
):
    asked = 0
    mark = Pulse.mark

    def counted(pulse):
        nonlocal asked
        asked += 1
        return mark(pulse)

    monkeypatch.setattr(Pulse, "mark", counted)
    streams = [watch.changes(None) for _ in range(5)]
    waiting = [asyncio.create_task(anext(stream)) for stream in streams]
    await asyncio.sleep(0.5)
    assert 2 <= asked <= 12
    Inbox(assembly.database, assembly.now).open("conversa-ana", "web", None)
    assembly.inbox.keep("conversa-ana", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-ana"))
    news = await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert all(changed.conversations == {"conversa-ana"} for _, changed in news)
    for stream in streams:
        await stream.aclose()
    await asyncio.sleep(0.1)
    asked = 0
    await asyncio.sleep(0.3)
    assert asked == 0


async def test_a_database_that_fails_for_a_while_ends_no_stream(watch, assembly, monkeypatch):
    stream = watch.changes(None)
    waiting = asyncio.create_task(anext(stream))
    await asyncio.sleep(0.1)
    with monkeypatch.context() as broken:
        broken.setattr(Pulse, "mark", lambda _: 1 / 0)
        await asyncio.sleep(0.2)
    assembly.inbox.open("conversa-ana", "web", None)
    assembly.inbox.keep("conversa-ana", CustomerMessage("m-1", "oi"), as_requester(ANA, "conversa-ana"))
    _, changed = await asyncio.wait_for(waiting, 5)
    assert changed.conversations == {"conversa-ana"}
    await stream.aclose()


def test_a_mark_is_read_as_it_is_written():
    assert Mark.parse(str(Mark(1, 2, 3, 4, 5))) == Mark(1, 2, 3, 4, 5)

"""What the chat adds to a ticket that exists: kept, or refused with the reason."""

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.adding import Additions
from bot.assembly import Assembly
from bot.settings import Settings
from bot.store.engine import migrate
from tests.bot.filings import filing
from tests.bot.people import ANA, as_requester

WHO = as_requester(ANA, "conversa-ana")


@pytest.fixture
def parts(tmp_path):
    parts = Assembly(Settings(home=tmp_path, max_uploads=2))
    migrate(parts.settings.database)
    parts.inbox.open(WHO.conversation, "web", ANA.email)
    yield parts
    parts.database._engine.dispose()


async def test_files_that_the_ticket_has_count_with_those_that_the_chat_brings(parts):
    number = parts.tickets.file(filing(WHO)).number
    for n, response in enumerate(("utter_added", "utter_added", "utter_addition_refused")):
        dispatcher = CollectingDispatcher()
        file = parts.attachments.save(WHO.conversation, f"{n}.txt", "text/plain", b"linha %d" % n)
        told = {"text": f"Parte {n}", "key": f"chat:{n}", "files": [file.id], "names": [file.name]}
        await Additions(parts).add(dispatcher, number, WHO, told)
        assert dispatcher.messages[0]["response"] == response
    assert "até 2 anexos" in dispatcher.messages[0]["reason"]
    assert [file.name for file in parts.tickets.by_number(number).attachments] == ["0.txt", "1.txt"]

"""Tickets over HTTP: what one sees of one's own, and that others' do not exist."""

import pytest

from tests.bot.filings import filing
from tests.bot.gateway.conftest import assert_refused
from tests.bot.people import ANA, BRUNO, CARLA, DAVI, as_requester, visitor


@pytest.fixture
def file(assembly):
    def file(person, id, **told):
        conversation = f"conversa-{id}"
        assembly.inbox.open(conversation, "web", None)
        who = as_requester(person, conversation) if person else visitor(conversation)
        told = {"product": "OMNI", "module": "CHAT", **told}
        return assembly.tickets.file(filing(who, id, **told)).number

    return file


@pytest.fixture
def numbers(as_):
    async def numbers(person, **query):
        body = (await as_(person).get("/api/tickets", params=query)).json()
        return [item["number"] for item in body["items"]]

    return numbers


async def test_a_ticket_is_shown_to_its_creator_a_colleague_and_support(as_, file):
    number = file(ANA, "r1")
    for person in (ANA, BRUNO, DAVI):
        response = await as_(person).get(f"/api/tickets/{number}")
        assert (response.status_code, response.json()["number"]) == (200, number)


async def test_a_ticket_of_another_company_is_not_there_rather_than_forbidden(as_, file):
    number = file(ANA, "r1", what="segredo da aurora")
    assert_refused(await as_(CARLA).get(f"/api/tickets/{number}"), 404, "segredo")


async def test_a_ticket_that_is_not_there_answers_as_one_that_is_hidden(as_, file):
    hidden = await as_(CARLA).get(f"/api/tickets/{file(ANA, 'r1')}")
    missing = await as_(CARLA).get("/api/tickets/PC-9999")
    assert hidden.json()["detail"].replace("PC-1001", "PC-9999") == missing.json()["detail"]


async def test_a_number_may_be_written_in_small_letters(as_, file):
    number = file(ANA, "r1")
    assert (await as_(ANA).get(f"/api/tickets/{number.lower()}")).json()["number"] == number


async def test_mine_are_mine_and_the_teams_are_the_companys(file, numbers):
    mine, theirs, _ = file(ANA, "r1"), file(BRUNO, "r2"), file(CARLA, "r3")
    assert await numbers(ANA) == [mine]
    assert await numbers(ANA, scope="team") == [theirs, mine]


async def test_support_sees_all(file, numbers):
    given = [file(ANA, "r1"), file(CARLA, "r2"), file(None, "r3")]
    assert await numbers(DAVI, scope="team") == given[::-1]


@pytest.mark.parametrize(
    ("query", "fits"),
    [({"status": "open"}, True), ({"status": "resolved"}, False), ({"type": "report_error"}, True),
     ({"type": "usability_question"}, False), ({"q": "forno"}, True), ({"q": "geladeira"}, False),
     ({"creator": ANA.email}, True), ({"creator": BRUNO.email}, False)],
)  # fmt: skip
async def test_a_list_is_narrowed(file, numbers, query, fits):
    number = file(ANA, "r1")
    assert await numbers(BRUNO, scope="team", **query) == ([number] if fits else [])


async def test_a_list_never_shows_what_another_company_filed(file, numbers):
    file(ANA, "r1")
    for query in ({}, {"q": "forno"}, {"q": "%"}, {"creator": ANA.email}, {"status": "open"}, {"q": "PC-1001"}):
        assert await numbers(CARLA, scope="team", **query) == []


async def test_next_leads_through_all_pages(as_, file):
    given = [file(ANA, f"r{n}") for n in range(5)][::-1]
    seen, after = [], None
    while True:
        params = {"limit": 2} | ({"next": after} if after else {})
        body = (await as_(ANA).get("/api/tickets", params=params)).json()
        seen += [item["number"] for item in body["items"]]
        after = body["next"]
        if after is None:
            break
    assert seen == given


async def test_a_page_that_is_just_full_has_no_next(as_, file):
    file(ANA, "r1"), file(ANA, "r2")
    assert (await as_(ANA).get("/api/tickets", params={"limit": 2})).json()["next"] is None


async def test_the_next_of_somebody_else_shows_nothing_of_theirs(file, numbers):
    theirs = file(ANA, "r1")
    assert await numbers(CARLA, next=theirs) == []

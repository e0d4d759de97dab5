"""Understanding, severity and search over HTTP."""

from datetime import datetime

import pytest

from bot.sla.assessment import Assessor
from bot.sla.contracts import Contract, Contracts, Target
from tests.bot.gateway.conftest import assert_refused

DOWN = "O chat está fora do ar para todos, nenhum operador consegue atender"


@pytest.fixture
def assessor(assembly, severity_model):
    lojas_aurora = Contract("Lojas Aurora", targets={1: Target(1, 3)}, always_open_for=frozenset({1}))
    contracts = Contracts(assembly.data.calendar, [lojas_aurora])
    assembly.assessor = Assessor(severity_model, assembly.data.matrix, contracts)
    return assembly.assessor


@pytest.fixture
def severity(as_, assessor):
    async def ask(text=DOWN, **more):
        return await as_().post("/api/severity", json={"text": text, **more})

    return ask


async def test_a_text_is_understood_with_the_fields_of_the_interface(as_, assessor):
    text = "o chat não abre, me liguem no (11) 98888-7777"
    body = (await as_().post("/api/understand", json={"text": text})).json()
    assert set(body) == {
        "goal", "confidence", "product", "module", "type", "who", "what", "where", "when", "why", "contact",
    }  # fmt: skip
    assert (body["goal"], body["type"], body["confidence"]) == ("report_error", "report_error", 0.988)
    assert (body["product"], body["module"]) == ("OMNI", "CHAT")
    assert body["what"] in text and body["who"] is None
    assert body["contact"] in text and body["contact"].endswith("98888-7777")


async def test_what_is_heard_as_an_error_but_is_none_is_of_the_next_kind(as_, assessor, engine):
    engine.ranking = {"report_error": 0.6, "usability_question": 0.3}
    body = (
        await as_().post("/api/understand", json={"text": "Como faço para transferir um atendimento de chat?"})
    ).json()
    assert (body["goal"], body["type"]) == ("usability_question", "usability_question")


@pytest.mark.parametrize("text", ["", "   ", "👍"])
async def test_of_a_text_without_words_nothing_is_understood(as_, engine, text):
    engine.fail()  # nor is anybody asked
    body = (await as_().post("/api/understand", json={"text": text})).json()
    assert (body["goal"], body["confidence"], body["product"]) == (None, 0.0, None)


@pytest.mark.parametrize("path", ["/api/understand", "/api/severity"])
async def test_while_the_engine_is_down_understanding_is_unavailable(as_, engine, path):
    engine.fail()
    response = await as_().post(path, json={"text": "palavras-da-cliente"})
    assert "alguns segundos" in assert_refused(response, 503, "palavras")["detail"]


async def test_an_incident_has_a_row_a_severity_and_deadlines(severity):
    body = (await severity(at="2026-02-13T17:30:00-03:00")).json()
    assert (body["applicable"], body["row"], body["severity"]) == (True, "SLA-03", 1)
    assert (body["diagnosis_hours"], body["solution_hours"]) == (2, 4)
    assert body["solution_due"] == "2026-02-18T12:30:00-03:00"
    assert body["candidates"][0]["row"] == "SLA-03" and 0 < body["probability"] <= 1
    assert body["explanation"]


async def test_an_instant_without_an_offset_is_the_desks_clock(severity):
    body = (await severity(at="2026-03-06T17:30:00")).json()
    assert body["solution_due"] == "2026-03-09T12:30:00-03:00"


async def test_without_an_instant_the_clock_runs_from_now(severity, clock):
    body = (await severity()).json()
    assert datetime.fromisoformat(body["diagnosis_due"]) == clock().replace(hour=15)


async def test_a_question_about_use_is_not_applicable(severity):
    body = (await severity("Como faço para transferir um atendimento de chat?")).json()
    assert body["applicable"] is False and body["explanation"]
    assert body["row"] is body["severity"] is body["solution_due"] is body["question"] is None
    assert body["candidates"] == []


async def test_a_question_that_is_open_can_be_answered(severity):
    vague = (await severity("problema no chat", product="OMNI", module="CHAT")).json()
    question = vague["question"]
    assert question["text"].endswith("?") and len(question["options"]) >= 2
    value = question["options"][0]["value"]
    answered = (await severity("problema no chat", product="OMNI", module="CHAT", answer=value)).json()
    assert answered["question"] is None and answered["severity"] in (1, 2, 3, 4)


@pytest.mark.parametrize("more", [{"product": "NADA"}, {"module": "x" * 50}, {"company": "Lojas Aurora"}])
async def test_what_is_not_known_of_a_place_changes_no_certainty(severity, more):
    assert (await severity(**more)).json()["severity"] == 1


@pytest.mark.parametrize("text", ["", "  ", "👍👍"])
async def test_severity_of_nothing_to_read_is_refused_with_what_to_do(severity, text):
    assert "Descreva" in assert_refused(await severity(text), 422)["detail"]


@pytest.mark.parametrize(
    "body",
    [{}, {"text": None}, {"text": "x" * 20_001}, {"text": 7}, {"text": "palavras", "at": "ontem"}, {"text": "palavras", "at": "0001-01-01T00:00:00+14:00"},
     {"text": "palavras", "at": "9999-12-31T23:59:59-03:00"},
     {"text": "palavras", "answer": "x" * 2_001}, {"text": "palavras", "product": ["OMNI"]}],
)  # fmt: skip
async def test_a_wrong_question_for_severity_is_refused(as_, body):
    assert_refused(await as_().post("/api/severity", json=body), 422, "palavras", "ontem", "x" * 20)


async def test_articles_are_found(as_):
    body = (await as_().get("/api/articles/search", params={"q": "como ligo o forno"})).json()
    assert body["answerable"] is True
    first = body["results"][0]
    assert set(first) == {"id", "title", "passage", "url", "score"}
    assert (first["id"], first["url"]) == ("ligar-forno", "/artigos/ligar-forno")


async def test_no_more_articles_than_asked_for(as_):
    body = (await as_().get("/api/articles/search", params={"q": "forno vitrine caixa", "limit": 2})).json()
    assert len(body["results"]) == 2


async def test_a_question_no_article_answers_is_not_answerable(as_):
    body = (await as_().get("/api/articles/search", params={"q": "quem ganhou o jogo"})).json()
    assert body["answerable"] is False


async def test_a_search_for_nothing_finds_nothing(as_):
    body = (await as_().get("/api/articles/search", params={"q": "  👍 "})).json()
    assert body == {"answerable": False, "results": []}


@pytest.mark.parametrize("params", [{}, {"q": "x" * 2_001}, {"q": "forno", "limit": 0}, {"q": "forno", "limit": 21}])
async def test_a_wrong_search_is_refused(as_, params):
    assert_refused(await as_().get("/api/articles/search", params=params), 422, "x" * 20, "forno")


async def test_the_contract_of_the_company_decides_the_deadlines(severity):
    friday = "2026-02-13T17:30:00-03:00"
    body = (await severity(at=friday, company="lojas  AURORA")).json()
    assert (body["diagnosis_hours"], body["solution_hours"]) == (1, 3)
    assert body["solution_due"] == "2026-02-13T20:30:00-03:00"
    assert "Pelo contrato da sua empresa, o prazo conta dia e noite" in body["explanation"]
    other = (await severity(at=friday, company="Outra")).json()
    assert (other["solution_hours"], other["solution_due"]) == (4, "2026-02-18T12:30:00-03:00")

"""Conversations at the console: taken over, written in, filed and given back."""

import asyncio
import re

import pytest

from bot.sla.assessment import Assessor
from bot.tickets.draft import TicketDraft
from tests.bot.conversation.engine import reply
from tests.bot.gateway.conftest import post
from tests.bot.people import ANA, DAVI, as_requester, visitor
from tests.stack import Person

EVA = Person("Eva Lima", "eva@suporte.example", None, "agent")
TALK = "conversa-da-ana"
HERE = f"/console/conversas/{TALK}"
TOLD = TicketDraft("d-1", product="OMNI", module="CHAT", type="usability_question", what="não acho a fila")
FORM = {"lugar": "OMNI/CHAT", "tipo": "usability_question", "what": "não acho a fila", "contact": "ramal 12"}


@pytest.fixture
def eva(at):
    return at(EVA)


@pytest.fixture(autouse=True)
def assessor(assembly):
    """None is asked about what is no incident."""
    assembly.assessor = object()


@pytest.fixture
async def ana(as_):
    """Ana, who has said hello in her conversation."""
    client = as_(ANA)
    await post(client, text="bom dia")
    return client


@pytest.fixture
async def asked(assembly, engine, ana):
    """Ana has asked for a human and told this much before."""
    assembly.tickets.hand_over(TOLD, as_requester(ANA, TALK), assembly.now())
    engine.script["quero uma pessoa"] = reply("Passo você", outcome="handoff")
    await post(ana, text="quero uma pessoa")


@pytest.fixture
def told(assembly):
    """What the conversation was told by people and not by the bot."""

    def told():
        return [one["text"] for one in assembly.inbox.history(TALK) if one["from"] == "agent"]

    return told


async def test_who_waits_stands_on_top_of_the_queue_with_how_long(davi, asked, clock):
    clock.advance(minutes=12)
    page = await davi.page("/console")
    assert "Pessoas à espera" in page and "Ana Prado" in page and "espera há 12 min" in page
    await davi.post(f"{HERE}/assumir")
    page = await davi.page("/console")
    assert "com você" in page and "espera há" not in page


async def test_of_two_agents_at_once_one_gets_it_and_the_other_is_told_who(davi, eva, asked, assembly, told):
    responses = await asyncio.gather(davi.post(f"{HERE}/assumir"), eva.post(f"{HERE}/assumir"))
    assert sorted(response.status_code for response in responses) == [303, 409]
    loser = next(response for response in responses if response.status_code == 409)
    holder = assembly.handovers.of(TALK).holder
    assert f"Esta conversa já está com {holder}" in loser.text
    assert told() == [f"{holder}, da equipe de suporte, está com você a partir de agora."]


async def test_a_conversation_is_taken_from_a_colleague_only_knowingly(davi, eva, asked, assembly):
    await davi.post(f"{HERE}/assumir")
    assert (await eva.post(f"{HERE}/assumir", no_lugar_de="outro@suporte.example")).status_code == 409
    assert (await eva.post(f"{HERE}/assumir", no_lugar_de=DAVI.email)).status_code == 303
    assert assembly.handovers.of(TALK).agent == EVA.email
    assert (await davi.post(f"{HERE}/escrever", chave="chave-davi", texto="oi")).status_code == 409


async def test_the_bot_is_silent_in_a_running_conversation_that_was_taken(davi, ana, engine, told):
    await davi.post(f"{HERE}/assumir")
    heard = list(engine.heard)
    assert (await post(ana, text="e agora?")).json()["messages"] == []
    assert engine.heard == heard and len(told()) == 1
    page = await davi.page(HERE)
    assert "e agora?" in page and "Esta conversa está com você" in page


async def test_what_the_agent_writes_is_said_once(davi, asked, told, assembly):
    await davi.post(f"{HERE}/assumir")
    form = {"chave": "chave-do-davi", "texto": " Já vejo para você. "}
    responses = await asyncio.gather(*(davi.post(f"{HERE}/escrever", **form) for _ in range(3)))
    assert {response.status_code for response in responses} == {303}
    assert told()[1:] == ["Já vejo para você."]
    assert assembly.inbox.pushed_after(TALK, 0)[-1]["name"] == "Davi Melo"


@pytest.mark.parametrize("text, status", [("", 422), ("  ", 422), ("oi", 409)])
async def test_what_cannot_be_said_is_given_back(davi, eva, asked, told, text, status):
    if status == 409:
        await eva.post(f"{HERE}/assumir")
    else:
        await davi.post(f"{HERE}/assumir")
    before = told()
    refused = await davi.post(f"{HERE}/escrever", chave="chave-do-davi", texto=text)
    assert refused.status_code == status and 'role="alert"' in refused.text
    assert told() == before


async def test_given_back_the_bot_answers_again_and_the_customer_is_told(davi, ana, asked, engine, told, assembly):
    await davi.post(f"{HERE}/assumir")
    for _ in range(2):
        assert (await davi.post(f"{HERE}/devolver")).status_code == 303
    assert len(told()) == 2 and "Devolvi a conversa ao assistente" in told()[-1]
    assert (await post(ana, text="obrigada")).json()["messages"][0]["text"] == "ouvi: obrigada"
    assert assembly.handovers.open() == []


async def test_only_who_holds_it_gives_it_back(davi, eva, asked, assembly):
    await davi.post(f"{HERE}/assumir")
    assert (await eva.post(f"{HERE}/devolver")).status_code == 409
    assert assembly.inbox.state(TALK).with_human


async def test_what_the_bot_was_told_is_there_when_a_running_conversation_is_taken(davi, ana, engine, assembly):
    engine.drafts[TALK] = TOLD
    assert "não acho a fila" in await davi.page(HERE)
    await davi.post(f"{HERE}/assumir")
    handover = assembly.handovers.of(TALK)
    assert handover.draft == TOLD
    assert (handover.requester.email, handover.requester.company) == (ANA.email, ANA.company)


async def test_a_conversation_is_taken_also_while_the_engine_is_down(davi, ana, engine, assembly):
    engine.fail()
    assert (await davi.post(f"{HERE}/assumir")).status_code == 303
    assert assembly.handovers.of(TALK).agent == DAVI.email


async def test_the_draft_is_filed_as_the_customer_s_ticket_once(davi, ana, asked, assembly, engine, told):
    await davi.post(f"{HERE}/assumir")
    responses = [await davi.post(f"{HERE}/chamado", **FORM) for _ in range(2)]
    assert {response.headers["location"] for response in responses} == {"/console/chamados/PC-1001"}
    ticket = assembly.tickets.by_number("PC-1001")
    assert (ticket.creator, ticket.company, ticket.contact) == (ANA.email, ANA.company, "ramal 12")
    assert ticket.draft_id == "d-1"  # the bot, asked for the same once more, gives the same ticket
    assert [text for text in told() if "PC-1001" in text] == [
        "Abri o chamado PC-1001 com o que você contou. A cópia vai para ana@aurora.example."
    ]
    assert TALK in engine.forgotten
    assert (await ana.get("/api/tickets/PC-1001")).status_code == 200
    assert "PC-1001" in await davi.page(HERE)


async def test_an_incident_filed_by_an_agent_has_severity_and_clocks(davi, asked, assembly, severity_model):
    assembly.assessor = Assessor(severity_model, assembly.data.matrix, assembly.data.contracts)
    await davi.post(f"{HERE}/assumir")
    words = "o chat está fora do ar para todos, ninguém consegue atender"
    await davi.post(f"{HERE}/chamado", **{**FORM, "tipo": "report_error", "what": words})
    ticket = assembly.tickets.by_number("PC-1001")
    assert ticket.severity == 1 and len(ticket.clock_events) == 2


async def test_a_draft_with_more_than_a_field_takes_is_filed_as_the_form_shows_it(davi, ana, assembly, engine):
    """A browser does not cut what a field was filled with, and would be refused for what nobody typed."""
    long = TicketDraft("d-9", product="OMNI", module="CHAT", subject="a" * 400, what="b" * 9_000, contact="c" * 400)
    assembly.tickets.hand_over(long, as_requester(ANA, TALK), assembly.now())
    await davi.post(f"{HERE}/assumir")
    page = await davi.page(HERE)
    subject, contact = (re.search(rf'name="{name}"[^>]* value="(.*?)"', page)[1] for name in ("subject", "contact"))
    what = re.search(r'<textarea id="what"[^>]*>(.*?)</textarea>', page)[1]
    assert (len(subject), len(contact), len(what)) == (300, 300, 8_000)
    form = {**FORM, "subject": subject, "contact": contact, "what": what}
    assert (await davi.post(f"{HERE}/chamado", **form)).status_code == 303


async def test_a_field_full_of_short_lines_is_not_too_long(davi, asked, assembly):
    """The browser counts one character for each end of a line, and sends two."""
    await davi.post(f"{HERE}/assumir")
    assert (await davi.post(f"{HERE}/chamado", **{**FORM, "what": "a\r\n" * 4_000})).status_code == 303


async def test_what_the_assistant_stresses_is_bold_and_nothing_else_is_more_than_text(davi, as_, engine):
    engine.script["**oi** <b>x</b>"] = reply("São **dois** tipos: <i>um</i>")
    await post(as_(), "conversa-de-alguem", text="**oi** <b>x</b>")
    page = await davi.page("/console/conversas/conversa-de-alguem")
    assert "São <b>dois</b> tipos: &lt;i&gt;um&lt;/i&gt;" in page and "**oi** &lt;b&gt;x&lt;/b&gt;" in page


@pytest.mark.parametrize("wrong", [{"lugar": ""}, {"lugar": "OMNI/"}, {"lugar": "X/Y"}, {"tipo": "x"}, {"what": "  "}])
async def test_a_draft_that_is_not_complete_is_given_back_as_it_was_typed(davi, asked, assembly, wrong):
    await davi.post(f"{HERE}/assumir")
    refused = await davi.post(f"{HERE}/chamado", **{**FORM, "why": "porque sim, ora", **wrong})
    assert refused.status_code == 422 and "porque sim, ora" in refused.text
    assert assembly.tickets.by_number("PC-1001") is None


async def test_a_draft_is_filed_only_by_who_holds_the_conversation(davi, eva, asked, assembly):
    await eva.post(f"{HERE}/assumir")
    assert (await davi.post(f"{HERE}/chamado", **FORM)).status_code == 422
    assert assembly.tickets.by_number("PC-1001") is None


@pytest.mark.parametrize("email, status", [("maria@visita.example", 303), ("", 303), ("maria", 422)])
async def test_an_unknown_person_s_address_is_only_claimed(at, as_, assembly, email, status):
    await post(as_(), "conversa-de-alguem", text="oi")
    assembly.tickets.hand_over(TOLD, visitor("conversa-de-alguem"), assembly.now())
    davi, here = at(DAVI), "/console/conversas/conversa-de-alguem"
    assert "Pessoa não identificada" in await davi.page(here)
    await davi.post(f"{here}/assumir")
    assert (await davi.post(f"{here}/chamado", **FORM, email=email)).status_code == status
    if status == 303:
        ticket = assembly.tickets.by_number("PC-1001")
        assert ticket.creator == (email or None)
        assert assembly.tickets.find("PC-1001", visitor("outra", proven=email or None)) is None


async def test_an_agent_s_words_reach_the_customer_s_open_page(davi, asked, assembly):
    await davi.post(f"{HERE}/assumir")
    async with assembly.sessions.bell(TALK) as bell:
        await bell.wait(0.2)
        await davi.post(f"{HERE}/escrever", chave="chave-do-davi", texto="Oi, Ana!")
        assert await bell.wait(3)


async def test_a_customer_at_the_widget_reads_the_agent_s_name_and_not_the_address(davi, ana, asked):
    await davi.post(f"{HERE}/assumir")
    await davi.post(f"{HERE}/escrever", chave="chave-do-davi", texto="Oi, Ana!")
    history = (await ana.get(f"/api/conversations/{TALK}/messages")).json()["messages"]
    assert history[-1]["name"] == "Davi Melo" and DAVI.email not in str(history)

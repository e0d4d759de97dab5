"""Which tickets a sentence asks for, said by Ana of Lojas Aurora on Tuesday the third of March 2026."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from actions.listing import listing
from bot.catalog import load_catalog
from bot.tickets.draft import Requester
from bot.tickets.ports import Creator
from tests.conftest import COMPANY
from tests.stack import ANA

NOW = datetime(2026, 3, 3, 10, tzinfo=ZoneInfo("America/Sao_Paulo"))
CATALOG = load_catalog(COMPANY)
ANAS = Requester("", "web", ANA.email, ANA.name, ANA.company)
ANA_HERSELF = Creator(ANA.email, ANA.name)
BRUNO = Creator("bruno@aurora.example", "Bruno Reis")
BRUNO_TOO = Creator("bruno.lima@aurora.example", "Bruno Lima")


def asked(text, who=ANAS, creators=(ANA_HERSELF, BRUNO)):
    return listing(text, who, creators, CATALOG, NOW, 5).query


@pytest.mark.parametrize(
    "text", ["meus chamados", "quais chamados eu tenho?", "minhas solicitações", "meus chamados todos, por favor"]
)
def test_one_s_own_tickets(text):
    assert asked(text).scope == "mine"


@pytest.mark.parametrize(
    "text",
    ["chamados da minha equipe", "ver todos os chamados", "os nossos chamados", "o que o pessoal daqui abriu",
     "os da empresa inteira"],
)  # fmt: skip
def test_the_team_s_tickets(text):
    assert asked(text).scope == "team"


def test_whoever_has_no_company_has_no_team():
    assert asked("chamados da equipe", Requester("", "web", ANA.email)).scope == "mine"


@pytest.mark.parametrize("text", ["o que o Bruno abriu?", "chamados do bruno reis", "oq o BRUNO pediu essa semana"])
def test_a_colleague_s_tickets(text):
    query = asked(text)
    assert (query.scope, query.creator) == ("team", BRUNO.email)


def test_a_first_name_that_two_share_says_nobody_but_the_full_name_does():
    both = (BRUNO, BRUNO_TOO)
    assert asked("os do Bruno", creators=both).creator is None
    assert asked("os do Bruno Lima", creators=both).creator == BRUNO_TOO.email


@pytest.mark.parametrize(
    "text, status, unresolved",
    [
        ("meus chamados abertos", None, True),
        ("o que está pendente?", None, True),
        ("os que ainda não foram finalizados", None, True),
        ("chamados resolvidos", "resolved", False),
        ("os encerrados da equipe", "resolved", False),
        ("quais estão esperando resposta minha?", "waiting_customer", False),
        ("tudo o que está no meu nome, aberto ou fechado", None, False),
        ("meus chamados", None, False),
    ],
)
def test_the_state(text, status, unresolved):
    query = asked(text)
    assert (query.status, query.unresolved) == (status, unresolved)


@pytest.mark.parametrize(
    "text, kind",
    [
        ("meus chamados abertos de erro", "report_error"),
        ("os pedidos de melhoria da equipe", "improvement_request"),
        ("minhas dúvidas", None),
        ("chamados de dúvida", "usability_question"),
        ("meus chamados", None),
    ],
)
def test_the_kind(text, kind):
    assert asked(text).type == kind


def test_the_period():
    query = asked("o que a Ana abriu este mês?")
    assert query.since == datetime(2026, 3, 1, tzinfo=NOW.tzinfo) and query.until == NOW
    assert asked("meus chamados").since is None


def test_the_title_says_what_was_understood():
    assert listing("chamados abertos de erro da equipe deste mês", ANAS, (), CATALOG, NOW, 5).title == (
        "Chamados da sua equipe, tipo Erros ou Incidentes, em aberto, desde 01/03"
    )

"""A check is offered for what it can cure, for whom it can help; the file's mistakes are named."""

import pytest

from bot.errors import ConfigurationError
from bot.preflight import load_preflight
from tests.conftest import COMPANY

OVEN = """
scope: {answers: [eu], only_one: [só comigo], one: [meu forno], several: [padeir*, todos], site: [na padaria]}
checks:
  plug: {title: Tomada, advice: Confira a tomada., symptoms: [não liga]}
  gas: {title: Gás, advice: Abra o gás., site: true, symptoms: [chama apag*]}
"""


@pytest.fixture
def written(tmp_path):
    def write(content):
        (tmp_path / "preflight.yml").write_text(content)
        return load_preflight(tmp_path)

    return write


@pytest.fixture
def oven(written):
    return written(OVEN)


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ("O forno NAO liga", "plug"),
        ("não quer mais ligar; não liga", "plug"),
        ("a chama do forno apagou", "gas"),
        ("a chama, no segundo forno de cima, apagou", None),
        ("não; ele religa", None),
        ("queima o pão", None),
    ],
)
def test_a_symptom_is_found_by_its_words_in_order(oven, said, check):
    assert oven.cure_for(said) == check


@pytest.mark.parametrize(
    ("told", "suits"),
    [
        ("meu forno não liga", True),
        ("só comigo, os padeiros usam normal", True),
        ("meu forno e o dos padeiros", False),
        ("o forno não liga", None),
        ("não liga na padaria", None),
    ],
)
def test_a_check_suits_one_person_only(oven, told, suits):
    assert oven.suits("plug", told) is suits


def test_a_whole_answer_may_say_that_it_is_one(oven):
    assert oven.suits("plug", "não liga", who="Eu") is True
    assert oven.suits("plug", "não liga", who="eu não sei") is None


def test_a_check_for_a_site_suits_several_people_there(oven):
    assert oven.suits("gas", "a chama apaga para os padeiros na padaria") is True
    assert oven.suits("gas", "a chama apaga para os padeiros") is False


def test_no_checks_at_all_cure_nothing(written):
    assert written("checks: {}\n").cure_for("não liga") is None


@pytest.mark.parametrize(
    ("spoilt", "problem"),
    [
        (OVEN.replace("[não liga]", "[]"), "diga que sintomas"),
        (OVEN.replace("[não liga]", "['*']"), "não tem palavras"),
        (OVEN.replace("title: Tomada, ", ""), "falta o campo obrigatório"),
        (OVEN.replace("advice: Confira", "conselho: Confira"), "checks.plug"),
    ],
)
def test_a_mistake_is_named(written, spoilt, problem):
    with pytest.raises(ConfigurationError, match=problem):
        written(spoilt)


SAID = [
    ("a tela do chat não carrega no meu computador", "cache", True),
    ("o dashboard aparece todo desconfigurado só pra mim", "cache", True),
    ("a tela fica branca para todos os operadores", "cache", False),
    ("minha conexão cai toda hora", "connection", True),
    ("a internet caiu na filial, a equipe desconecta toda hora", "connection", True),
    ("a equipe desconecta toda hora", "connection", False),
    ("a exportação do relatório vem sem cabeçalho", None, None),
    ("as mensagens chegam duplicadas", None, None),
]


@pytest.mark.parametrize(("said", "check", "suits"), SAID)
def test_the_companys_own_checks_are_offered_for_what_they_cure(said, check, suits):
    preflight = load_preflight(COMPANY)
    assert preflight.cure_for(said) == check
    assert check is None or preflight.suits(check, said) is suits

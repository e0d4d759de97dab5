"""A draft that was left for long is offered back; here "long" is two seconds."""

import time
from collections.abc import Iterator

import pytest

from tests.stack import ANA, Stack

SECONDS = 2.0
TOLD = "o relatório de vendas do report builder não exporta para excel"


@pytest.fixture(scope="module")
def impatient(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    home = stack.copy_built(tmp_path_factory.mktemp("resume") / "home")
    with Stack(home, TRIAGEM_RESUME_AFTER_HOURS=str(SECONDS / 3600)) as second:
        yield second


def left_in_the_middle(stack: Stack):
    talk = stack.talk(ANA)
    asked = talk.say(TOLD)["asking"]
    time.sleep(SECONDS + 0.2)
    return talk, asked


def test_a_greeting_after_a_long_silence_offers_the_draft_and_it_goes_on_at_the_same_question(impatient: Stack) -> None:
    talk, asked = left_in_the_middle(impatient)
    assert talk.say("bom dia")["asking"] == "resume"
    assert "não exporta" in talk.said
    assert talk.choose("Continuar")["asking"] == asked


def test_a_new_problem_on_a_new_day_starts_clean_without_being_typed_again(impatient: Stack) -> None:
    talk, _ = left_in_the_middle(impatient)
    assert talk.say("o chat do omni está lento para todos os operadores")["asking"] == "resume"
    answer = talk.say("não, é outro")
    assert answer["asking"] not in ("product", "type", "subject", "resume")


def test_an_answer_after_a_long_silence_is_just_an_answer(impatient: Stack) -> None:
    talk, _ = left_in_the_middle(impatient)
    assert talk.say("aparece a mensagem 'falha ao gerar o arquivo' em todos os relatórios")["asking"] != "resume"


def test_a_greeting_without_a_long_silence_offers_nothing(stack: Stack) -> None:
    talk = stack.talk(ANA)
    asked = talk.say(TOLD)["asking"]
    assert talk.say("bom dia")["asking"] == asked

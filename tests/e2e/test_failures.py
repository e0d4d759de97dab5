"""What a customer meets when a part dies. The real processes are killed."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.stack import ANA, BRUNO, Stack, Talk, show

OUTAGE = "instabilidade"


def up_to_where(talk: Talk) -> None:
    """An intake whose open question is `where`."""
    for text in ("quero abrir um chamado de erro", "omni", "report builder", "relatório não sai"):
        talk.say(text)
    talk.say("ao clicar em exportar aparece 'tempo esgotado'")
    talk.say("a equipe de gestão")
    assert talk.last["asking"] == "where", show(talk.last)


@pytest.mark.parametrize("part", ["actions", "rasa", "redis"])
def test_a_part_killed_midway_loses_nothing_and_the_form_goes_on_at_the_same_question(stack: Stack, part: str) -> None:
    talk = stack.talk(ANA)
    up_to_where(talk)
    stack.kill(part)
    answer = talk.say("na tela de relatórios")
    assert OUTAGE in talk.said, show(answer)
    assert answer["asking"] == "where"

    stack.wait_ready(90)
    caught_up = wait_for_answer(talk, "na tela de relatórios")
    assert caught_up, f"the message kept was never answered: {talk.history()}"
    assert talk.say("desde ontem cedo")["asking"] == "why"


def test_a_message_repeated_after_an_outage_counts_once(stack: Stack) -> None:
    talk = stack.talk(ANA)
    up_to_where(talk)
    stack.kill("actions")
    talk.say("na tela de relatórios")
    stack.wait_ready(90)
    assert talk.say("na tela de relatórios")["asking"] == "when"


def test_the_gateway_killed_midway_answers_the_same_message_id_once_it_is_back(stack: Stack) -> None:
    talk = stack.talk(ANA)
    up_to_where(talk)
    body = {"id": uuid.uuid4().hex, "text": "na tela de relatórios"}
    first = talk.post(body)
    stack.kill("gateway")
    stack.wait_ready(90)
    assert talk.post(body) == first
    assert talk.say("desde ontem")["asking"] == "why"


def test_filing_while_the_gateway_dies_files_one_ticket(stack: Stack) -> None:
    talk = stack.talk(BRUNO)
    talk.say(
        "Desde ontem a equipe de gestão não consegue exportar nada na tela de relatórios do Report Builder, dá erro em "
        "todos os formatos, e a diretoria está sem números. Contato (11) 4002-8922, sem anexos."
    )
    while talk.last["asking"] != "confirm":
        talk.say("não sei dizer")
    body = {"id": uuid.uuid4().hex, "text": "sim, pode abrir"}
    before = tickets(stack)
    with ThreadPoolExecutor() as pool:
        posted = pool.submit(post_or_fail, talk, body)
        time.sleep(0.05)
        stack.kill("gateway")
        posted.result()
    stack.wait_ready(90)
    answer = talk.post(body)
    assert answer["outcome"] == "ticket", show(answer)
    assert talk.post(body) == answer
    assert len(tickets(stack)) == len(before) + 1


def test_two_messages_posted_at_once_keep_their_order(stack: Stack) -> None:
    for _ in range(5):
        talk = stack.talk(ANA)
        up_to_where(talk)
        with ThreadPoolExecutor() as pool:
            first = pool.submit(one_off, stack, talk, "na tela de relatórios")
            time.sleep(0.02)
            second = pool.submit(one_off, stack, talk, "desde ontem cedo")
        assert (first.result()["asking"], second.result()["asking"]) == ("when", "why")


def test_the_same_message_posted_at_once_has_one_effect(stack: Stack) -> None:
    talk = stack.talk(ANA)
    up_to_where(talk)
    id = uuid.uuid4().hex
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: one_off(stack, talk, "na tela de relatórios", id), range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["asking"] == "when"


def test_fragments_are_read_as_one_turn(stack: Stack) -> None:
    talk = stack.talk(ANA)
    up_to_where(talk)
    held = talk.say("na tela", more=True)
    assert held["pending"] and not held["messages"]
    assert talk.say("de relatórios")["asking"] == "when"


def test_a_fragment_left_alone_is_answered_by_an_event(stack: Stack) -> None:
    talk = stack.talk(ANA)
    up_to_where(talk)
    talk.say("na tela de relatórios", more=True)
    assert wait_for_answer(talk, "na tela de relatórios", seconds=15)


def wait_for_answer(talk: Talk, text: str, seconds: float = 60) -> bool:
    """True once the history holds an answer of the bot behind the customer's message."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        history = talk.history()
        place = next(i for i, item in enumerate(history) if item["text"] == text)
        if any(item["from"] == "bot" and OUTAGE not in (item["text"] or "") for item in history[place + 1 :]):
            return True
        time.sleep(0.3)
    return False


def one_off(stack: Stack, talk: Talk, text: str, id: str | None = None) -> dict[str, Any]:
    body = {"id": id or uuid.uuid4().hex, "text": text}
    response = stack.http(ANA).post(f"/api/conversations/{talk.id}/messages", json=body)
    response.raise_for_status()
    return response.json()


def post_or_fail(talk: Talk, body: dict[str, Any]) -> None:
    try:
        talk.post(body)
    except Exception:  # the connection dies with the gateway: what counts is what comes after
        return


def tickets(stack: Stack) -> list[str]:
    items = stack.http(BRUNO).get("/api/tickets", params={"limit": 100}).json()["items"]
    return [item["number"] for item in items]

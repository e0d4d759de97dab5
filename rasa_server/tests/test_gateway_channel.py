"""The gateway's door: what it lets in, what it answers, and that a turn is whole or has not been."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from rasa_server.gateway_channel import GatewayChannel
from rasa_server.tests.action_server import ActionServer, always
from rasa_server.tests.services import RasaServer, Redis, bearer


@pytest.fixture
def ana() -> str:
    """A customer who has not written before."""
    return f"ana-{uuid.uuid4()}"


def texts(answer: requests.Response) -> list[str]:
    return [message["text"] for message in answer.json()["messages"]]


# Who may come in


@pytest.mark.parametrize("headers", [{}, bearer("wrong"), bearer(""), {"Authorization": "a-token-for-tests"}])
@pytest.mark.parametrize("method, path", [("POST", "/turn"), ("POST", "/parse"), ("GET", "/health"), ("GET", "/conversations/ana"), ("DELETE", "/conversations/ana")])  # fmt: skip
def test_no_route_opens_without_the_token(rasa: RasaServer, method: str, path: str, headers: dict[str, str]) -> None:
    answer = requests.request(method, rasa.url + path, headers=headers, json={}, timeout=10)
    assert answer.status_code == 401


@pytest.mark.parametrize("credentials", [None, {}, {"token": ""}, {"token": "  "}, {"token": None}])
def test_the_channel_refuses_to_start_without_a_token(credentials: dict | None) -> None:
    with pytest.raises(Exception, match="no `token`"):
        GatewayChannel.from_credentials(credentials)


def test_rasas_own_doors_are_closed(rasa: RasaServer) -> None:
    root = f"http://127.0.0.1:{rasa.port}"
    for path in ("/webhooks/rest/webhook", "/model/parse", "/status", "/domain", "/conversations/ana/tracker"):
        assert requests.get(root + path, timeout=10).status_code == 404


# What a turn says


def test_an_answer_carries_messages_slots_form_and_intent(rasa: RasaServer, ana: str) -> None:
    answer = rasa.turn(ana, "1", payload='/open_ticket{"product": "ERP"}')
    body = answer.json()
    assert answer.status_code == 200
    assert body["messages"] == [{"text": "O que houve?", "buttons": [], "custom": None}]
    assert body["slots"]["product"] == "ERP"
    assert body["slots"]["requested_slot"] == "description"
    assert body["active_loop"] == "ticket_form"
    assert body["intent"] == {"name": "open_ticket", "confidence": 1.0}


def test_one_utterance_is_one_message_with_its_paragraphs_buttons_and_custom(rasa: RasaServer, ana: str) -> None:
    answer = rasa.turn(ana, "1", payload="/open_ticket")
    assert answer.json()["messages"] == [
        {
            "text": "Primeiro parágrafo.\n\nQual produto?",
            "buttons": [{"title": "ERP", "payload": '/open_ticket{"product": "ERP"}'}],
            "custom": {"kind": "list"},
        }
    ]


def test_several_messages_keep_their_order(rasa: RasaServer, ana: str) -> None:
    answer = rasa.turn(ana, "1", payload="/affirm")
    assert texts(answer) == ["Registrado.", "Mais alguma coisa?"]
    assert answer.json()["messages"][0]["custom"] == {"ticket": 7}


def test_a_turn_without_messages_is_no_failure(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    with actions.answering("action_submit", always(200, {"events": []})):
        answer = rasa.turn(ana, "1", payload="/affirm")
    assert (answer.status_code, answer.json()["messages"]) == (200, [])


def test_the_action_server_reads_the_metadata_of_the_message(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    rasa.turn(ana, "m-1", payload="/affirm", metadata={"company": 3})
    latest = actions.calls[-1]["tracker"]["latest_message"]
    assert (latest["metadata"], latest["message_id"]) == ({"company": 3}, "m-1")


# What a customer types is never a command


@pytest.mark.parametrize("text", ["/affirm", '/open_ticket{"product": "ERP"}', "/restart", "  /greet"])
def test_a_text_that_looks_like_a_payload_stays_a_text(rasa: RasaServer, actions: ActionServer, ana: str, text: str) -> None:
    rasa.turn(ana, "1", payload='/open_ticket{"product": "CRM"}')
    answer = rasa.turn(ana, "2", text=text).json()
    assert answer["slots"]["description"] == text.strip()
    assert answer["slots"]["product"] == "CRM"
    assert answer["intent"]["confidence"] < 1
    assert actions.calls[-1]["tracker"]["latest_message"]["text"] == text.strip()


def test_parse_takes_a_slash_as_text(rasa: RasaServer) -> None:
    parsed = rasa.post("/parse", {"text": "/bom dia"}).json()
    assert set(parsed) == {"text", "intent", "intent_ranking", "entities"}
    assert (parsed["text"], parsed["intent"]["name"]) == ("/bom dia", "greet")
    assert parsed["intent_ranking"][0] == parsed["intent"]
    assert parsed["intent"]["confidence"] < 1


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"text": "oi", "payload": "/greet"}, "either"),
        ({}, "either"),
        ({"text": "  "}, "blank"),
        ({"text": 7}, "texts"),
        ({"payload": "greet"}, "must begin with"),
        ({"payload": "/unheard_of"}, "intent of the domain"),
        ({"text": "oi", "sender": ""}, "`sender`"),
        ({"text": "oi", "message_id": None}, "`message_id`"),
        ({"text": "oi", "metadata": []}, "`metadata`"),
    ],
)
def test_a_wrong_turn_is_refused_with_a_sentence(rasa: RasaServer, ana: str, change: dict, sentence: str) -> None:
    said = {"sender": ana, "message_id": "1"} | change
    answer = rasa.turn(said.pop("sender"), said.pop("message_id"), **said)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/turn", "/parse"])
@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"oi"'])
def test_a_body_that_is_no_object_is_refused(rasa: RasaServer, path: str, body: str) -> None:
    answer = requests.post(rasa.url + path, data=body, headers=bearer(), timeout=10)
    assert answer.status_code == 422


# A turn that fails has not been


@pytest.mark.parametrize(
    "broken, detail",
    [
        (always(500, {"request_body": "o cliente disse"}), "answered 500"),
        (always(404, {}), "answered 404"),
        (always(449, {}), "answered 449"),
        (always(200, {"events": [{"event": "slot"}]}), "ValidationError"),
        (always(200, {"events": []}, after_s=11), "no answer within 10 s"),
    ],
)
def test_a_turn_whose_action_fails_leaves_no_trace(
    rasa: RasaServer, actions: ActionServer, ana: str, broken, detail: str
) -> None:
    rasa.turn(ana, "1", payload='/open_ticket{"product": "CRM"}')
    with actions.answering("validate_ticket_form", broken):
        failed = rasa.turn(ana, "2", text="a tela sumiu")
    assert failed.status_code == 503
    assert failed.json()["failed"] == "actions"
    assert detail in failed.json()["detail"]
    assert "cliente" not in failed.text and "tela" not in failed.text
    repeated = rasa.turn(ana, "2", text="a tela sumiu").json()
    assert repeated["slots"]["description"] == "a tela sumiu"
    assert repeated["messages"][0]["text"] == "a tela sumiu: confirma?"


def test_after_a_failed_action_no_other_one_is_run(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    with actions.answering("validate_ticket_form", always(500, {})):
        rasa.turn(ana, "1", payload='/open_ticket{"product": "CRM"}')
    assert len(actions.calls) == 1


def test_a_rejection_is_no_failure(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    rasa.turn(ana, "1", payload="/open_ticket")
    assert rasa.turn(ana, "2", payload="/ask_hours").status_code == 200  # the form rejects, the rule for hours speaks


def test_one_connection_serves_many_calls(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    rasa.turn(ana, "0", payload="/affirm")
    before = actions.connections
    for number in range(5):
        rasa.turn(ana, f"n{number}", payload="/affirm")
    assert actions.connections - before <= 1


def test_without_redis_turns_fail_and_health_says_so(rasa: RasaServer, redis_server: Redis, ana: str) -> None:
    redis_server.stop()
    try:
        turn, health, forgotten = rasa.turn(ana, "1", text="oi"), rasa.get("/health"), rasa.forget(ana)
    finally:
        redis_server.start()
    assert {answer.status_code for answer in (turn, health, forgotten)} == {503}
    assert turn.json()["failed"] == "lock store"
    assert health.json()["failed"] == "tracker store"
    assert rasa.turn(ana, "1", text="oi").status_code == 200
    assert rasa.get("/health").json() == {"status": "ok"}


def test_a_redis_lost_during_the_turn_fails_it(rasa: RasaServer, actions: ActionServer, redis_server: Redis, ana: str) -> None:
    def stop_redis(_: dict) -> tuple[int, dict]:
        redis_server.freeze()
        return 200, {"events": []}

    with actions.answering("action_submit", stop_redis):
        failed = rasa.turn(ana, "1", payload="/affirm")
    redis_server.thaw()
    assert (failed.status_code, failed.json()["failed"]) == (503, "tracker store")


# A message counts once


def test_a_repeated_message_gets_its_answer_again_and_runs_nothing(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    first = rasa.turn(ana, "1", payload="/affirm").json()
    rasa.turn(ana, "2", text="bom dia")
    calls = len(actions.calls)
    again = rasa.turn(ana, "1", payload="/affirm")
    assert again.status_code == 200
    assert again.json()["messages"] == first["messages"]
    assert len(actions.calls) == calls


def test_a_turn_goes_on_when_its_client_hangs_up(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    with actions.answering("action_submit", always(200, {"responses": [{"text": "Registrado."}], "events": []}, after_s=1)):
        with pytest.raises(requests.Timeout):
            rasa.post("/turn", {"sender": ana, "message_id": "1", "payload": "/affirm"}, timeout=0.3)
        time.sleep(1.5)
    calls = len(actions.calls)
    assert texts(rasa.turn(ana, "1", payload="/affirm")) == ["Registrado."]
    assert len(actions.calls) == calls


def test_two_messages_at_once_are_both_kept(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda number: rasa.turn(ana, f"m{number}", text="bom dia"), range(6)))
    assert {answer.status_code for answer in answers} == {200}
    rasa.turn(ana, "last", payload="/affirm")
    heard = [event.get("message_id") for event in actions.calls[-1]["tracker"]["events"] if event["event"] == "user"]
    assert sorted(heard[:-1]) == [f"m{number}" for number in range(6)]


def test_one_slow_conversation_does_not_hold_up_another(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    with actions.answering("action_submit", always(200, {"events": []}, after_s=1.5)):
        slow = threading.Thread(target=rasa.turn, args=(ana, "1"), kwargs={"payload": "/affirm"})
        slow.start()
        time.sleep(0.2)
        began = time.monotonic()
        rasa.turn(f"bruno-{uuid.uuid4()}", "1", text="oi")
        assert time.monotonic() - began < 1
        slow.join()


# What is asked about a conversation


def test_the_slots_of_a_conversation_are_given_and_nothing_is_played(rasa: RasaServer, actions: ActionServer, ana: str) -> None:
    rasa.turn(ana, "1", payload='/open_ticket{"product": "CRM"}')
    calls = len(actions.calls)
    assert rasa.get(f"/conversations/{ana}").json()["slots"]["product"] == "CRM"
    assert len(actions.calls) == calls


def test_a_conversation_that_never_was_has_no_slots(rasa: RasaServer) -> None:
    assert rasa.get("/conversations/ninguem").json() == {"slots": None}


# What is forgotten


def test_a_forgotten_conversation_begins_anew(rasa: RasaServer, ana: str) -> None:
    rasa.turn(ana, "1", payload='/open_ticket{"product": "CRM"}')
    assert rasa.forget(ana).status_code == 204
    assert rasa.turn(ana, "2", payload="/greet").json()["slots"]["product"] is None


def test_a_sender_with_signs_of_a_url_can_be_forgotten(rasa: RasaServer, ana: str) -> None:
    sender = f"web:{ana} ção"
    rasa.turn(sender, "1", payload='/open_ticket{"product": "CRM"}')
    assert rasa.forget(requests.utils.quote(sender, safe="")).status_code == 204
    assert rasa.turn(sender, "2", payload="/greet").json()["slots"]["product"] is None

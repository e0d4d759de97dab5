"""Every kind of bad input is refused with a sentence that repeats nothing of it."""

import pytest

from tests.bot.gateway.conftest import TALK, assert_refused, post
from tests.bot.people import ANA

MESSAGES = f"/api/conversations/{TALK}/messages"
SECRET_WORDS = "palavras-da-cliente"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"nao e json", b'{"id": "m1", "text": "palavras-da-cliente', b"[1, 2]", b'"palavras-da-cliente"', b"null",
        b"{'id': 'palavras-da-cliente'}", b"{" * 5_000,
    ],
    ids=["empty", "no json", "cut off", "list", "string", "null", "single quotes", "deep"],
)  # fmt: skip
async def test_a_body_that_is_no_message_is_refused(as_, engine, content):
    assert_refused(await as_().post(MESSAGES, content=content, headers=JSON), 422, SECRET_WORDS)
    assert engine.played == []


async def test_a_body_in_another_encoding_is_refused(as_, engine):
    content = '{"id": "m1", "text": "palavras-da-cliente ação"}'.encode("latin-1")
    assert (
        "Confira o formato" in assert_refused(await as_().post(MESSAGES, content=content, headers=JSON), 400)["detail"]
    )
    assert engine.played == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": "a\x00b", "text": SECRET_WORDS}, "id"),
        ({"id": "m1", "attachments": ["../../" + SECRET_WORDS]}, "attachments.0"),
        ({"text": SECRET_WORDS}, "id"),
        ({"id": "", "text": SECRET_WORDS}, "id"),
        ({"id": "x" * 201, "text": SECRET_WORDS}, "id"),
        ({"id": None, "text": SECRET_WORDS}, "id"),
        ({"id": 7, "text": SECRET_WORDS}, "id"),
        ({"id": "m1", "text": [SECRET_WORDS]}, "text"),
        ({"id": "m1", "text": 12345}, "text"),
        ({"id": "m1", "choice": {"value": SECRET_WORDS}}, "choice"),
        ({"id": "m1", "choice": SECRET_WORDS * 200}, "choice"),
        ({"id": "m1", "attachments": SECRET_WORDS}, "attachments"),
        ({"id": "m1", "attachments": [{"id": SECRET_WORDS}]}, "attachments.0"),
        ({"id": "m1", "attachments": ["a"] * 21}, "attachments"),
        ({"id": "m1", "more": SECRET_WORDS}, "more"),
    ],
)
async def test_a_wrong_field_is_named_and_its_value_is_not(as_, engine, body, field):
    refused = assert_refused(await as_().post(MESSAGES, json=body), 422, SECRET_WORDS)
    assert field in refused["detail"] and refused["fields"] == [field]
    assert engine.played == []


@pytest.mark.parametrize("size", [9_000, 100_000])
async def test_a_text_that_is_too_long_is_refused_with_a_way_out(as_, engine, size):
    refused = assert_refused(await post(as_(), text="x" * size), 413, "x" * 20)
    assert "8000" in refused["detail"] and "anexo" in refused["detail"]
    assert engine.played == []


@pytest.mark.parametrize("where", ["text", "id", "choice", "attachments"])
async def test_half_a_character_is_refused_wherever_it_stands(as_, engine, where):
    value = r'["\ud83d"]' if where == "attachments" else r'"\ud83d palavras-da-cliente"'
    content = f'{{"id": "m1", "text": "oi", "{where}": {value}}}'
    if where == "id":
        content = f'{{"text": "oi", "id": {value}}}'
    assert_refused(await as_().post(MESSAGES, content=content, headers=JSON), 422, SECRET_WORDS)
    assert engine.played == []


@pytest.mark.parametrize(
    "conversation", ["abc", "1234567", "x" * 65, "com espaço aqui", "acentuação", "a%2Fb%2Fc%2Fd%2Fe", "aspas'\"aspas", "12345678%0A"]
)  # fmt: skip
async def test_a_conversation_id_that_cannot_be_one_is_refused(as_, engine, conversation):
    response = await post(as_(), conversation, text=SECRET_WORDS)
    assert_refused(response, 404 if "%2F" in conversation else 422, SECRET_WORDS)
    assert engine.played == []


@pytest.mark.parametrize("conversation", ["12345678", "x" * 64, "A.b_c-D9"])
async def test_a_conversation_id_that_can_be_one_is_taken(as_, conversation):
    assert (await post(as_(), conversation, text="olá")).status_code == 200


async def test_a_choice_that_was_not_offered_is_refused_with_a_way_out(as_, engine):
    refused = assert_refused(await post(as_(), choice=SECRET_WORDS), 422, SECRET_WORDS)
    assert "escreva com suas palavras" in refused["detail"]
    assert engine.played == []


@pytest.mark.parametrize("path", ["/api/nada", "/api/conversations", f"/api/conversations/{TALK}/nada"])
async def test_an_address_that_is_not_there_is_told_so(as_, path):
    assert_refused(await as_().get(path), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_a_method_that_is_not_taken_is_told_so(as_, method):
    assert_refused(await as_().request(method, MESSAGES), 405)


@pytest.mark.parametrize(
    "path",
    ["/api/tickets?scope=everybody", "/api/tickets?limit=0", "/api/tickets?limit=101", "/api/tickets?limit=muitos",
     "/api/tickets?q=" + "x" * 201],
)  # fmt: skip
async def test_a_wrong_query_is_refused(as_, path):
    assert_refused(await as_(ANA).get(path), 422, "x" * 20, "everybody", "muitos")


async def test_an_error_of_our_own_tells_nothing_of_its_inside(as_, engine, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setattr(engine, "turn", broken)
    refused = assert_refused(await post(as_(), text="olá"), 500, SECRET_WORDS, "RuntimeError", "Traceback")
    assert "do nosso lado" in refused["detail"]

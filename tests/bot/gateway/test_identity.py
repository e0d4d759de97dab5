"""Who calls: tokens that count, and all the ways in which one does not."""

import time

import jwt
import pytest
from sqlalchemy import event

from bot.errors import NotAuthenticated
from bot.gateway.identity import accept, read_token
from tests.bot.gateway.conftest import assert_refused, post
from tests.bot.people import ANA, DAVI
from tests.stack import SECRET

IN_AN_HOUR = int(time.time()) + 3600
CLAIMS = {"sub": "ana@aurora.example", "name": "Ana", "company": "Lojas Aurora", "exp": IN_AN_HOUR}


def signed(secret=SECRET, algorithm="HS256", **claims):
    return jwt.encode({**CLAIMS, **claims}, secret, algorithm=algorithm)


def without(name):
    return jwt.encode({key: value for key, value in CLAIMS.items() if key != name}, SECRET, algorithm="HS256")


def tampered():
    head, _, signature = signed().split(".")
    _, body, _ = signed(sub="carla@bancosul.example", role="agent").split(".")
    return f"{head}.{body}.{signature}"


WRONG = {
    "expired": signed(exp=int(time.time()) - 60),
    "another secret": signed("outro-segredo-tambem-com-32-caracteres!"),
    "alg none": jwt.encode(CLAIMS, None, algorithm="none"),
    "another algorithm": signed("x" * 64, algorithm="HS512"),
    "no exp": without("exp"),
    "no sub": without("sub"),
    "sub is no text": signed(sub=7),
    "not yet": signed(nbf=IN_AN_HOUR),
    "changed": tampered(),
    "cut off": signed()[:-10],
    "no token": "nao-e-um-token",
    "three dots": "...",
    "a session that is none": signed(**{"triagem:session": "abc"}),
    "a session of no time": signed(**{"triagem:session": ["abc", 1e300]}),
}


@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG.keys())
async def test_a_token_that_does_not_count_is_refused_everywhere(as_, engine, token):
    caller = as_(token=token)
    for response in (await post(caller, text="olá"), await caller.get("/api/tickets")):
        assert_refused(response, 401, token)
        assert response.headers["www-authenticate"] == "Bearer"
    assert engine.played == []


async def test_a_token_that_expired_says_so(as_):
    refused = assert_refused(await post(as_(token=WRONG["expired"]), text="olá"), 401)
    assert "expirou" in refused["detail"] and "Entre de novo no portal" in refused["detail"]


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic YW5hOmFuYQ==", signed(), "Token abc"])
async def test_a_header_that_is_no_bearer_token_says_how_to_send_one(as_, header):
    response = await as_().get("/api/tickets", headers={"Authorization": header})
    assert "Authorization: Bearer" in assert_refused(response, 401)["detail"]


async def test_the_word_bearer_may_be_written_in_any_case(as_):
    response = await as_().get("/api/tickets", headers={"Authorization": f"bearer {ANA.token()}"})
    assert response.status_code == 200


async def test_whoever_asks_for_tickets_must_say_who_they_are(as_):
    for path in ("/api/tickets", "/api/tickets/PC-1001"):
        assert "Identifique-se" in assert_refused(await as_().get(path), 401)["detail"]


def test_a_call_looks_once_at_what_is_known_of_the_person(assembly):
    accept(ANA.token(), assembly)
    asked = []
    event.listen(assembly.database._engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert accept(ANA.token(), assembly).name == ANA.name
    assert len([statement for statement in asked if "people" in statement]) == 1


def test_a_token_is_read_into_an_identity():
    identity = read_token(ANA.token(), SECRET)
    assert (identity.email, identity.name, identity.company, identity.role) == (
        ANA.email, ANA.name, ANA.company, "requester",
    )  # fmt: skip


def test_an_address_is_the_same_however_it_is_written():
    assert read_token(signed(sub=" Ana@Aurora.Example "), SECRET).email == "ana@aurora.example"


@pytest.mark.parametrize("role", ["admin", "Agent", "", None, True])
def test_only_agent_is_an_agent(role):
    assert read_token(signed(role=role), SECRET).role == "requester"
    assert read_token(DAVI.token(), SECRET).role == "agent"


def test_long_claims_are_cut_and_line_breaks_in_them_are_spaces():
    identity = read_token(signed(name="Ana\r\nPrado", company="x" * 500), SECRET)
    assert identity.name == "Ana Prado" and len(identity.company) == 200


@pytest.mark.parametrize("blank", ["", "   ", None])
def test_a_blank_company_is_none(blank):
    assert read_token(signed(company=blank), SECRET).company is None


def test_a_token_that_expired_some_seconds_ago_by_a_slow_clock_still_counts():
    assert read_token(signed(exp=int(time.time()) - 3), SECRET)
    with pytest.raises(NotAuthenticated):
        read_token(signed(exp=int(time.time()) - 15), SECRET)

"""What stands around every answer: policy, no sniffing, and who may call from where."""

import pytest

from tests.bot.gateway.conftest import TALK, assert_refused, post
from tests.bot.people import ANA

PAGES = ["/", "/incorporar", "/artigos", "/artigos/ligar-forno", "/chamados/PC-1001", "/artigos/nada"]
TALK_URL = f"/api/conversations/{TALK}"
ELSEWHERE = {"Origin": "https://loja.example"}


@pytest.mark.parametrize("path", [*PAGES, "/healthz", "/api/tickets", "/api/nada"])
async def test_every_answer_has_a_strict_policy_and_forbids_sniffing(as_, path):
    headers = (await as_().get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "object-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def assert_guarded(response):
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


async def test_an_answer_of_our_own_fault_has_them_too_and_can_be_read_by_another_site(
    as_, engine, monkeypatch, caplog
):
    async def broken(*_, **__):
        raise RuntimeError("texto da cliente")

    monkeypatch.setattr(engine, "turn", broken)
    client = as_()
    client.headers.update(ELSEWHERE)
    response = await post(client, text="olá")
    assert_refused(response, 500, "texto da cliente")
    assert_guarded(response)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "unexpected error at /api/conversations" in caplog.text and "RuntimeError" in caplog.text


async def hidden(total):
    for _ in range(total // 50_000):
        yield b"x" * 50_000


@pytest.mark.parametrize(
    ("method", "path", "how", "status"),
    [
        ("POST", f"{TALK_URL}/attachments", {"files": {"file": ("a.png", bytes(400_000))}}, 413),
        ("POST", f"{TALK_URL}/attachments", {"files": {"file": ("a.png", b"nada")}}, 415),
        ("POST", f"{TALK_URL}/attachments", {"json": {}}, 422),
        (
            "POST",
            f"{TALK_URL}/attachments",
            {"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
            400,
        ),
        ("POST", f"{TALK_URL}/messages", {"content": hidden, "headers": {"Content-Type": "application/json"}}, 413),
        ("POST", f"{TALK_URL}/messages", {"content": b"{"}, 422),
        ("PUT", "/api/tickets", {}, 405),
        ("GET", "/api/tickets", {}, 401),
        ("GET", "/api/attachments/nada", {}, 404),
        ("GET", "/api/attachments/nada/thumbnail", {}, 404),
        ("GET", "/static/nada.css", {}, 404),
        ("OPTIONS", "/api/tickets", {"headers": {**ELSEWHERE, "Access-Control-Request-Method": "GET"}}, 200),
        ("OPTIONS", "/api/tickets", {"headers": {**ELSEWHERE, "Access-Control-Request-Method": "PATCH"}}, 400),
    ],
)
async def test_a_refusal_of_each_kind_has_them_too(as_, method, path, how, status):
    if how.get("content") is hidden:
        how = how | {"content": hidden(400_000)}
    response = await as_().request(method, path, **how)
    assert response.status_code == status, response.text
    assert_guarded(response)


@pytest.mark.parametrize("path", [page for page in PAGES if page != "/artigos/nada"])
async def test_no_page_holds_a_script_or_a_style_of_its_own(as_, path):
    html = (await as_().get(path)).text
    assert "<script>" not in html and "<style" not in html and "javascript:" not in html and " onclick" not in html


async def test_any_site_may_call_without_cookies(as_):
    response = await as_(ANA).get("/api/tickets", headers=ELSEWHERE)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers


async def test_a_browser_that_asks_first_is_told_what_it_may_send(as_):
    asking = {
        **ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = await as_().options(f"/api/conversations/{TALK}/messages", headers=asking)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "authorization" in response.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in response.headers


async def test_a_refusal_can_be_read_by_another_site(as_):
    response = await as_().get("/api/tickets", headers=ELSEWHERE)
    assert response.status_code == 401 and response.headers["access-control-allow-origin"] == "*"


async def test_a_body_too_large_can_be_read_by_another_site(as_):
    content = bytes(400_000)
    response = await as_().post(f"/api/conversations/{TALK}/messages", content=content, headers=ELSEWHERE)
    assert response.status_code == 413 and response.headers["access-control-allow-origin"] == "*"


async def test_a_wrong_content_length_does_no_harm(as_):
    headers = {"Content-Length": "-5", "Content-Type": "application/json"}
    response = await as_().post(f"/api/conversations/{TALK}/messages", content=b"{}", headers=headers)
    assert response.status_code == 422

"""Log lines carry no message text, telephone or address: a marked life is lived, and every log is searched."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.dialogue.test_dialogues import PNG
from tests.stack import DAVI, Person, Stack, Talk

MARK = "cacatua"
PHONE = "(11) 97654-3210"
EMAIL = "marina.cacatua@aurora.example"
MARINA = Person(f"Marina {MARK.title()}", EMAIL, "Lojas Aurora")


def live(stack: Stack) -> str:
    """A ticket with everything that can go wrong on the way; gives its number."""
    talk = stack.talk(MARINA)
    picture = talk.upload(f"{MARK}.png", PNG)
    for text in (
        "Quero abrir um chamado", "Omni CRM", "Chat", "é um erro", f"A tela {MARK} não responde clientes",
        "não resolveu, vamos em frente", f'Aparece "{MARK} falhou"', f"A equipe {MARK}", f"Na tela {MARK}",
        "Começou hoje", f"A {MARK} parou", PHONE,
    ):  # fmt: skip
        talk.say(text)
    talk.say(f"segue {MARK}", attachments=[picture])
    answer = talk.last if talk.last["asking"] == "confirm" else talk.say("não tenho mais nada")
    assert answer["asking"] == "confirm", answer
    return talk.choose("Abrir chamado")["ticket"]["number"]


def misuse(stack: Stack) -> None:
    """Requests that are refused, each with the mark where a log line might repeat it."""
    talk, http = stack.talk(MARINA), stack.http(MARINA)
    here = f"/api/conversations/{talk.id}"
    http.post(f"{here}/messages", json={"id": "1", "text": MARK * 5_000})
    http.post(f"{here}/messages", json={"id": MARK, "text": {"a": MARK}})
    http.post(f"{here}/messages", content=f'{{"text": "{MARK}'.encode())
    http.post(f"{here}/messages", json={"id": "2", "choice": f'/choose{{"field": "{MARK}"}}'})
    http.post(f"{here}/attachments", files={"file": (f"{MARK}.exe", MARK.encode(), "image/png")})
    http.get(f"/api/tickets?q={MARK}&creator={EMAIL}")
    http.get(f"/api/articles/search?q={MARK}")
    http.post("/api/understand", json={"text": f"{MARK} {PHONE} {EMAIL}"})
    http.post("/api/severity", json={"text": f"{MARK} {PHONE} {EMAIL}"})
    http.get("/api/tickets", headers={"Authorization": f"Bearer {MARK}"})


def fail(stack: Stack) -> None:
    """A turn that the engine cannot carry out, and is caught up with later."""
    talk = stack.talk(MARINA)
    talk.say("oi")
    stack.kill("actions")
    talk.say(f"Quero falar da {MARK}, meu telefone é {PHONE}")
    stack.wait_ready(60)


def be_answered(stack: Stack, number: str) -> None:
    with httpx.Client(base_url=stack.url, follow_redirects=True, headers={"Accept": "text/html"}) as davi:
        davi.post("/entrar/token", data={"token": DAVI.token()})
        page = davi.get(f"/console/chamados/{number}").text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        form = {
            "csrf": token,
            "chave": uuid.uuid4().hex,
            "visto": "1",
            "ato": "responder",
            "texto": f"Sobre {MARK}: {PHONE}",
        }
        assert davi.post(f"/console/chamados/{number}", data=form).status_code == 200
        davi.get(f"/console?q={MARK}")
        davi.post("/entrar", data={"email": EMAIL})
        davi.post(f"/console/chamados/{number}", data={**form, "csrf": MARK})


@pytest.fixture(scope="module")
def lived(stack: Stack) -> Stack:
    number = live(stack)
    misuse(stack)
    be_answered(stack, number)
    fail(stack)
    return stack


def test_no_log_tells_what_was_said_who_said_it_or_how_to_reach_them(lived: Stack) -> None:
    logs = [path for path in lived.home.rglob("*.log") if path.is_file()]
    assert len(logs) >= 5, logs
    for path in logs:
        text = path.read_text(errors="replace").lower()
        for word in (MARK, EMAIL, PHONE, "97654", DAVI.email):
            lines = [line for line in text.splitlines() if word.lower() in line]
            assert lines == [], f"{path.name}: {lines[:3]}"


def test_the_failure_itself_was_logged(lived: Stack) -> None:
    """Silence would prove nothing."""
    assert "turn deferred" in (lived.home / "logs" / "gateway.log").read_text()


def test_the_talk_was_kept_where_it_belongs(lived: Stack) -> None:
    found = lived.http(MARINA).get("/api/tickets", params={"q": MARK}).json()["items"]
    assert found and isinstance(lived.talk(MARINA), Talk)

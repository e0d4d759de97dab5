"""The whole service as a customer meets it: `python -m bot up` on ports and a home of its own."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import psutil

ROOT = Path(__file__).resolve().parent.parent
# What a service builds at its first start, and finds at the next.
BUILT = ("models", "kb_index")
SECRET = "segredo-somente-dos-testes-0123456789"


@dataclass(frozen=True)
class Person:
    """Ana and Bruno share a company, Carla is of another, Davi answers for the desk."""

    name: str
    email: str
    company: str | None
    role: str = "requester"

    def token(self, lifetime_seconds: float = 3600) -> str:
        claims = {"sub": self.email, "name": self.name, "company": self.company, "role": self.role}
        claims["exp"] = int(time.time() + lifetime_seconds)
        return jwt.encode({k: v for k, v in claims.items() if v}, SECRET, algorithm="HS256")


ANA = Person("Ana Prado", "ana@aurora.example", "Lojas Aurora")
BRUNO = Person("Bruno Reis", "bruno@aurora.example", "Lojas Aurora")
CARLA = Person("Carla Nunes", "carla@bancosul.example", "Banco Sul")
DAVI = Person("Davi Melo", "davi@suporte.example", None, "agent")
PEOPLE = {"ana": ANA, "bruno": BRUNO, "carla": CARLA, "davi": DAVI}


@dataclass
class Talk:
    """One conversation of one person (or of nobody known)."""

    stack: Stack
    person: Person | None = None
    id: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex}")
    last: dict[str, Any] = field(default_factory=dict)

    def say(self, text: str | None, **more: Any) -> dict[str, Any]:
        return self.post({"id": uuid.uuid4().hex, "text": text, **more})

    def choose(self, title: str) -> dict[str, Any]:
        """Presses the button with that title in the last answer."""
        offered = [choice for message in self.last["messages"] for choice in message["choices"]]
        value = next((c["value"] for c in offered if c["title"] == title), None)
        assert value, f"no button {title!r} in {[c['title'] for c in offered]}"
        return self.post({"id": uuid.uuid4().hex, "choice": value})

    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        response = self.stack.http(self.person).post(f"/api/conversations/{self.id}/messages", json=body)
        response.raise_for_status()
        self.last = response.json()
        return self.last

    def left_alone(self) -> dict[str, Any]:
        """Waits until the bot has answered what was typed last; gives that answer, as far as the history tells it."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            response = self.stack.http(self.person).get(f"/api/conversations/{self.id}/messages")
            response.raise_for_status()
            history = response.json()
            said = list(itertools.takewhile(lambda one: one["from"] == "bot", reversed(history["messages"])))
            if said:
                self.last = {"messages": said[::-1], "asking": history["asking"], "outcome": None, "pending": False}
                return self.last
            time.sleep(0.1)
        raise AssertionError("what was left alone was not answered")

    def upload(self, name: str, content: bytes, mime: str = "application/octet-stream") -> str:
        files = {"file": (name, content, mime)}
        response = self.stack.http(self.person).post(f"/api/conversations/{self.id}/attachments", files=files)
        response.raise_for_status()
        return response.json()["id"]

    def history(self) -> list[dict[str, Any]]:
        response = self.stack.http(self.person).get(f"/api/conversations/{self.id}/messages")
        response.raise_for_status()
        return response.json()["messages"]

    @property
    def said(self) -> str:
        """All that the last answer says."""
        return "\n".join(message["text"] or "" for message in self.last["messages"])


class Stack:
    """Starts on entering, stops on leaving. `home` may be one used before: then the start is warm."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.port, self._rasa_port, self._actions_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("TRIAGEM_")},
            "TRIAGEM_HOME": str(home),
            "TRIAGEM_PORT": str(self.port),
            "TRIAGEM_RASA_PORT": str(self._rasa_port),
            "TRIAGEM_ACTIONS_PORT": str(self._actions_port),
            "TRIAGEM_IDENTITY_SECRET": SECRET,
            **settings,
        }
        self._clients: dict[str | None, httpx.Client] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Stack:
        self.home.mkdir(parents=True, exist_ok=True)
        self._log = (self.home / "up.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "up"],
            cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        try:
            self.wait_ready(900)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()
        self.stop()

    def stop(self, number: int = signal.SIGINT) -> int:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(40)
        self._log.close()
        return code

    def wait_ready(self, seconds: float) -> None:
        assert self.process
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError(f"the stack ended:\n{(self.home / 'up.log').read_text()[-3000:]}")
            if self.is_ready():
                return
            time.sleep(0.2)
        raise AssertionError(f"not ready after {seconds} s:\n{(self.home / 'up.log').read_text()[-3000:]}")

    def is_ready(self) -> bool:
        try:
            return self.http().get("/readyz", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def http(self, person: Person | None = None) -> httpx.Client:
        key = person.email if person else None
        if key not in self._clients:
            headers = {"Authorization": f"Bearer {person.token()}"} if person else {}
            self._clients[key] = httpx.Client(base_url=self.url, headers=headers, timeout=60)
        return self._clients[key]

    def talk(self, person: Person | None = None) -> Talk:
        return Talk(self, person)

    def pid_of(self, part: str) -> int:
        """The process that runs a part: rasa, actions, gateway, deliver, redis."""
        marks = {"rasa": "rasa_server", "actions": "-m actions", "gateway": "bot serve", "deliver": "bot deliver"}
        mark = marks.get(part, "redis.sock")
        assert self.process
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it ended between the two looks, or waits to be reaped
                if mark in " ".join(child.cmdline()):
                    return child.pid
        raise AssertionError(f"no process runs {part}")

    def kill(self, part: str, number: int = signal.SIGKILL) -> None:
        os.kill(self.pid_of(part), number)

    def copy_built(self, home: Path) -> Path:
        """Gives another home what this one has built, so that a service starts warm there."""
        for built in BUILT:
            shutil.copytree(self.home / built, home / built)
        return home

    def mails(self) -> list[str]:
        return [path.read_text() for path in sorted((self.home / "mail").glob("*.eml"))]


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def show(answer: dict[str, Any]) -> str:
    """An answer for a person who reads a failing test."""
    return json.dumps(answer, ensure_ascii=False, indent=1)

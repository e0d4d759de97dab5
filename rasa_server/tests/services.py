"""The processes that the tests run against: a real Redis and a real Rasa."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
ASSISTANT = Path(__file__).parent / "assistant"
TOKEN = "a-token-for-tests"


class Redis:
    """A Redis of its own on a unix socket below `folder`; can be stopped and started again, empty."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is not on PATH; Debian's package `redis-server` gives it"
        self._command = [program, "--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", ""]
        self.url = f"unix://{folder}/redis.sock?db=0"
        self._socket = folder / "redis.sock"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        _wait_until(self._socket.exists, "Redis did not start", 10)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


class RasaServer:
    """`python -m rasa_server serve` on a free port, and the requests of a gateway to it."""

    def __init__(self, model: Path, redis_url: str, actions_url: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}/webhooks/gateway"
        self._environment = settings(redis_url, actions_url)
        self._model = model

    def start(self, log: Path) -> None:
        files = ["--endpoints", ASSISTANT / "endpoints.yml", "--credentials", ASSISTANT / "credentials.yml"]
        command = [sys.executable, "-m", "rasa_server", "serve", "--port", self.port, "--model", self._model, *files]
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command], cwd=ROOT, env=self._environment, stdout=output, stderr=output
            )
        _wait_until(self._answers, "Rasa did not start", 60)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def turn(self, sender: str, message_id: str, **said: object) -> requests.Response:
        body = {"sender": sender, "message_id": message_id, "text": None, "payload": None, "metadata": {}, **said}
        return self.post("/turn", body)

    def post(self, path: str, body: object, token: str = TOKEN, timeout: float = 30) -> requests.Response:
        return requests.post(self.url + path, json=body, headers=bearer(token), timeout=timeout)

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers=bearer(), timeout=30)

    def forget(self, sender: str) -> requests.Response:
        return requests.delete(f"{self.url}/conversations/{sender}", headers=bearer(), timeout=30)

    def _answers(self) -> bool:
        assert self.process.poll() is None, "Rasa ended while starting"
        try:
            return self.get("/health").status_code == 200
        except requests.ConnectionError:
            return False


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def settings(redis_url: str, actions_url: str) -> dict[str, str]:
    """The environment that the YAML files of the assistant read."""
    ours = {"TRIAGEM_RASA_REDIS_URL": redis_url, "TEST_ACTIONS_URL": actions_url, "TRIAGEM_RASA_TOKEN": TOKEN}
    return os.environ | ours


def launch(*arguments: object, **environment: str) -> subprocess.CompletedProcess:
    """Runs `python -m rasa_server …` to its end."""
    command = [sys.executable, "-m", "rasa_server", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until(condition, complaint: str, limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.1)

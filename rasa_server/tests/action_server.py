"""An action server for tests: real HTTP, answers that a test may replace, and a record of what was asked."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Answer = tuple[int, dict[str, Any]]
Action = Callable[[dict[str, Any]], Answer]


def validate_ticket_form(call: dict[str, Any]) -> Answer:
    """Accepts what was just extracted, but a description that names nothing."""
    slots = call["tracker"]["slots"]
    if slots.get("description") == "nada":
        return 200, {"events": [{"event": "slot", "name": "description", "value": None}]}
    return 200, {"events": []}


def action_submit(call: dict[str, Any]) -> Answer:
    """Says in two utterances that it is done, and empties the slots."""
    emptied = [{"event": "slot", "name": name, "value": None} for name in ("product", "description")]
    done = {"text": "Registrado.", "custom": {"ticket": 7}}
    return 200, {"events": emptied, "responses": [done, {"text": "Mais alguma coisa?"}]}


class ActionServer:
    """Serves at `url` in a thread; `answers` may be changed while it runs, `calls` grows with each call."""

    def __init__(self) -> None:
        self.answers: dict[str, Action] = {}
        self.calls: list[dict[str, Any]] = []
        self.connections = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"

    def start(self) -> None:
        Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        self.answers = {"validate_ticket_form": validate_ticket_form, "action_submit": action_submit}
        self.calls = []

    @contextmanager
    def answering(self, action: str, answer: Action) -> Iterator[None]:
        stock = self.answers[action]
        self.answers[action] = answer
        yield
        self.answers[action] = stock

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                server.connections += 1

            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.calls.append(call)
                action = server.answers.get(call["next_action"])
                status, body = action(call) if action else (404, {"error": "no such action"})
                answer = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def always(status: int, body: dict[str, Any], after_s: float = 0.0) -> Action:
    """An action that always answers the same."""

    def answer(_: dict[str, Any]) -> Answer:
        time.sleep(after_s)
        return status, body

    return answer

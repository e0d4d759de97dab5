"""A Graph API and media host on loopback, for tests: takes what Meta takes, refuses what Meta refuses.

It also stands for the phones: what people write goes to the webhook signed, is repeated until it is answered with 200,
and every message taken is followed by its statuses.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.graph_limits import complaints

TOKEN, PHONE_ID, APP_SECRET, VERIFY = "token-dos-testes", "100200300", "segredo-do-aplicativo", "palavra-combinada"
BUSINESS = "5511400288"


@dataclass(frozen=True)
class Taken:
    """A message that Meta took for somebody: `to` is the number or id as it was addressed."""

    to: str
    wamid: str
    message: dict[str, Any]
    at: float

    @property
    def tracker(self) -> str:
        return self.message.get("biz_opaque_callback_data", "")

    @property
    def text(self) -> str:
        kind = self.message["type"]
        if kind == "text":
            return self.message["text"]["body"]
        if kind == "template":
            return self.message["template"]["components"][0]["parameters"][0]["text"]
        return self.message["interactive"]["body"]["text"]

    @property
    def options(self) -> dict[str, tuple[str, str]]:
        """Kind of reply and id, by the title that a person sees; where it was cut, by the description."""
        if self.message["type"] != "interactive":
            return {}
        action = self.message["interactive"]["action"]
        replies = [("button_reply", button["reply"]) for button in action.get("buttons", ())]
        replies += [("list_reply", row) for section in action.get("sections", ()) for row in section["rows"]]
        return {(reply.get("description") or reply["title"]): (kind, reply["id"]) for kind, reply in replies}


@dataclass
class Failure:
    """What the next messages are answered with. `takes` means that they are taken all the same, `hangs` how many
    seconds later the connection ends without an answer.
    """

    status: int
    code: int
    times: int
    takes: bool = False
    hangs: float = 0.0


@dataclass
class GraphServer:
    """Starts on entering. `webhook` is where updates go; without one nothing is told."""

    webhook: str | None = None
    statuses: tuple[str, ...] = ("sent", "delivered")
    taken: list[Taken] = field(default_factory=list)
    refused: list[tuple[int, list[str], dict[str, Any]]] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    # People who wrote last more than 24 hours ago, and those whom nothing reaches.
    cold: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    # Every so many envelopes one comes twice, as Meta lets happen; 0 for never.
    doubles_every: int = 0
    told: int = 0

    def __enter__(self) -> GraphServer:
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._poster = httpx.Client(timeout=10, verify=False)  # reading certificates takes longer than a test
        self._telling = ThreadPoolExecutor(8)
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._telling.shutdown(wait=True, cancel_futures=True)
        self._server.shutdown()
        self._server.server_close()
        self._poster.close()

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.host}/v23.0"

    def settings(self) -> dict[str, str]:
        """What points a service at this server."""
        return {
            "TRIAGEM_WHATSAPP_TOKEN": TOKEN,
            "TRIAGEM_WHATSAPP_PHONE_ID": PHONE_ID,
            "TRIAGEM_WHATSAPP_APP_SECRET": APP_SECRET,
            "TRIAGEM_WHATSAPP_VERIFY_TOKEN": VERIFY,
            "TRIAGEM_WHATSAPP_GRAPH_URL": self.url,
        }

    # --- what the service calls -----------------------------------------------------------------------------------

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Answers a POST; None hangs up without an answer."""
        if not path.endswith(f"/{PHONE_ID}/messages"):
            return _error(404, 100, "unknown path")
        if body.get("status") == "read":
            self.read.append(body["message_id"])
            return 200, {"success": True}
        with self._lock:
            failure = self._next_failure()
            if failure and not failure.takes:
                return _error(failure.status, failure.code, "as it was told to")
            to = body.get("to") or body.get("recipient") or ""
            wrong = complaints(body)
            if wrong:
                self.refused.append((131009, wrong, body))
                return _error(400, 131009, "; ".join(wrong))
            if to in self.gone:
                return _error(400, 131026, "Message undeliverable")
            if to in self.cold and body["type"] != "template":
                return _error(400, 131047, "Re-engagement message")
            taken = Taken(to, f"wamid.{uuid.uuid4().hex}", body, time.time())
            self.taken.append(taken)
        for status in self.statuses:
            self.tell_status(taken, status)
        if failure:
            self._closed.wait(failure.hangs)
            return None
        contacts = [{"input": to, "wa_id": to, "user_id": to}]
        return 200, {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": taken.wamid}]}

    def get(self, path: str) -> tuple[int, bytes, str]:
        name = path.rpartition("/")[2]
        if name not in self.files:
            status, body = _error(400, 100, "Unsupported get request")
            return status, json.dumps(body).encode(), "application/json"
        content, mime = self.files[name]
        if path.startswith("/media/"):
            return 200, content, mime
        told = {"id": name, "url": f"{self.host}/media/{name}", "mime_type": mime, "file_size": len(content)}
        told |= {"sha256": hashlib.sha256(content).hexdigest(), "messaging_product": "whatsapp"}
        return 200, json.dumps(told).encode(), "application/json"

    def _next_failure(self) -> Failure | None:
        if not self.failures:
            return None
        failure = self.failures[0]
        failure.times -= 1
        if failure.times <= 0:
            self.failures.pop(0)
        return failure

    # --- what happens on the phones -------------------------------------------------------------------------------

    def upload(self, content: bytes, mime: str) -> str:
        id = str(uuid.uuid4().int)[:15]
        self.files[id] = (content, mime)
        return id

    def to(self, *addresses: str) -> list[Taken]:
        return [taken for taken in self.taken if taken.to in addresses]

    def tell_status(self, taken: Taken, status: str, code: int | None = None) -> None:
        """Sends one status of a message, until it is taken."""
        self._tell(status_envelope(taken, status, code))

    def tell(self, body: bytes) -> None:
        """Posts an envelope as Meta does: again and again until it is answered with 200, and now and then after that."""
        self.told += 1
        self._post(body)
        if self.doubles_every and self.told % self.doubles_every == 0:
            self._post(body)

    def _post(self, body: bytes) -> None:
        assert self.webhook
        headers = {"X-Hub-Signature-256": sign(body), "Content-Type": "application/json"}
        pause = 0.1
        while not self._closed.is_set():
            try:
                if self._poster.post(self.webhook, content=body, headers=headers).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            self._closed.wait(pause)
            pause = min(pause * 2, 2.0)

    def _tell(self, body: dict[str, Any]) -> None:
        if self.webhook:
            self._telling.submit(self.tell, json.dumps(body).encode())


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed in the middle of a request is no error of this server's."""


def sign(body: bytes, secret: str = APP_SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def envelope(*changes: dict[str, Any]) -> dict[str, Any]:
    """One entry with one change for each value given."""
    entry = {"id": "200300400", "changes": [{"field": "messages", "value": value} for value in changes]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def value(**parts: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": BUSINESS, "phone_number_id": PHONE_ID}
    return {"messaging_product": "whatsapp", "metadata": metadata, **parts}


def contact(wa_id: str | None, name: str = "Ana Prado", bsuid: str | None = None) -> dict[str, Any]:
    ids = {"wa_id": wa_id, "user_id": bsuid}
    return {"profile": {"name": name}, **{key: id for key, id in ids.items() if id}}


def message(wa_id: str | None, content: dict[str, Any], *, id: str | None = None, at: float | None = None, **more: Any):
    """A message as it stands in an envelope; `content` holds its type and the part of that name."""
    sender = {"from": wa_id} if wa_id else {}
    stamp = str(int(time.time() if at is None else at))
    return {**sender, "id": id or f"wamid.{uuid.uuid4().hex}", "timestamp": stamp, **content, **more}


def text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def status_envelope(taken: Taken, status: str, code: int | None = None) -> dict[str, Any]:
    told = {"id": taken.wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": taken.to}
    told |= {"biz_opaque_callback_data": taken.tracker} if taken.tracker else {}
    told |= {"errors": [{"code": code, "title": "failed"}]} if code else {}
    return envelope(value(statuses=[told]))


def _error(status: int, code: int, words: str) -> tuple[int, dict[str, Any]]:
    return status, {"error": {"message": words, "type": "OAuthException", "code": code, "fbtrace_id": "x"}}


def _handler_of(server: GraphServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._with_token(lambda: server.post(self.path, body))

        def do_GET(self) -> None:
            if self._has_token():
                self._answer(*server.get(self.path))
            else:
                self._refuse()

        def _with_token(self, answer: Callable[[], tuple[int, dict[str, Any]] | None]) -> None:
            if not self._has_token():
                return self._refuse()
            told = answer()
            if told is None:
                self.close_connection = True
                return None
            return self._answer(told[0], json.dumps(told[1]).encode(), "application/json")

        def _has_token(self) -> bool:
            return self.headers.get("Authorization") == f"Bearer {TOKEN}"

        def _refuse(self) -> None:
            status, body = _error(401, 190, "Invalid OAuth access token")
            self._answer(status, json.dumps(body).encode(), "application/json")

        def _answer(self, status: int, content: bytes, mime: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", mime)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Silent."""

    return Handler

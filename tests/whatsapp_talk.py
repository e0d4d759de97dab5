"""A conversation over WhatsApp as tests/stack.py's Talk is one over the web: the same verbs, another road."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import time
import uuid
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bot.channels.whatsapp_envelope import Update
from bot.store.engine import Database, open_engine
from bot.store.tables import conversations
from bot.store.whatsapp_inbox import WhatsAppInbox
from tests.graph_api import GraphServer, contact, envelope, message, text, value
from tests.stack import PEOPLE, ROOT, Person, Stack

_PHONES = itertools.count(5511900000001)


@dataclass
class WhatsAppTalk:
    """One phone. `home` is the folder of the service behind the webhook."""

    graph: GraphServer
    home: Path
    person: Person | None = None
    wa_id: str = field(default_factory=lambda: str(next(_PHONES)))
    last: dict[str, Any] = field(default_factory=dict)
    latest: str = ""
    _files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.person:
            self._prove(self.person.email)

    def say(
        self, words: str | None, attachments: tuple[str, ...] | list[str] = (), *, more: bool = False
    ) -> dict[str, Any]:
        """With `more` the next piece follows at once: WhatsApp has no sign that somebody still types."""
        content = self._with_file(attachments[0], words) if attachments else text(words or "")
        if not more:
            return self.send(content)
        self.post(content)
        return {"messages": [], "pending": True, "asking": self.last.get("asking"), "outcome": None, "ticket": None}

    def left_alone(self) -> dict[str, Any]:
        """Waits for the answer to what was written last."""
        return self._answered(self.latest)

    def _with_file(self, id: str, words: str | None) -> dict[str, Any]:
        """A voice message has neither name nor words."""
        mime = self.graph.files[id][1]
        if mime.startswith("audio/"):
            return {"type": "audio", "audio": {"id": id, "mime_type": mime, "voice": True}}
        content = {"id": id, "mime_type": mime, "filename": self._files[id], "caption": words}
        return {"type": "document", "document": {key: v for key, v in content.items() if v}}

    def choose(self, title: str) -> dict[str, Any]:
        """Touches the option with that title, or writes its number where the options were only numbered."""
        newest_first = list(reversed(self.graph.to(self.wa_id)))
        for taken in newest_first:
            for shown, (kind, id) in taken.options.items():
                if shown == title or shown.partition(". ")[2] == title:
                    return self.send(
                        {"type": "interactive", "interactive": {"type": kind, kind: {"id": id, "title": shown}}}
                    )
        numbers = [line.partition(". ")[0] for line in newest_first[0].text.splitlines() if line.endswith(f". {title}")]
        assert numbers, f"no option {title!r} in {newest_first[0].message}"
        return self.say(numbers[0])

    def upload(self, name: str, content: bytes, mime: str = "application/octet-stream") -> str:
        id = self.graph.upload(content, mime)
        self._files[id] = name
        return id

    def send(self, content: dict[str, Any]) -> dict[str, Any]:
        """Sends a message and waits for its answer to be on the phone."""
        return self._answered(self.post(content))

    def _answered(self, wamid: str) -> dict[str, Any]:
        self.last = self.answer_to(wamid)
        self._wait_until_all_is_sent()
        return self.last

    def post(self, content: dict[str, Any]) -> str:
        one = message(self.wa_id, content, id=f"wamid.{uuid.uuid4().hex}")
        name = self.person.name if self.person else "Visitante"
        body = envelope(value(contacts=[contact(self.wa_id, name)], messages=[one]))
        self.graph.tell(json.dumps(body).encode())
        self.latest = one["id"]
        return self.latest

    def answer_to(self, wamid: str, seconds: float = 60, every: float = 0.15) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rows = self._query("SELECT answer FROM inbound WHERE client_id = ? AND answered_at IS NOT NULL", wamid)
            if rows:
                return json.loads(rows[0][0])
            time.sleep(every)
        raise AssertionError(
            f"not answered after {seconds} s: {self._query('SELECT * FROM whatsapp_updates WHERE wamid = ?', wamid)}"
        )

    @property
    def said(self) -> str:
        return "\n".join(message["text"] or "" for message in self.last["messages"])

    @property
    def conversation(self) -> str:
        return self._query("SELECT conversation_id FROM whatsapp_people WHERE wa_id = ?", self.wa_id)[0][0]

    def _wait_until_all_is_sent(self, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        query = "SELECT count(*) FROM outbox WHERE recipient = ? AND sent_at IS NULL"
        while self._query(query, self.conversation)[0][0]:
            assert time.monotonic() < end, "the answer did not leave"
            time.sleep(0.15)

    def _query(self, sql: str, *values: Any) -> list[Any]:
        return query(self.home, sql, *values)

    def _prove(self, email: str) -> None:
        """As if the code from the letter had been typed, which tests/e2e/test_whatsapp.py does."""
        engine = open_engine(f"sqlite:///{self.home / 'triagem.db'}")
        database = Database(engine)
        body = {"timestamp": str(int(time.time()))}
        person = WhatsAppInbox(database, _now).person_behind(Update("message", "x", wa_id=self.wa_id, body=body))
        mine = conversations.c.id == person.conversation
        with database.write() as connection:
            connection.execute(conversations.update().where(mine).values(verified_email=email))
        engine.dispose()


@dataclass
class Line:
    """A service that people reach by WhatsApp."""

    stack: Stack
    graph: GraphServer

    def talk(self, person: Person | None = None) -> WhatsAppTalk:
        return WhatsAppTalk(self.graph, self.stack.home, person)

    def query(self, sql: str, *values: Any) -> list[Any]:
        return query(self.stack.home, sql, *values)


def with_contracts(folder: Path) -> Path:
    """The company's own data, with contracts that have the domains of those who talk here."""
    shutil.copytree(ROOT / "company", folder)
    domains = {person.company: [person.email.partition("@")[2]] for person in PEOPLE.values() if person.company}
    contracts = {"companies": {company: {"domains": of} for company, of in domains.items()}}
    (folder / "contracts.yml").write_text(yaml.safe_dump(contracts, allow_unicode=True), "utf-8")
    return folder


def query(home: Path, sql: str, *values: Any) -> list[Any]:
    """Reads the service's own database, which nobody else may."""
    with closing(sqlite3.connect(f"file:{home / 'triagem.db'}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(sql, values).fetchall()


def _now() -> datetime:
    return datetime.now(UTC)

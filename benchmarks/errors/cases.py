"""The cases of a measuring set, and what a running stack answers to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.catalog import WHYS

Case = dict[str, Any]
Reply = dict[str, Any]
# More places than the page judges, so that it can tell how far off the right article was.
_ARTICLES = 10
_TIMEOUT_S = 30


class NoAnswers(Exception):
    """There is nothing to make a page of; the message is the sentence that says why and what to do."""


@dataclass(frozen=True)
class Call:
    """One request: `fields` are the JSON body, of a search the query. The reply must hold the names in `answers`."""

    path: str
    fields: dict[str, Any]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """A case and the replies to its calls, in their order."""

    case: Case
    replies: tuple[Reply, ...]


@dataclass(frozen=True)
class Part:
    """A file of the set: the fields that its cases must have and the calls that play one."""

    fields: tuple[str, ...]
    calls: Callable[[Case], list[Call]]


def understanding(text: str) -> Call:
    return Call("/api/understand", {"text": text}, ("goal", "confidence", "type", *WHYS))


def severity(text: str, answer: str | None = None) -> Call:
    said = {"text": text} if answer is None else {"text": text, "answer": answer}
    return Call("/api/severity", said, ("applicable", "row", "severity", "probability", "question"))


def search(query: str) -> Call:
    return Call("/api/articles/search", {"q": query, "limit": _ARTICLES}, ("answerable", "results"))


def incident(case: Case) -> str:
    """How an incident is told in one text."""
    return f"{case['subject']}. {case['description']}"


def _ambiguous(case: Case) -> list[Call]:
    """The text alone, then with each answer, whether the stack asked or not."""
    return [severity(case["text"]), *(severity(case["text"], answer["answer_text"]) for answer in case["answers"])]


PARTS = {
    "intents": Part(("text", "goal"), lambda case: [understanding(case["text"])]),
    "five_w": Part(("text", *WHYS), lambda case: [understanding(case["text"])]),
    "severity": Part(("row", "severity", "subject", "description"), lambda case: [severity(incident(case))]),
    "ambiguous": Part(("text", "candidate_rows", "answers"), _ambiguous),
    "not_incident": Part(("text", "type"), lambda case: [severity(case["text"]), understanding(case["text"])]),
    "kb_queries": Part(("topic", "query"), lambda case: [search(case["query"])]),
}


def load(folder: Path) -> dict[str, list[Case]]:
    """Cases by part; a part without a file has none. Raises NoAnswers for a folder or a line that cannot be read."""
    if not folder.is_dir():
        raise NoAnswers(f"A pasta {folder} não existe; passe em --sets a pasta de um conjunto de medição.")
    return {name: list(_cases(folder / f"{name}.jsonl", part)) for name, part in PARTS.items()}


def _cases(file: Path, part: Part) -> Iterator[Case]:
    for number, line in enumerate(_lines(file), 1):
        if line.strip():
            yield _case(line, part, f"{file}, linha {number}")


def _lines(file: Path) -> list[str]:
    try:
        # Not splitlines: a text may hold a line separator of Unicode's.
        return file.read_text("utf-8").split("\n") if file.exists() else []
    except UnicodeDecodeError as error:
        raise NoAnswers(f"{file} não está em UTF-8; salve o arquivo de novo com essa codificação.") from error


def _case(line: str, part: Part, place: str) -> Case:
    try:
        case = json.loads(line)
    except ValueError as error:
        raise NoAnswers(f"{place}: não é JSON ({error}); corrija a linha.") from error
    wanted = ("id", *part.fields)
    missing = [field for field in wanted if field not in case] if isinstance(case, dict) else wanted
    if missing:
        raise NoAnswers(f"{place}: falta {', '.join(missing)}; acrescente ao caso.")
    return case


class Stack:
    """The running service, over HTTP."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url
        self._http = httpx.Client(base_url=url, timeout=_TIMEOUT_S, transport=transport)

    def play(self, part: str, case: Case) -> Played:
        """Raises NoAnswers when the service is away, refuses or is another one."""
        return Played(case, tuple(self._ask(call) for call in PARTS[part].calls(case)))

    def _ask(self, call: Call) -> Reply:
        try:
            response = self._send(call)
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise NoAnswers(f"Ninguém responde em {self._url}; rode `make up` e tente de novo.") from error
        if response.is_error:
            raise NoAnswers(f"{self._url}{call.path} respondeu {response.status_code}: {_reason(response)}")
        return self._checked(response, call)

    def _send(self, call: Call) -> httpx.Response:
        if call.path.endswith("/search"):
            return self._http.get(call.path, params=call.fields)
        return self._http.post(call.path, json=call.fields)

    def _checked(self, response: httpx.Response, call: Call) -> Reply:
        reply = _json(response)
        if not isinstance(reply, dict) or not set(call.answers) <= reply.keys():
            raise NoAnswers(f"O que responde em {self._url}{call.path} não é este serviço; confira --url.")
        return reply


def _reason(response: httpx.Response) -> str:
    problem = _json(response)
    return problem.get("detail", response.reason_phrase) if isinstance(problem, dict) else response.reason_phrase


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None

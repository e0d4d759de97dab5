"""Plays a file of black-box dialogues over any road: what to say next follows from what the bot asks.

The file has `defaults` (answers, fallback) and `dialogues`, each with `opening`, `answers` by field, and where it has them
`interruptions`, `fallback` and `parts`. A message is a text, or a file or an audio with its `mime`; an answer is a
message, a list of messages written back to back, or `first` and `then`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from tests.bot.tickets.samples import picture

_MOST_MESSAGES = 60
_MOST_OF_ONE_QUESTION = 4
_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Talk(Protocol):
    """What is needed of tests.stack.Talk and tests.whatsapp_talk.WhatsAppTalk."""

    last: dict[str, Any]

    def say(self, words: str | None, *, attachments: list[str] = ..., more: bool = ...) -> dict[str, Any]: ...
    def upload(self, name: str, content: bytes, mime: str = ...) -> str: ...


@dataclass
class Played:
    """How one part of a dialogue went. `asked` are the fields asked for, in order."""

    outcome: str | None = None
    ticket: dict[str, Any] | None = None
    asked: list[str | None] = field(default_factory=list)


@dataclass
class Script:
    """One dialogue, or one part of it. `fallback` is said where nothing else fits."""

    opening: list[Any]
    answers: dict[str | None, Any]
    fallback: Any
    interruptions: list[dict[str, Any]] = field(default_factory=list)
    _uses: Counter[str | None] = field(default_factory=Counter)

    def reply(self, asking: str | None) -> tuple[list[Any], bool]:
        """What to say when a field is asked for, and whether it is one thought."""
        for interruption in self.interruptions:
            if interruption["after"] == asking:
                self.interruptions.remove(interruption)
                self.answers |= interruption.get("set") or {}
                return _listed(interruption["say"]), False
        value = self.answers.get(asking, self.fallback)
        if isinstance(value, dict) and "first" in value:
            value = value["then"] if self._uses[asking] else value["first"]
        self._uses[asking] += 1
        return _listed(value), True


def read(path: Path) -> dict[str, list[Script]]:
    """The parts of each dialogue, by its id."""
    book = yaml.safe_load(path.read_text("utf-8"))
    return {one["id"]: list(_scripts(one, book["defaults"])) for one in book["dialogues"]}


def _scripts(dialogue: dict[str, Any], defaults: dict[str, Any]) -> Iterator[Script]:
    for part in dialogue.get("parts") or [{}]:
        scope = {**dialogue, **part}
        answers = {**defaults["answers"], **dialogue.get("answers", {}), **part.get("answers", {})}
        interruptions = list(scope.get("interruptions", []))
        yield Script(scope["opening"], answers, scope.get("fallback", defaults["fallback"]), interruptions)


def play(talk: Talk, script: Script) -> Played:
    """Until something has come of it, or the bot asks the same for too long."""
    played, said = Played(), 0
    messages, is_one_thought = script.opening, False
    while said < _MOST_MESSAGES:
        said += _say(talk, messages, is_one_thought=is_one_thought)
        played.outcome, played.ticket = talk.last["outcome"], talk.last["ticket"]
        if played.outcome:
            break
        played.asked.append(talk.last["asking"])
        if Counter(played.asked)[played.asked[-1]] > _MOST_OF_ONE_QUESTION:
            break
        messages, is_one_thought = script.reply(played.asked[-1])
    return played


def _say(talk: Talk, messages: list[Any], *, is_one_thought: bool) -> int:
    """Says messages until something has come of it; gives how many were said. A pause is not waited for."""
    spoken = [message for message in messages if not (isinstance(message, dict) and "pause" in message)]
    for place, message in enumerate(spoken, 1):
        more = is_one_thought and place < len(spoken)
        if isinstance(message, dict):
            name, mime = message.get("file") or message["audio"], message.get("mime", "application/octet-stream")
            talk.say(message.get("caption"), attachments=[talk.upload(name, _content(mime), mime)], more=more)
        else:
            talk.say(str(message), more=more)
        if not more and talk.last["outcome"]:
            return place
    return len(spoken)


def _content(mime: str) -> bytes:
    """The smallest content that is what it is called."""
    if mime in ("image/png", "image/jpeg"):
        return picture(mime.partition("/")[2].upper())
    return {"application/pdf": _PDF, "audio/ogg": b"OggS" + bytes(60)}.get(mime, b"texto simples\n")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

"""What comes in and what goes out, in the words of the HTTP interface."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from bot.tickets.draft import Requester


@dataclass(frozen=True)
class CustomerMessage:
    """One post of a customer. `id` is the client's own and makes repeats harmless.

    `more` says that the person is still typing the same thought.
    """

    id: str
    text: str | None = None
    choice: str | None = None
    attachments: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True)
class KeptMessage:
    """A customer's message as it lies in the inbox; `sequence` is its place in the order of arrival."""

    sequence: int
    conversation: str
    message: CustomerMessage
    requester: Requester
    received_at: datetime
    deferred_at: datetime | None
    answered_at: datetime | None
    tries: int
    answer: Answer | None


@dataclass(frozen=True)
class Choice:
    title: str
    value: str


@dataclass(frozen=True)
class BotMessage:
    """One bubble. `articles` are dicts with id, title, passage, url, score."""

    text: str | None = None
    choices: tuple[Choice, ...] = ()
    articles: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "choices": [asdict(c) for c in self.choices], "articles": list(self.articles)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> BotMessage:
        choices = tuple(Choice(**choice) for choice in data.get("choices", ()))
        return cls(data.get("text"), choices, tuple(data.get("articles", ())))


@dataclass(frozen=True)
class Answer:
    """What one post is answered with. `ticket` is the ticket's public fields when `outcome` is "ticket"."""

    messages: tuple[BotMessage, ...] = ()
    asking: str | None = None
    outcome: str | None = None
    ticket: dict[str, Any] | None = None
    pending: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {
            "messages": [message.as_dict() for message in self.messages],
            "asking": self.asking,
            "outcome": self.outcome,
            "ticket": self.ticket,
            "pending": self.pending,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Answer:
        messages = tuple(BotMessage.from_dict(message) for message in data["messages"])
        return cls(messages, data["asking"], data["outcome"], data["ticket"], data.get("pending", False))

    def choices(self) -> list[Choice]:
        """What may be chosen now: the choices of the last message that has any."""
        return next((list(message.choices) for message in reversed(self.messages) if message.choices), [])


@dataclass(frozen=True)
class Turn:
    """Messages that are read as one: fragments of a thought and the message that closes it.

    `repeats` say the same again: the person typed it anew while the first one waited for the engine.
    """

    kept: tuple[KeptMessage, ...]
    repeats: tuple[KeptMessage, ...] = ()

    @property
    def id(self) -> str:
        """Stable over retries, so that the dialogue engine carries a turn out once."""
        return f"{self.kept[0].conversation}:{self.last.sequence}"

    @property
    def last(self) -> KeptMessage:
        return self.kept[-1]

    @property
    def sequences(self) -> list[int]:
        """Of all messages that the turn's answer answers."""
        return [kept.sequence for kept in (*self.kept, *self.repeats)]

    @property
    def text(self) -> str:
        return "\n".join(kept.message.text for kept in self.kept if kept.message.text)

    @property
    def attachments(self) -> tuple[str, ...]:
        return tuple(id for kept in self.kept for id in kept.message.attachments)


@dataclass(frozen=True)
class ConversationState:
    """What the gateway knows of a conversation between turns. `owner` is None while nobody identified."""

    id: str
    channel: str
    owner: str | None = None
    verified_email: str | None = None
    with_human: bool = False
    asking: str | None = None
    offered: tuple[Choice, ...] = field(default=())

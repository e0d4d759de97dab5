"""One message as it was understood."""

from __future__ import annotations

from dataclasses import dataclass, field

SURE = 0.35
BEYOND_DOUBT = 0.55
# So sure that it holds at any length and whatever was asked.
UNMISTAKABLE = 0.85
# How sure a span must be to be taken.
SPAN = 0.5


@dataclass(frozen=True)
class Span:
    """Words of the message that answer one of the whys; `start` is their offset in it."""

    value: str
    confidence: float
    start: int = 0

    @property
    def end(self) -> int:
        return self.start + len(self.value)


@dataclass(frozen=True)
class Heard:
    """A message as it was understood. `text` is None for a command, which `command` then names."""

    text: str | None
    goal: str | None = None
    confidence: float = 0.0
    spans: dict[str, Span] = field(default_factory=dict)
    command: str | None = None
    command_values: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    ranking: dict[str, float] = field(default_factory=dict)
    """Goals with their probabilities, the likeliest first."""

    @property
    def words(self) -> str:
        return self.text or ""

    @property
    def span_of(self) -> dict[str, Span]:
        """Spans sure enough to be taken for what they are called."""
        return {name: span for name, span in self.spans.items() if span.confidence >= SPAN}

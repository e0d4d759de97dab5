"""What may solve a problem without a ticket: articles, or a check that the customer makes. A fire is filed before either."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from actions.slots import Slots, draft_from
from bot.catalog import Catalog
from bot.preflight import Preflight
from bot.tickets.desk import Desk
from bot.tickets.draft import TicketDraft
from kb_index.article import Article
from kb_index.errors import KnowledgeBaseError
from kb_index.search import Hit, LiveSearch

log = logging.getLogger(__name__)

_FIRE_SEVERITY, _FIRE_PROBABILITY = 1, 0.5
_MOST_ARTICLES = 3
_RESULTS = {"yes": "feito, resolveu", "no": "feito, o problema continua", "skip": "não feito"}

Card = dict[str, Any]
"""An article as it is shown in a conversation (interface: Conversation)."""


class Remedies:
    """Looks each draft over once: `articles_offered` is None until then, and stays so where filing comes first."""

    def __init__(self, articles: LiveSearch, desk: Desk, catalog: Catalog, preflight: Preflight) -> None:
        self._articles, self._desk, self._catalog, self._preflight = articles, desk, catalog, preflight

    def offer(self, slots: Slots) -> Slots:
        """What to offer now: a check that can cure the symptom, else articles; nothing while filing comes first."""
        problem = problem_of(slots)
        ready = problem and slots.get("type") and slots.get("product")
        if not ready or slots.get("articles_offered") is not None or slots.get("outcome") or self.is_fire(slots):
            return {}
        check = self._preflight.cure_for(_told(slots)) if slots["type"] == "report_error" else None
        if check:
            suits = self._preflight.suits(check, _told(slots), slots.get("who"))
            if suits:
                return {"check": check, "articles_offered": self._article_of(check)}
            if suits is None and not slots.get("who"):
                return {}  # first of all, who is hit
        return {"articles_offered": self._found(problem, slots["product"])}

    def made(self, check: str, answer: str) -> Slots:
        """The evidence of a check: what the customer answered, for the ticket."""
        return {"checks": [{"title": self._preflight.checks[check].title, "result": _RESULTS[answer]}]}

    def after_filing(self, slots: Slots) -> list[Card]:
        """Articles that were held back so that filing came first."""
        if slots.get("articles_offered") is not None or not slots.get("product"):
            return []
        return self._found(slots.get("opening") or problem_of(slots), slots["product"])

    def is_fire(self, slots: Slots) -> bool:
        return self.burning(slots) is not None

    def burning(self, slots: Slots) -> TicketDraft | None:
        """The draft, at the place where a row of severity 1 is likely; None where nothing burns or only one person is hit.

        Told over several places at once, each is looked at by itself.
        """
        problem = problem_of(slots)
        if not problem or self._preflight.scope.is_one(_told(slots), slots.get("who")):
            return None
        draft = draft_from(slots)
        draft = draft if draft.what else replace(draft, what=problem)
        return next((there for there in self._at_each_place(draft, _told(slots)) if self._is_grave(there)), None)

    def _at_each_place(self, draft: TicketDraft, told: str) -> Iterator[TicketDraft]:
        """The draft as it is, then as if it spoke only of each other place named in it."""
        yield draft
        places = dict.fromkeys((mention.product, mention.module) for mention in self._catalog.mentions(told))
        if len(places) > 1:
            yield from (replace(draft, product=product, module=module) for product, module in places)

    def _is_grave(self, draft: TicketDraft) -> bool:
        assessed = self._desk.assess(draft)
        likely = sum(p for row, p in assessed.candidates if row.severity == _FIRE_SEVERITY) if assessed else 0.0
        return likely >= _FIRE_PROBABILITY

    def _found(self, problem: str, product: str) -> list[Card]:
        try:
            found = self._articles.search(problem, product=product, limit=_MOST_ARTICLES)
        except KnowledgeBaseError:
            log.exception("articles could not be searched")  # the ticket goes on without them
            return []
        return [_card(hit) for hit in found.results] if found.answerable else []

    def _article_of(self, check: str) -> list[Card]:
        """The article that shows how a check is made, if the knowledge base has it."""
        id = self._preflight.checks[check].article
        article = self._articles.article(id) if id else None
        return [_card_of(article)] if article else []


def problem_of(slots: Slots) -> str:
    """The problem in the customer's words, as far as it is told; empty before that."""
    return slots.get("subject") or slots.get("symptom") or slots.get("what") or ""


def _told(slots: Slots) -> str:
    """All that is told of the problem and of those who are hit."""
    told = (slots.get(name) for name in ("opening", "subject", "symptom", "what", "who", "where"))
    return ". ".join(part for part in told if part)


def _card(hit: Hit) -> Card:
    return {
        "id": hit.article_id,
        "title": hit.title,
        "passage": hit.passage,
        "url": hit.url,
        "score": round(hit.score, 3),
    }


def _card_of(article: Article) -> Card:
    first = next(iter(article.passages()), "")
    return {"id": article.id, "title": article.title, "passage": first, "url": article.url, "score": 1.0}

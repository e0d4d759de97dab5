"""Understanding, severity and article search, for tools and for tests."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import phonenumbers
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from bot.catalog import REQUEST_TYPES, WHYS
from bot.errors import InvalidRequest
from bot.gateway.context import Parts
from bot.request_type import Ranking, is_incident, request_type
from bot.sla.assessment import Assessment
from bot.sla.wording import NO_INCIDENT
from bot.text import has_words

router = APIRouter(prefix="/api", tags=["understanding"])

HOUR = timedelta(hours=1)
Text = Annotated[str, Field(max_length=20_000)]


class TextIn(BaseModel):
    text: Text


class SeverityIn(BaseModel):
    text: Text
    product: str | None = None
    module: str | None = None
    company: str | None = None
    at: datetime | None = None
    answer: str | None = Field(None, max_length=2_000)
    answers: list[Annotated[str, Field(max_length=2_000)]] = Field([], max_length=5)


@router.post("/understand")
async def understand(body: TextIn, parts: Parts) -> dict[str, Any]:
    """Goal, product, module, type, the five whys as substrings of the text, and a telephone number."""
    if not has_words(body.text):
        return {"goal": None, "confidence": 0.0, **dict.fromkeys(("product", "module", "type", *WHYS, "contact"))}
    understood = await parts.rasa.understand(body.text)
    kind = None
    if understood.goal in REQUEST_TYPES:
        incident = await asyncio.to_thread(parts.assessor.incident, body.text)
        kind = request_type(understood.goal, understood.ranking, incident)
    product, module = parts.data.catalog.place(body.text)
    phone = next(iter(phonenumbers.PhoneNumberMatcher(body.text, "BR")), None)
    return {
        "goal": kind or understood.goal,
        "confidence": round(understood.confidence, 3),
        "product": product,
        "module": module,
        "type": kind,
        **{why: understood.spans.get(why) for why in WHYS},
        "contact": phone.raw_string if phone else None,
    }


@router.post("/severity")
async def severity(body: SeverityIn, parts: Parts) -> dict[str, Any]:
    """Row, severity and deadlines of an incident opened at `at` (now, if absent), by the contract of `company`.

    `answer` answers the `question` of the call before; where that was a second one, `answers` holds the first answer.
    """
    if not has_words(body.text):
        raise InvalidRequest("Descreva o que está acontecendo, em uma frase ou mais.")
    at = body.at or parts.local_now()
    if not 2000 <= at.year <= 2100:
        raise InvalidRequest("A data em `at` precisa estar entre os anos 2000 e 2100.")
    if at.tzinfo is None:
        at = at.replace(tzinfo=parts.data.calendar.zone)
    understood = await parts.rasa.understand(body.text)
    at = at.astimezone(parts.data.calendar.zone)
    assessed = await asyncio.to_thread(_assess, parts, body, understood.ranking, at)
    return _severity_fields(assessed)


def _assess(parts: Parts, body: SeverityIn, ranking: Ranking, at: datetime) -> Assessment | None:
    if not is_incident(ranking, parts.assessor.incident(body.text)):
        return None
    answers = [answer for answer in (*body.answers, body.answer) if answer and has_words(answer)]
    return parts.assessor.assess(
        body.text, at=at, product=body.product, module=body.module, answers=answers, company=body.company
    )


def _severity_fields(assessed: Assessment | None) -> dict[str, Any]:
    if assessed is None:
        empty = ("row", "severity", "probability", "diagnosis_hours", "solution_hours", "diagnosis_due", "solution_due")
        return {
            "applicable": False,
            **dict.fromkeys(empty),
            "candidates": [],
            "question": None,
            "explanation": NO_INCIDENT,
        }
    row, terms, question = assessed.row, assessed.terms, assessed.question
    return {
        "applicable": True,
        "row": row.id,
        "severity": row.severity,
        "probability": assessed.probability,
        "diagnosis_hours": terms.diagnosis / HOUR,
        "solution_hours": terms.solution / HOUR,
        "diagnosis_due": assessed.diagnosis_due.isoformat(timespec="seconds"),
        "solution_due": assessed.solution_due.isoformat(timespec="seconds"),
        "candidates": [
            {"row": r.id, "severity": r.severity, "probability": round(p, 3)} for r, p in assessed.candidates
        ],
        "question": question
        and {"text": question.text, "options": [{"title": title, "value": value} for title, value in question.options]},
        "explanation": assessed.explanation,
    }


@router.get("/articles/search")
async def search_articles(
    parts: Parts,
    q: Annotated[str, Query(max_length=2_000)],
    product: str | None = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> dict[str, Any]:
    """Articles for a question; `answerable` false when none answers it."""
    if not has_words(q):
        return {"answerable": False, "results": []}
    found = await asyncio.to_thread(parts.articles.search, q, product=product, limit=limit)
    results = [
        {**{k: v for k, v in asdict(hit).items() if k != "article_id"}, "id": hit.article_id} for hit in found.results
    ]
    return {"answerable": found.answerable, "results": results}

"""The pages people open: the conversation, how to embed it, the articles, the way to a ticket."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from bot.gateway.context import Parts

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


def _page(request: Request, parts: Any, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    values |= {"company": parts.data.company, "address": parts.settings.address}
    return _templates.TemplateResponse(request, name, values, status_code=status)


@router.get("/", response_class=HTMLResponse)
def conversation(request: Request, parts: Parts) -> HTMLResponse:
    return _page(request, parts, "conversation.html")


@router.get("/incorporar", response_class=HTMLResponse)
def embed(request: Request, parts: Parts) -> HTMLResponse:
    return _page(request, parts, "embed.html")


@router.get("/artigos", response_class=HTMLResponse)
def articles(request: Request, parts: Parts, q: Annotated[str, Query(max_length=300)] = "") -> HTMLResponse:
    search = parts.articles
    hits = search.search(q, limit=10).results if q.strip() else []
    groups = _by_module(parts, search.articles()) if not q.strip() else []
    return _page(request, parts, "articles.html", q=q, hits=hits, groups=groups)


@router.get("/artigos/{id}", response_class=HTMLResponse)
def article(request: Request, parts: Parts, id: str) -> HTMLResponse:
    found = parts.articles.article(id)
    if found is None:
        return _page(request, parts, "not_found.html", 404, what="Este artigo não existe ou foi retirado.")
    return _page(request, parts, "article.html", article=found, body=found.to_html())


@router.get("/chamados/{number}", response_class=HTMLResponse)
def ticket(request: Request, parts: Parts, number: str) -> HTMLResponse:
    """Tickets are shown in the conversation, which asks who you are; this page is the way there."""
    if not re.fullmatch(r"[A-Za-z]{1,5}-\d{1,9}", number):
        return _page(request, parts, "not_found.html", 404, what="Este endereço não existe.")
    return _page(request, parts, "ticket.html", number=number.upper())


def _by_module(parts: Any, found: Any) -> list[tuple[str, list[Any]]]:
    """Articles grouped by module title, in the catalog's order; those of no module come last."""
    groups: dict[str, list[Any]] = {}
    for product in parts.data.catalog.products.values():
        for key, module in product.modules.items():
            listed = [a for a in found if a.module == key and parts.data.catalog.products.get(a.product) is product]
            if listed:
                groups.setdefault(module.title, []).extend(listed)
    rest = [a for a in found if not a.product]
    return [*groups.items(), *([("Outros", rest)] if rest else [])]

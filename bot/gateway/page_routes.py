"""The pages people open: the conversation, how to embed it, the articles."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from bot.gateway.context import Parts
from bot.gateway.pages import page

router = APIRouter(include_in_schema=False)


@router.get("/", response_class=HTMLResponse)
def conversation(request: Request) -> HTMLResponse:
    return page(request, "conversation.html")


@router.get("/incorporar", response_class=HTMLResponse)
def embed(request: Request) -> HTMLResponse:
    return page(request, "embed.html")


@router.get("/artigos", response_class=HTMLResponse)
def articles(request: Request, parts: Parts, q: Annotated[str, Query(max_length=300)] = "") -> HTMLResponse:
    search = parts.articles
    hits = search.search(q, limit=10).results if q.strip() else []
    groups = _by_module(parts, search.articles()) if not q.strip() else []
    return page(request, "articles.html", q=q, hits=hits, groups=groups)


@router.get("/artigos/{id}", response_class=HTMLResponse)
def article(request: Request, parts: Parts, id: str) -> HTMLResponse:
    found = parts.articles.article(id)
    if found is None:
        return page(request, "not_found.html", 404, what="Este artigo não existe ou foi retirado.")
    return page(request, "article.html", article=found, body=found.to_html())


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

"""The pages people open: the conversation, how to embed it, the articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from bot.assembly import Assembly
from bot.gateway.context import Parts
from bot.gateway.pages import page
from kb_index.article import Article
from kb_index.search import NOTHING

router = APIRouter(include_in_schema=False)

_NEAREST = 5


@router.get("/", response_class=HTMLResponse)
def conversation(request: Request) -> HTMLResponse:
    return page(request, "conversation.html")


@router.get("/incorporar", response_class=HTMLResponse)
def embed(request: Request) -> HTMLResponse:
    return page(request, "embed.html")


@router.get("/artigos", response_class=HTMLResponse)
def articles(request: Request, parts: Parts, q: Annotated[str, Query(max_length=300)] = "") -> HTMLResponse:
    search = parts.articles
    answer = search.search(q, limit=10) if q.strip() else NOTHING
    groups = _by_module(parts, search.articles()) if not q.strip() else []
    # In a search box a bare topic ("senha") asks for the articles about it, though it is no question that one answers.
    found = answer.results if answer.answerable else [hit for hit in answer.results if hit.has_in_title(q)]
    # Whoever searches may still want what comes nearest, if they are told that it is no more than that.
    hits = found or answer.results[:_NEAREST]
    return page(request, "articles.html", q=q, hits=hits, found=bool(found), groups=groups)


@router.get("/artigos/{id}", response_class=HTMLResponse)
def article(request: Request, parts: Parts, id: str) -> HTMLResponse:
    found = parts.articles.article(id)
    if found is None:
        return page(request, "not_found.html", 404, what="Este artigo não existe ou foi retirado.")
    return page(request, "article.html", article=found, body=_with_scrolling_tables(found.to_html()))


def _with_scrolling_tables(html: str) -> str:
    """Whoever has only a keyboard can move a table that is wider than the screen. Text holds no tags: they are escaped."""
    open_, close = '<div class="scroll" tabindex="0" role="region" aria-label="Tabela"><table>', "</table></div>"
    return html.replace("<table>", open_).replace("</table>", close)


def _by_module(parts: Assembly, found: Sequence[Article]) -> list[tuple[str, list[Article]]]:
    """Articles grouped by module title, in the catalog's order; those that no module of the catalog claims come last."""
    groups: dict[str, list[Article]] = {}
    listed: set[str] = set()
    for name, product in parts.data.catalog.products.items():
        for key, module in product.modules.items():
            of_module = [article for article in found if (article.product, article.module) == (name, key)]
            if of_module:
                groups.setdefault(module.title, []).extend(of_module)
                listed.update(article.id for article in of_module)
    rest = [article for article in found if article.id not in listed]
    return [*groups.items(), *([("Outros assuntos", rest)] if rest else [])]

"""One place where errors become HTTP, with a sentence in Portuguese.

Programs get `application/problem+json` (RFC 9457), people get a page; who is not signed in is led to where that is done.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from bot.errors import DialogueUnavailable, NotAuthenticated, RequestRefused
from bot.gateway.pages import page
from kb_index.errors import KnowledgeBaseError

# Where programs call; everything else is for people.
_PROGRAMS = ("/api/", "/healthz", "/readyz", "/static/", "/widget/", "/webhooks/")

log = logging.getLogger(__name__)

_SENTENCES = {
    400: "O conteúdo do pedido não pôde ser lido. Confira o formato e envie de novo.",
    404: "Este endereço não existe.",
    405: "Este endereço não aceita esse método.",
    413: "O pedido é grande demais. Reduza-o e tente de novo.",
}


# What any call may be answered with, beside its own statuses; for the OpenAPI description.
RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": title, "content": {"application/problem+json": {}}}
    for status, title in (
        (400, "Pedido recusado"), (401, "Identificação necessária"), (403, "Não permitido"), (404, "Não encontrado"),
        (405, "Método não aceito"), (409, "Mudou nesse meio-tempo"), (413, "Grande demais"),
        (415, "Tipo de arquivo não aceito"), (422, "Pedido inválido"), (429, "Pedidos demais"), (503, "Indisponível"),
    )
}  # fmt: skip


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def refusal(request: Request, status: int, title: str, detail: str, **more: Any) -> Response:
    """The page or the problem that tells of an error."""
    if not is_for_a_person(request):
        return problem(status, title, detail, **more)
    return await asyncio.to_thread(page, request, "refused.html", status, title=title, detail=detail)


def is_for_a_person(request: Request) -> bool:
    by_program = request.url.path.startswith(_PROGRAMS)
    return not by_program and "text/html" in request.headers.get("accept", "")


def install(app: FastAPI) -> None:
    app.add_exception_handler(RequestRefused, _refused)
    app.add_exception_handler(DialogueUnavailable, _unavailable)
    app.add_exception_handler(KnowledgeBaseError, _no_articles)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestRefused)
    if isinstance(error, NotAuthenticated) and is_for_a_person(request):
        return RedirectResponse(f"/entrar?next={quote(_wanted(request), safe='')}", 303)
    return await refusal(request, error.status, error.title, str(error))


def _wanted(request: Request) -> str:
    """Where to go on after signing in: what was posted cannot be posted again, its page can be opened again."""
    path = request.url.path
    if request.method != "GET":
        return path.rpartition("/")[0] or "/chamados"
    return f"{path}?{request.url.query}" if request.url.query else path


async def _unavailable(request: Request, error: Exception) -> Response:
    detail = "O assistente está com uma instabilidade. Tente de novo em alguns segundos."
    return await refusal(request, 503, "Indisponível", detail)


async def _no_articles(request: Request, error: Exception) -> Response:
    log.error("%s", error)
    detail = "A busca de artigos está indisponível. Tente de novo em alguns segundos."
    return await refusal(request, 503, "Indisponível", detail)


async def _invalid(request: Request, error: Exception) -> Response:
    """Names the fields, never their values: those are customer text."""
    assert isinstance(error, RequestValidationError)
    fields = sorted({".".join(str(part) for part in item["loc"][1:]) or "corpo" for item in error.errors()})
    detail = f"O pedido não está no formato esperado. Confira: {', '.join(fields)}."
    return await refusal(request, 422, "Pedido inválido", detail, fields=fields)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = _SENTENCES.get(error.status_code, "O pedido não pôde ser atendido.")
    title = "Não encontrado" if error.status_code == 404 and is_for_a_person(request) else "Pedido recusado"
    return await refusal(request, error.status_code, title, detail)

"""One place where errors become HTTP: `application/problem+json` (RFC 9457) with a sentence in Portuguese."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.errors import DialogueUnavailable, RequestRefused
from kb_index.errors import KnowledgeBaseError

log = logging.getLogger(__name__)

_SENTENCES = {
    400: "O conteúdo do pedido não pôde ser lido. Confira o formato e envie de novo.",
    404: "Este endereço não existe.",
    405: "Este endereço não aceita esse método.",
    413: "O pedido é grande demais. Reduza-o e tente de novo.",
}


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    app.add_exception_handler(RequestRefused, _refused)
    app.add_exception_handler(DialogueUnavailable, _unavailable)
    app.add_exception_handler(KnowledgeBaseError, _no_articles)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestRefused)
    return problem(error.status, error.title, str(error))


async def _unavailable(_: Request, error: Exception) -> JSONResponse:
    return problem(503, "Indisponível", "O assistente está com uma instabilidade. Tente de novo em alguns segundos.")


async def _no_articles(_: Request, error: Exception) -> JSONResponse:
    log.error("%s", error)
    return problem(503, "Indisponível", "A busca de artigos está indisponível. Tente de novo em alguns segundos.")


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """Names the fields, never their values: those are customer text."""
    assert isinstance(error, RequestValidationError)
    fields = sorted({".".join(str(part) for part in item["loc"][1:]) or "corpo" for item in error.errors()})
    detail = f"O pedido não está no formato esperado. Confira: {', '.join(fields)}."
    return problem(422, "Pedido inválido", detail, fields=fields)


async def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail = _SENTENCES.get(error.status_code, "O pedido não pôde ser atendido.")
    return problem(error.status_code, "Pedido recusado", detail)

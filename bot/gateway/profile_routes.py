"""The page of the person who is signed in: what the desk calls them, and leaving on all devices."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.errors import InvalidRequest
from bot.gateway.browser_session import SESSION_COOKIE
from bot.gateway.context import Parts
from bot.gateway.pages import page
from bot.gateway.signed_in import Person, checked_form

router = APIRouter(prefix="/perfil", include_in_schema=False, default_response_class=HTMLResponse)

LONGEST_NAME = 80
_MARKS = " .'’-,()"
# A name goes into letters, where programs make links of words that look like an address.
_LIKE_AN_ADDRESS = re.compile(r"\w{2,}\.\w")


@router.get("")
def profile(request: Request, person: Person, feito: str = "") -> Response:
    return page(request, "profile.html", called=person.identity.name, done=feito == "nome", longest=LONGEST_NAME)


@router.post("", dependencies=[Depends(checked_form)])
def rename(
    request: Request, parts: Parts, person: Person, name: Annotated[str, Form(max_length=1_000)] = ""
) -> Response:
    try:
        parts.people.rename(person.identity.email, checked_name(name))
    except InvalidRequest as error:
        again = {"called": name[:LONGEST_NAME], "error": str(error), "longest": LONGEST_NAME}
        return page(request, "profile.html", error.status, **again)
    return RedirectResponse("/perfil?feito=nome", 303)


@router.post("/sair-de-todos", dependencies=[Depends(checked_form)])
def leave_everywhere(parts: Parts, person: Person) -> Response:
    parts.people.leave_everywhere(person.identity.email)
    response = RedirectResponse("/entrar?saiu=true", 303)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def checked_name(text: str) -> str:
    """The name on one line. Raises InvalidRequest, with a sentence, for what nobody can be called by."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not any(char.isalpha() for char in name):
        raise InvalidRequest("Escreva como você quer ser chamado.")
    if len(name) > LONGEST_NAME:
        raise InvalidRequest(f"Use até {LONGEST_NAME} caracteres.")
    if not all(unicodedata.category(char)[0] in "LM" or char.isdigit() or char in _MARKS for char in name):
        raise InvalidRequest("Use só letras, números, espaços, pontos, vírgulas, apóstrofos, hifens e parênteses.")
    if _LIKE_AN_ADDRESS.search(name):
        raise InvalidRequest("O nome parece o endereço de um site. Ponha um espaço depois do ponto.")
    return name

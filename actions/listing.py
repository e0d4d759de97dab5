"""Which tickets a sentence asks for: whose, in which state, of which kind, since when. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.catalog import Catalog
from bot.periods import period_in
from bot.text import plain
from bot.tickets.draft import Requester
from bot.tickets.ports import Creator, TicketQuery
from bot.tickets.ticket import Status

_TEAM = re.compile(
    r"\b(?:equipes?|times?|empresa|pessoal|colegas?|setor|departamento|loja|noss[oa]s?|d?a gente|gnt|de todos)\b"
)
_EVERYTHING = re.compile(r"^(?:\W*(?:ver|listar?|mostra\w*|quero|todos?|todas?|os|as|me|chamados|tickets)\b)*$")
_NOT_DONE = re.compile(r"\b(?:nao|nem|sem)\b[^.,;]*\b(?:resolv|encerr|fech|conclu|finaliz|solu)\w*")
_DONE = re.compile(r"\b(?:resolvid|encerrad|fechad|concluid|finalizad)[oa]s?\b")
_WAITING = re.compile(
    r"\b(?:esperam?|esperando|aguardam?|aguardando|dependem?|dependendo)\b.*\b(?:resposta|retorno|min|mim|noss|cliente|gente)\w*"
)
_OPEN = re.compile(r"\b(?:abert[oa]s?|em aberto|pendent\w*|pendencias?|andamento|parad[oa]s?|ativ[oa]s?)\b")


@dataclass(frozen=True)
class Listing:
    """A query and how a person would name what it finds: `chamados de erro abertos por Ana`."""

    query: TicketQuery
    title: str


def listing(
    text: str, who: Requester, creators: Sequence[Creator], catalog: Catalog, now: datetime, limit: int
) -> Listing:
    """What the sentence asks for. `creators` are the people whose tickets `who` may see; `now` in the desk's zone."""
    words = plain(text)
    creator = _creator(words, creators)
    kind = catalog.type_named(text)
    period = period_in(text, now)
    state, unresolved = _state(words)
    team = bool(who.company) and creator is None and bool(_TEAM.search(words) or _is_everything(words))
    query = TicketQuery(
        scope="team" if team or creator else "mine",
        status=state,
        unresolved=unresolved,
        type=kind,
        creator=creator.email if creator else None,
        since=period.start if period else None,
        until=period.end if period else None,
        limit=limit,
    )
    return Listing(query, _title(query, creator, catalog))


def _is_everything(words: str) -> bool:
    return "todos" in words.split() and _EVERYTHING.match(words) is not None


def _creator(words: str, creators: Sequence[Creator]) -> Creator | None:
    """The colleague whose full name, else first name, is said; a first name that two share says nobody."""
    said = set(re.findall(r"\w+", words))
    full = [one for one in creators if one.name and set(plain(one.name).split()) <= said]
    first = [one for one in creators if one.name and plain(one.name).split()[0] in said]
    return next((found[0] for found in (full, first) if len(found) == 1), None)


def _state(words: str) -> tuple[str | None, bool]:
    """(status, only those not resolved)."""
    if _NOT_DONE.search(words):
        return None, True
    if _WAITING.search(words):
        return Status.WAITING_CUSTOMER.value, False
    if _DONE.search(words) and not _OPEN.search(words):
        return Status.RESOLVED.value, False
    return None, bool(_OPEN.search(words)) and not _DONE.search(words)


def _title(query: TicketQuery, creator: Creator | None, catalog: Catalog) -> str:
    whose = "Chamados da sua equipe" if query.scope == "team" else "Seus chamados"
    parts = [f"Chamados de {creator.name}" if creator else whose]
    if query.type:
        parts.append(f"tipo {catalog.types[query.type].title}")  # type: ignore[index]
    if query.unresolved:
        parts.append("em aberto")
    if query.status:
        parts.append(Status(query.status).label.lower())
    if query.since:
        parts.append(f"desde {query.since:%d/%m}")
    return ", ".join(parts)

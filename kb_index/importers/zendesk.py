"""A Zendesk Help Center: the JSON of its articles endpoint, one file or a folder of them.

Sections and categories, in the same files or in others, give each article its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kb_index.errors import ArticleError
from kb_index.importers.document import Document, Notes
from kb_index.importers.reading import decode, without_controls

_ADDRESS = re.compile(r"/hc/.*?articles/(\d+)")
_LARGEST_FILE = 200_000_000  # bytes

_Rows = dict[str, dict[str, Any]]


class ZendeskHelpCenter:
    """A document's key is the article's number."""

    system = "zendesk"

    def __init__(self, source: Path) -> None:
        self._source = source
        self._hosts: set[str] = set()

    def documents(self) -> list[Document]:
        pages = [_read(file) for file in _files(self._source)]
        articles = _rows(pages, "articles", prefer=_preference)
        places = {**_rows(pages, "categories"), **_rows(pages, "sections")}
        self._hosts = {host for article in articles.values() if (host := _host(article.get("html_url")))}
        return [_document(key, article, places) for key, article in articles.items()]

    def html(self, document: Document, notes: Notes) -> str:
        return document.body

    def target(self, href: str, document: Document) -> str | None:
        found = _ADDRESS.search(href)
        host = _host(href)
        return found[1] if found and (host in self._hosts or (host is None and href.startswith("/"))) else None


def _files(source: Path) -> list[Path]:
    if not source.exists():
        raise ArticleError(source, None, "o arquivo ou a pasta de origem não existe; confira o caminho")
    return sorted(source.rglob("*.json")) if source.is_dir() else [source]


def _read(file: Path) -> dict[str, Any]:
    if file.stat().st_size > _LARGEST_FILE:
        raise ArticleError(file, None, "o arquivo passa de 200 MB; exporte os artigos em páginas")
    try:
        page = json.loads(decode(file.read_bytes()))
    except json.JSONDecodeError as error:
        problem = "o arquivo não é JSON válido; exporte-o de novo"
        raise ArticleError(file, error.lineno, problem) from error
    except RecursionError as error:
        raise ArticleError(file, None, "o arquivo tem níveis demais para ser lido; exporte-o de novo") from error
    return page if isinstance(page, dict) else {"articles": page}


def _rows(pages: Iterable[dict[str, Any]], name: str, prefer: Any = None) -> _Rows:
    """By number; of an article that comes twice (another language, a page fetched again) the preferred one."""
    rows: _Rows = {}
    for row in _listed(pages, name):
        key = str(row["id"])
        if key not in rows or prefer is None or prefer(row) > prefer(rows[key]):
            rows[key] = row
    return rows


def _listed(pages: Iterable[dict[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    for page in pages:
        rows = page.get(name)
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and re.fullmatch(r"\d{1,20}", str(row.get("id"))):
                yield row


def _preference(article: dict[str, Any]) -> tuple[bool, str]:
    return str(article.get("locale")).lower().startswith("pt"), str(article.get("updated_at") or "")


def _document(key: str, article: dict[str, Any], places: _Rows) -> Document:
    title = " ".join(without_controls(str(article.get("title") or article.get("name") or "")).split())
    return Document(
        key=key,
        id=f"zendesk-{key}",
        title=title,
        body=str(article.get("body") or ""),
        path=_path(article, places),
        obstacle="rascunho" if article.get("draft") is True else None,
        restricted=bool(article.get("user_segment_id") or article.get("user_segment_ids")),
    )


def _path(article: dict[str, Any], places: _Rows) -> tuple[str, ...]:
    """Names from the category down to the section; sections may lie in sections."""
    names: list[str] = []
    place = places.get(str(article.get("section_id")))
    while place is not None and len(names) < 10:
        names.insert(0, str(place.get("name") or ""))
        place = places.get(str(place.get("parent_section_id") or place.get("category_id")))
    return tuple(names)


def _host(address: Any) -> str | None:
    try:
        return urlsplit(str(address or "")).hostname
    except ValueError:
        return None

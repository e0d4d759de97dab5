"""A Confluence space export: `entities.xml` in a zip (never unpacked) or in a folder.

The file is a dump of the database, read as a stream twice: old versions and comments, the bulk of it, are never held.
Facts of the format: https://www.xwiki.org/xwiki/bin/view/documentation/extensions/admin/confluence/xml-format/
"""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, unquote_plus, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from kb_index.errors import ArticleError
from kb_index.importers.document import PAGE_SCHEME, Document, Notes
from kb_index.importers.reading import without_controls
from kb_index.importers.storage_format import to_html
from kb_index.terms import fold

_ENTITIES = "entities.xml"
_LARGEST_FILE = 20_000_000_000  # characters
_STATUSES = {"draft": "rascunho", "deleted": "na lixeira", "archived": "arquivada"}
_NUMBERED = re.compile(r"/pages/(\d+)(?:/|$)|[?&]pageId=(\d+)")
_DISPLAYED = re.compile(r"/display/([^/]+)/([^/]+)$")


@dataclass(frozen=True)
class _Page:
    id: str
    title: str
    space: str
    parent: str
    status: str
    bodies: frozenset[str]


@dataclass(frozen=True)
class _Body:
    text: str
    is_storage: bool


class ConfluenceSpace:
    """A document's key is the page's number."""

    system = "confluence"

    def __init__(self, source: Path) -> None:
        self._source = source
        self._pages: dict[str, _Page] = {}
        self._spaces: dict[str, str] = {}
        self._restricted: set[str] = set()
        self._by_title: dict[tuple[str, str], str] = {}

    def documents(self) -> list[Document]:
        """Of pages as they are now; their old versions are no pages."""
        for entity in _entities(self._source):
            self._keep(entity)
        self._by_title = {(self._space(page), fold(page.title)): page.id for page in self._pages.values()}
        bodies = self._bodies()
        return [self._document(page, bodies.get(page.id)) for page in self._pages.values()]

    def html(self, document: Document, notes: Notes) -> str:
        return to_html(document.body, notes)

    def target(self, href: str, document: Document) -> str | None:
        found = _NUMBERED.search(href)
        if found:
            number = found[1] or found[2]
            return number if number in self._pages else None
        space, title = _named(href)
        here = self._space(self._pages[document.key])
        return self._by_title.get((fold(space) or here, fold(title))) if title else None

    def _keep(self, entity: Element) -> None:
        kind, number = entity.get("class"), _id(entity)
        if kind == "Space":
            self._spaces[number] = fold(_text(entity, "key"))
        elif kind == "Page" and not _is_old(entity):
            self._pages[number] = _page(number, entity)
        elif kind == "ContentPermissionSet" and _text(entity, "type").lower() == "view":
            self._restricted.add(_reference(entity, "owningContent"))

    def _bodies(self) -> dict[str, _Body]:
        bodies: dict[str, _Body] = {}
        for entity in _entities(self._source):
            if entity.get("class") != "BodyContent":
                continue
            page = self._pages.get(_reference(entity, "content"))
            if page and (not page.bodies or _id(entity) in page.bodies):
                bodies[page.id] = _Body(_text(entity, "body"), _text(entity, "bodyType") in ("", "2"))
        return bodies

    def _document(self, page: _Page, body: _Body | None) -> Document:
        ancestors = list(self._ancestors(page))
        obstacle = _STATUSES.get(page.status) or (f"no estado {page.status}" if page.status != "current" else None)
        if body and not body.is_storage:
            obstacle = obstacle or "escrita no formato antigo do Confluence, anterior à versão 4"
        return Document(
            key=page.id,
            id=f"confluence-{page.id}",
            title=page.title,
            body=body.text if body else "",
            path=tuple(ancestor.title for ancestor in reversed(ancestors)),
            obstacle=obstacle,
            restricted=any(one.id in self._restricted for one in (page, *ancestors)),
        )

    def _ancestors(self, page: _Page) -> Iterator[_Page]:
        """Nearest first; an export mended by hand may hold a circle."""
        seen = {page.id}
        parent = self._pages.get(page.parent)
        while parent and parent.id not in seen:
            seen.add(parent.id)
            yield parent
            parent = self._pages.get(parent.parent)

    def _space(self, page: _Page) -> str:
        return self._spaces.get(page.space, "")


def _page(number: str, entity: Element) -> _Page:
    return _Page(
        id=number,
        title=" ".join(_text(entity, "title").split()),
        space=_reference(entity, "space"),
        parent=_reference(entity, "parent"),
        status=_text(entity, "contentStatus").lower() or "current",
        bodies=frozenset(
            (body.text or "").strip() for body in entity.iterfind("collection[@name='bodyContents']/element/id")
        ),
    )


def _is_old(entity: Element) -> bool:
    return bool(_reference(entity, "originalVersion") or _text(entity, "originalVersionId"))


def _named(href: str) -> tuple[str, str]:
    """Space key and title of an address that names a page; empty for any other."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return "", ""
    if parts.scheme == PAGE_SCHEME:
        fields = parse_qs(parts.query)
        return fields.get("space", [""])[0], fields.get("title", [""])[0]
    found = _DISPLAYED.search(parts.path)
    return (unquote_plus(found[1]), unquote_plus(found[2])) if found else ("", "")


def _id(entity: Element) -> str:
    return (entity.findtext("id") or "").strip()


def _text(entity: Element, name: str) -> str:
    return (entity.findtext(f"property[@name='{name}']") or "").strip()


def _reference(entity: Element, name: str) -> str:
    return (entity.findtext(f"property[@name='{name}']/id") or "").strip()


def _entities(source: Path) -> Iterator[Element]:
    """Every object of the dump, one at a time. Raises ArticleError."""
    try:
        with _opened(source) as stream:
            yield from _streamed(_CleanText(stream, source))
    except ParseError as error:
        problem = "o arquivo não é XML válido; exporte o espaço de novo, em XML"
        raise ArticleError(source, error.position[0], problem) from error
    except DefusedXmlException as error:
        problem = "o arquivo declara entidades XML, o que um espaço exportado não faz; não foi lido"
        raise ArticleError(source, None, problem) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        problem = "o arquivo não pode ser lido: está danificado ou tem senha; exporte o espaço de novo"
        raise ArticleError(source, None, problem) from error


def _streamed(text: _CleanText) -> Iterator[Element]:
    root: Element | None = None
    for event, element in iterparse(text, events=("start", "end"), forbid_dtd=True):
        if root is None:
            root = element
        elif event == "end" and element.tag == "object":
            yield element
            root.clear()


class _CleanText:
    """Text for the parser: bytes that are no UTF-8 and controls that XML forbids, both known in exports, are mended."""

    def __init__(self, stream: IO[bytes], source: Path) -> None:
        self._stream, self._source, self._left = stream, source, _LARGEST_FILE
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read(self, size: int = 65536, /) -> str:
        """Some text, none only at the end."""
        text = ""
        while not text and (data := self._stream.read(max(size, 65536))):
            text = without_controls(self._decoder.decode(data))
        self._left -= len(text)
        if self._left < 0:
            raise ArticleError(self._source, None, f"o {_ENTITIES} é grande demais; exporte menos páginas por vez")
        return text.removeprefix("\ufeff")


@contextmanager
def _opened(source: Path) -> Iterator[IO[bytes]]:
    if not source.exists():
        raise ArticleError(source, None, "o arquivo ou a pasta de origem não existe; confira o caminho")
    if source.is_file() and zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive, archive.open(_member(archive, source)) as stream:
            yield stream
        return
    file = source if source.is_file() else source / _ENTITIES
    if file.name != _ENTITIES or not file.is_file():
        raise ArticleError(source, None, f"não há {_ENTITIES} aqui; exporte o espaço em XML e indique o zip")
    with file.open("rb") as stream:
        yield stream


def _member(archive: zipfile.ZipFile, source: Path) -> str:
    names = [name for name in archive.namelist() if name.rpartition("/")[2] == _ENTITIES]
    if not names:
        raise ArticleError(source, None, f"o zip não tem {_ENTITIES}; exporte o espaço em XML, não em HTML nem em PDF")
    return min(names, key=len)

"""Documents of another system as articles of ours, and a report of what became of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kb_index.article import Article
from kb_index.build import Progress, silent
from kb_index.errors import ArticleError
from kb_index.importers.conversion import Converted, to_markdown
from kb_index.importers.document import Document, Notes, Source
from kb_index.importers.shelf import Origin, Outcome, Shelf
from kb_index.markdown import split_passages
from kb_index.terms import fold

_LONGEST_BODY = 5_000_000  # characters
_LONGEST_TITLE = 300


@dataclass(frozen=True)
class Shelving:
    """Where articles belong that do not say it themselves.

    `modules` gives the module of what lies in a folder, section or page of that name (case and accents do not count;
    the innermost wins); `module` is that of the rest. `restricted` documents are imported only on demand: the articles
    are open to everybody.
    """

    product: str | None = None
    module: str | None = None
    modules: Mapping[str, str] = field(default_factory=dict)
    restricted: bool = False

    def module_of(self, document: Document) -> str | None:
        known = {fold(name): module for name, module in self.modules.items()}
        mapped = (known[fold(name)] for name in reversed(document.path) if fold(name) in known)
        return document.module or next(mapped, self.module)


@dataclass
class Report:
    """Titles by what became of them, and by the reason why not; `notes` is what imported articles had to leave out."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    notes: Notes = field(default_factory=Counter)

    def skip(self, document: Document, reason: str) -> None:
        self.skipped.setdefault(reason, []).append(document.title or document.key)


def import_articles(
    source: Source, origin: Path, folder: Path, shelving: Shelving, progress: Progress = silent
) -> Report:
    """Brings `folder` up to date with an export at `origin`; a second time changes nothing.

    Articles whose document is no longer in the export stay. Raises ArticleError for an export without documents, or
    one that cannot be read, and has then written nothing.
    """
    documents = source.documents()
    if not documents:
        raise ArticleError(origin, None, "não há nenhum artigo aqui; confira o caminho e o tipo da exportação")
    return _Import(source, Shelf(folder), shelving).run(documents, progress)


class _Import:
    """One import: which documents become articles, what they say, and where they go."""

    def __init__(self, source: Source, shelf: Shelf, shelving: Shelving) -> None:
        self._source, self._shelf, self._shelving = source, shelf, shelving
        self._report = Report()
        self._accepted: dict[str, Document] = {}
        self._taken: set[str] = set()
        # Ids of the articles that a link may lead to, by the key of the document.
        self._linked: dict[str, str] = {}

    def run(self, documents: Sequence[Document], progress: Progress) -> Report:
        for document in documents:
            self._admit(document)
        converted = dict(self._converted(progress))
        lost = {document.id for key, document in self._accepted.items() if key not in converted}
        for key, text in converted.items():
            article = _article(self._accepted[key], text, self._shelving, lost)
            self._report.outcomes[self._shelf.put(article, self._origin(key))] += 1
        return self._report

    def _admit(self, document: Document) -> None:
        obstacle = _obstacle(document, self._shelving)
        if obstacle:
            self._skip(document, obstacle)
            return
        kept = self._shelf.find(self._origin(document.key))
        objection = self._shelf.objection(document.id, self._origin(document.key))
        if objection is None and document.id in self._taken:
            objection = f"o id {document.id} já é de outro documento desta importação"
        if objection:
            self._report.skip(document, objection)
            self._linked |= {document.key: kept.id} if kept and kept.id else {}
        else:
            self._accepted[document.key] = document
            self._linked[document.key] = document.id
            self._taken.add(document.id)

    def _converted(self, progress: Progress) -> Iterator[tuple[str, Converted]]:
        """By key, those that have text."""
        for number, (key, document) in enumerate(self._accepted.items()):
            progress("Convertendo artigos", number, len(self._accepted))
            notes: Notes = Counter()
            try:
                converted = self._convert(document, notes)
            except RecursionError:
                self._skip(document, "elementos aninhados demais")
                continue
            if split_passages(converted.markdown):
                self._report.notes += notes
                yield key, converted
            else:
                self._skip(document, "sem texto")

    def _convert(self, document: Document, notes: Notes) -> Converted:
        def resolve(href: str) -> str | None:
            article_id = self._linked.get(self._source.target(href, document) or "")
            return f"/artigos/{article_id}" if article_id else None

        return to_markdown(self._source.html(document, notes), document.title, resolve, notes)

    def _skip(self, document: Document, reason: str) -> None:
        """Reports also an article that an earlier import made of what is no article any more."""
        kept = self._shelf.find(self._origin(document.key))
        left = f", mas importado antes: apague {kept.file.name} se não vale mais" if kept else ""
        self._report.skip(document, reason + left)

    def _origin(self, key: str) -> Origin:
        return Origin(self._source.system, key)


def _obstacle(document: Document, shelving: Shelving) -> str | None:
    if document.obstacle:
        return document.obstacle
    if document.restricted and not shelving.restricted:
        return "restrito a um grupo na origem (--restricted importa também)"
    if not document.title.strip():
        return "sem título"
    return "passa de 5 milhões de caracteres" if len(document.body) > _LONGEST_BODY else None


def _article(document: Document, converted: Converted, shelving: Shelving, lost: set[str]) -> Article:
    asked = (" ".join(text.split()) for text in (*document.questions, *converted.questions))
    return Article(
        id=document.id,
        title=document.title.strip()[:_LONGEST_TITLE],
        body=_unlinked(converted.markdown, lost),
        questions=tuple(question for question in dict.fromkeys(asked) if question != document.title),
        product=document.product or shelving.product,
        module=shelving.module_of(document),
    )


def _unlinked(markdown: str, lost: set[str]) -> str:
    """Without the links to articles that came to nothing after others had been linked to them."""
    if not lost:
        return markdown
    ids = "|".join(map(re.escape, sorted(lost)))
    return re.sub(rf"\[((?:[^\[\]\\]|\\.)*)\]\(/artigos/(?:{ids})\)", r"\1", markdown)

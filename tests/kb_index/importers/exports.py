"""Where the invented exports lie, and an import of one in a line."""

from __future__ import annotations

from pathlib import Path

from kb_index.article import Article, load_articles
from kb_index.importers.confluence import ConfluenceSpace
from kb_index.importers.document import Source
from kb_index.importers.importing import Report, Shelving, import_articles
from kb_index.importers.markdown_folder import MarkdownFolder
from kb_index.importers.zendesk import ZendeskHelpCenter

EXPORTS = Path(__file__).parent / "exports"
FOLDER, SPACE, HELP_CENTER = EXPORTS / "pasta", EXPORTS / "confluence", EXPORTS / "zendesk"


def run(source: Source, into: Path, shelving: Shelving | None = None) -> Report:
    return import_articles(source, Path("origem"), into, shelving or Shelving("TILL"))


def folder(into: Path, origin: Path = FOLDER, shelving: Shelving | None = None) -> Report:
    return run(MarkdownFolder(origin), into, shelving)


def space(into: Path, origin: Path = SPACE, shelving: Shelving | None = None) -> Report:
    return run(ConfluenceSpace(origin), into, shelving)


def help_center(into: Path, origin: Path = HELP_CENTER, shelving: Shelving | None = None) -> Report:
    return run(ZendeskHelpCenter(origin), into, shelving)


def articles(into: Path) -> dict[str, Article]:
    """By id, as the build reads them."""
    return {article.id: article for article in load_articles(into)}


def texts(into: Path) -> dict[str, str]:
    """Every file of a folder by name."""
    return {file.name: file.read_text("utf-8") for file in sorted(into.iterdir())}

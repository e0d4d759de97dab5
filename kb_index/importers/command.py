"""`python -m kb_index import markdown|confluence|zendesk SOURCE --into FOLDER`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from kb_index.build import Progress
from kb_index.importers.confluence import ConfluenceSpace
from kb_index.importers.document import Source
from kb_index.importers.importing import Report, Shelving, import_articles
from kb_index.importers.markdown_folder import MarkdownFolder
from kb_index.importers.shelf import Outcome
from kb_index.importers.zendesk import ZendeskHelpCenter

_SYSTEMS: dict[str, tuple[Callable[[Path], Source], str]] = {
    MarkdownFolder.system: (MarkdownFolder, "uma pasta de arquivos Markdown ou HTML"),
    ConfluenceSpace.system: (ConfluenceSpace, "um espaço exportado em XML: o zip, ou a pasta com entities.xml"),
    ZendeskHelpCenter.system: (ZendeskHelpCenter, "os artigos de um Help Center em JSON: um arquivo ou uma pasta"),
}
_TITLES_SHOWN = 5


def add_to(command: argparse.ArgumentParser, bar: Callable[[str], AbstractContextManager[Progress]]) -> None:
    """`bar` shows progress under the words that it is given."""
    systems = command.add_subparsers(required=True, metavar="sistema")
    for name, (system, what) in _SYSTEMS.items():
        _add_system(systems.add_parser(name, help=what), system, bar)


def _add_system(
    command: argparse.ArgumentParser,
    system: Callable[[Path], Source],
    bar: Callable[[str], AbstractContextManager[Progress]],
) -> None:
    command.add_argument("source", type=Path, help="o que foi exportado")
    command.add_argument("--into", type=Path, required=True, help="pasta dos artigos (*.md)")
    command.add_argument("--product", help="produto dos artigos; sem ele, valem para todos")
    command.add_argument("--module", help="módulo dos artigos que não têm um próprio")
    command.add_argument(
        "--map", type=_pair, action="append", default=[], metavar="NOME=MÓDULO", help="módulo do que está sob esse nome"
    )
    command.add_argument("--restricted", action="store_true", help="importa também o que é restrito na origem")

    def run(options: argparse.Namespace) -> None:
        shelving = Shelving(options.product, options.module, dict(options.map), options.restricted)
        with bar("Lendo a exportação") as progress:
            report = import_articles(system(options.source), options.source, options.into, shelving, progress)
        print("\n".join(summary(report, options.into)))

    command.set_defaults(run=run)


def _pair(text: str) -> tuple[str, str]:
    name, equals, module = text.rpartition("=")
    if not (equals and name.strip() and module.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} precisa ter a forma NOME=MÓDULO")
    return name.strip(), module.strip()


def summary(report: Report, folder: Path) -> Iterator[str]:
    """Lines to print."""
    counts = report.outcomes
    written = counts[Outcome.ADDED] + counts[Outcome.UPDATED]
    skipped = sum(map(len, report.skipped.values()))
    yield (
        f"Importados: {written} ({counts[Outcome.ADDED]} novos, {counts[Outcome.UPDATED]} atualizados). "
        f"Sem mudança: {counts[Outcome.UNCHANGED]}. Deixados de fora: {skipped}."
    )
    for reason, titles in report.skipped.items():
        more = f" e mais {len(titles) - _TITLES_SHOWN}" if len(titles) > _TITLES_SHOWN else ""
        yield f"  {reason}: {'; '.join(titles[:_TITLES_SHOWN])}{more}"
    left_out = "; ".join(f"{what}: {count}" for what, count in report.notes.most_common() if count)
    if left_out:
        yield f"Retirado dos textos ({left_out})."
    if written:
        yield f"Agora atualize o índice: python -m kb_index build --articles {folder}"

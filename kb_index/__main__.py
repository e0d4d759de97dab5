"""The knowledge base from a terminal: `python -m kb_index build | search | import`.

`build` makes or refreshes the index, `search` asks it, `import` brings articles of other systems into the folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kb_index.build import DEFAULT_ARTICLES, DEFAULT_UNANSWERABLE, Progress, Report, build, silent
from kb_index.encoder import DEFAULT_MODEL, ModelSource
from kb_index.errors import KnowledgeBaseError
from kb_index.importers import command as importing
from kb_index.search import DEFAULT_INDEX, ArticleSearch


def main(arguments: list[str] | None = None) -> int:
    """The process's exit status: 0, or 1 after a sentence on stderr about what to mend."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except KnowledgeBaseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kb_index", description="Base de conhecimento: índice e busca.")
    commands = parser.add_subparsers(required=True, metavar="comando")
    _add_build(commands.add_parser("build", help="cria ou atualiza o índice"))
    _add_search(commands.add_parser("search", help="procura artigos para uma pergunta"))
    importing.add_to(commands.add_parser("import", help="traz artigos de outro sistema"), _bar)
    return parser


def _add_build(command: argparse.ArgumentParser) -> None:
    command.add_argument("--articles", type=Path, default=DEFAULT_ARTICLES, help="pasta dos artigos (*.md)")
    command.add_argument("--index", type=Path, default=DEFAULT_INDEX, help="pasta do índice")
    command.add_argument("--unanswerable", type=Path, default=DEFAULT_UNANSWERABLE, help="mensagens sem artigo")
    command.add_argument("--model", default=DEFAULT_MODEL, help="pasta ou pacote do codificador, ou hub:NOME")
    command.add_argument("--query-prefix", help="prefixo das perguntas, se o codificador pede um")
    command.add_argument("--passage-prefix", help="prefixo dos trechos, se o codificador pede um")
    command.add_argument("--database", help="PostgreSQL com pgvector que guarda os vetores, em lugar da memória")
    command.add_argument("--progress", action="store_true", help="mostra o andamento")
    command.set_defaults(run=_build)


def _add_search(command: argparse.ArgumentParser) -> None:
    command.add_argument("query", help="a pergunta")
    command.add_argument("--database", help="o banco com que o índice foi feito, se foi com um")
    command.add_argument("--index", type=Path, default=DEFAULT_INDEX, help="pasta do índice")
    command.add_argument("--product", help="só artigos deste produto e os gerais")
    command.add_argument("--module", help="prefere artigos deste módulo")
    command.add_argument("--limit", type=int, default=5, help="quantos artigos no máximo")
    command.set_defaults(run=_search)


def _build(options: argparse.Namespace) -> None:
    source = ModelSource.named(options.model, options.query_prefix, options.passage_prefix)
    with _bar("Lendo os artigos", shown=options.progress) as progress:
        report = build(
            options.articles,
            options.index,
            source=source,
            unanswerable=options.unanswerable,
            database=options.database,
            progress=progress,
        )
    print(_sentence(report))


@contextmanager
def _bar(words: str, shown: bool = True) -> Iterator[Progress]:
    """Shows on stderr what is being done, if anybody wants to see it; `words` before the first step is named."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), disable=not shown, transient=True) as bar:
        task = bar.add_task(words, total=None)

        def show(step: str, done: int, total: int) -> None:
            bar.update(task, description=step, completed=done, total=total or None)

        yield show if shown else silent


def _sentence(report: Report) -> str:
    figures = f"{report.kept:.0%} das dúvidas ganham artigo, {report.refused:.0%} do resto fica sem"
    if not report.rebuilt:
        return f"Índice em dia: {report.articles} artigos ({figures})."
    return (
        f"Índice refeito: {report.articles} artigos, {report.changed} novos ou alterados, {report.removed} removidos, "
        f"{report.encoded} textos codificados ({figures})."
    )


def _search(options: argparse.Namespace) -> None:
    answer = ArticleSearch.open(options.index, database=options.database).search(
        options.query, options.product, options.module, options.limit
    )
    verdict = "há artigo" if answer.answerable else "nenhum artigo responde"
    print(f"{verdict} (confiança {answer.confidence:.2f})")
    for hit in answer.results:
        print(f"\n{hit.score:.2f}  {hit.title}\n      {hit.url}\n      {hit.passage}")


if __name__ == "__main__":
    sys.exit(main())

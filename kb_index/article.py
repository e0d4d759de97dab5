"""One article of the knowledge base: a Markdown file with YAML front matter.

    ---
    id: transferir-atendimento            # its address: lower-case ASCII words joined by hyphens
    title: Como transferir um atendimento
    product: PRODUCT                      # optional: without it the article concerns every product
    module: MODULE                        # optional
    questions:                            # how people ask for it, in their own words
      - "como passo um atendimento pra outra pessoa?"
    source:                               # only in an imported article, and the import's own: see kb_index/importers
      …
    ---
    ## Para que serve
    …

Any other field is taken for a slip of the pen and refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from kb_index.errors import ArticleError
from kb_index.markdown import split_passages, to_safe_html

_FENCE = "---"
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIELDS = ("id", "title", "product", "module", "questions", "source")


@dataclass(frozen=True)
class Article:
    """`questions` are ways of asking for the article; `body` is Markdown without the front matter."""

    id: str
    title: str
    body: str
    questions: tuple[str, ...] = ()
    product: str | None = None
    module: str | None = None

    @property
    def url(self) -> str:
        return f"/artigos/{self.id}"

    def passages(self) -> list[str]:
        """The body as plain texts of about 200 to 350 characters, in reading order."""
        return split_passages(self.body)

    def to_html(self) -> str:
        """The body as HTML that is safe to put into a page, whatever the file holds."""
        return to_safe_html(self.body)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Article:
        values: dict[str, Any] = {**fields, "questions": tuple(fields["questions"])}
        return cls(**values)


def parse_article(text: str, file: Path) -> Article:
    """Raises ArticleError naming file, line and remedy."""
    front, body = _split(text, file)
    fields = _Fields.read(front, file)
    if not split_passages(body):
        raise ArticleError(file, None, "o artigo está sem texto; escreva o conteúdo depois do segundo ---")
    return Article(
        id=fields.slug("id"),
        title=fields.text("title"),
        body=body.strip() + "\n",
        questions=fields.texts("questions"),
        product=fields.optional_text("product"),
        module=fields.optional_text("module"),
    )


def load_articles(directory: Path) -> list[Article]:
    """All `*.md` of a folder, by file name. Raises ArticleError, also for an id used twice."""
    if not directory.is_dir():
        raise ArticleError(directory, None, "a pasta de artigos não existe; confira o caminho em --articles")
    files = sorted(directory.glob("*.md"))
    if not files:
        raise ArticleError(directory, None, "a pasta não tem nenhum artigo (*.md); confira o caminho em --articles")
    return list(_distinct(files))


def _distinct(files: Iterable[Path]) -> Iterator[Article]:
    owners: dict[str, Path] = {}
    for file in files:
        article = parse_article(_read(file), file)
        owner = owners.setdefault(article.id, file)
        if owner is not file:
            raise ArticleError(file, None, f"o id {article.id} já é de {owner.name}; escolha outro")
        yield article


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ArticleError(file, None, "o arquivo não está em UTF-8; salve-o de novo com essa codificação") from error


def _split(text: str, file: Path) -> tuple[str, str]:
    """Front matter and body. The front matter keeps its place, so that YAML counts the file's own lines."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].rstrip() != _FENCE:
        raise ArticleError(file, 1, "o artigo precisa começar por uma linha ---, seguida de id, title e questions")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise ArticleError(file, 1, "falta a segunda linha ---, que fecha o cabeçalho do artigo")
    return "\n".join(["", *lines[1:end]]), "\n".join(lines[end + 1 :])


class _Fields:
    """The front matter, checked field by field; knows on which line each one stands."""

    def __init__(self, values: dict[str, Any], lines: dict[str, int], file: Path) -> None:
        self._values, self._lines, self._file = values, lines, file

    @classmethod
    def read(cls, front: str, file: Path) -> _Fields:
        values, lines = _mapping(front, file)
        unknown = next((name for name in values if name not in _FIELDS), None)
        if unknown is not None:
            problem = f"campo desconhecido {unknown}; use apenas {', '.join(_FIELDS)}"
            raise ArticleError(file, lines.get(str(unknown)), problem)
        return cls(values, lines, file)

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if value is None:
            raise self._error(name, f"falta o campo {name}; acrescente-o ao cabeçalho")
        return value

    def optional_text(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self._error(name, f"{name} precisa ser um texto; escreva-o entre aspas")
        return value.strip()

    def slug(self, name: str) -> str:
        value = self.text(name)
        if not _SLUG.fullmatch(value):
            problem = f"{name} inválido: {value!r}; use letras minúsculas sem acento, números e hífens"
            raise self._error(name, problem)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._values.get(name) or []
        if not isinstance(values, list):
            raise self._error(name, f"{name} precisa ser uma lista; comece cada linha por um hífen")
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self._error(name, f"{name} só pode ter textos; escreva cada linha entre aspas")
        return tuple(value.strip() for value in values)

    def _error(self, name: str, problem: str) -> ArticleError:
        return ArticleError(self._file, self._lines.get(name, 1), problem)


def _mapping(front: str, file: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """The values of the front matter and the file's line of each."""
    loader = yaml.SafeLoader(front)
    try:
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = f"o cabeçalho não é YAML válido ({error.problem}); confira recuo, dois-pontos e aspas"
        raise ArticleError(file, line, problem) from error
    finally:
        loader.dispose()
    if not isinstance(values, dict):
        raise ArticleError(file, 2, "o cabeçalho precisa ter campos no formato nome: valor")
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value} if node else {}
    return values, lines

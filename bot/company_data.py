"""Reads one YAML file of the company's data into a pydantic model.

A mistake is reported with file, line and remedy, so that an administrator can mend it without a programmer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)

_REMEDIES = {
    "missing": "falta o campo obrigatório",
    "extra_forbidden": "campo desconhecido; confira a grafia ou remova-o",
    "string_type": "o valor precisa ser um texto",
    "list_type": "o valor precisa ser uma lista",
    "dict_type": "o valor precisa ser um conjunto de campos",
    "model_type": "o valor precisa ser um conjunto de campos",
    "int_type": "o valor precisa ser um número inteiro",
    "int_parsing": "o valor precisa ser um número inteiro",
    "int_from_float": "o valor precisa ser um número inteiro",
    "float_type": "o valor precisa ser um número",
    "float_parsing": "o valor precisa ser um número",
    "date_type": "o valor precisa ser uma data, por exemplo 2026-01-25",
    "date_from_datetime_parsing": "o valor precisa ser uma data, por exemplo 2026-01-25",
    "date_from_datetime_inexact": "o valor precisa ser uma data, por exemplo 2026-01-25",
}


def read_yaml(path: Path, model: type[M], **known: object) -> M:
    """Parses and validates `path`. Raises ConfigurationError at the first problem.

    `known` is what the model's validators check against, such as the contents of another file.
    """
    node = _compose(path)
    _check_keys(path, node)
    try:
        return model.model_validate(_data(node), context=known)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        problem = _REMEDIES.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise ConfigurationError(path, _line(node, first["loc"]), f"{where}: {problem}".removeprefix(": ")) from error


def _compose(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError as error:
        raise ConfigurationError(path, None, "o arquivo não existe; copie-o da instalação original") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, None, "o arquivo precisa ser salvo em UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigurationError(path, line, f"não é YAML válido ({error.problem}); confira recuo e aspas") from error


def _data(node: yaml.Node | None) -> Any:
    return yaml.CSafeLoader("").construct_document(node) if node else None


def _check_keys(path: Path, node: yaml.Node | None) -> None:
    """A key written twice would silently lose what stands under the first."""
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _check_keys(path, child)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, child in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise ConfigurationError(path, line, f"{key.value}: aparece duas vezes; junte as duas em uma")
            seen.add(str(key.value))
            _check_keys(path, child)


def _line(node: yaml.Node | None, loc: tuple[int | str, ...]) -> int | None:
    """The line of the deepest part of `loc` that stands in the file."""
    line = node.start_mark.line + 1 if node else None
    for part in loc:
        child = _child(node, part)
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None

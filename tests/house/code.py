"""The Python files of the house and what stands in them, read without running them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from bot.settings import ROOT

OURS = ("bot", "actions", "kb_index")


@cache
def files() -> list[Path]:
    """Every Python file of ours that runs in the service, relative to the repository."""
    found = (path for folder in OURS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"))


def module_of(path: Path) -> str:
    """`bot.sla.matrix` of bot/sla/matrix.py, `bot.sla` of bot/sla/__init__.py."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(path: Path) -> frozenset[str]:
    """Full names of the modules that a file imports anywhere in it, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def strings(path: Path) -> list[str]:
    """Every text that is written in a file."""
    return [
        node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]

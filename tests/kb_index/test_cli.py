"""The two commands, as an administrator types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb_index.__main__ import main
from tests.kb_index.conftest import SHARED_INDEX
from tests.kb_index.library import write_library, write_others


def test_build_and_search_work_together(tmp_path: Path, encoder: object, capsys: pytest.CaptureFixture[str]) -> None:
    write_library(tmp_path / "articles")
    shutil.copytree(SHARED_INDEX / "encoders", tmp_path / "index" / "encoders")
    folders = ["--articles", str(tmp_path / "articles"), "--index", str(tmp_path / "index")]
    built = ["build", *folders, "--unanswerable", str(write_others(tmp_path))]
    assert main(built) == 0
    assert "Índice refeito: 6 artigos, 6 novos" in capsys.readouterr().out
    assert main([*built, "--progress"]) == 0
    assert "Índice em dia: 6 artigos" in capsys.readouterr().out
    assert main(["search", "como faço a sangria?", "--index", str(tmp_path / "index"), "--limit", "1"]) == 0
    printed = capsys.readouterr().out
    assert "/artigos/sangria-do-caixa" in printed and "confiança" in printed


def test_a_mistake_is_a_sentence_and_not_a_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "oi", "--index", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert f"python -m kb_index build --index {tmp_path}" in error
    assert "Traceback" not in error


def test_a_model_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_library(tmp_path / "articles")
    command = ["build", "--articles", str(tmp_path / "articles"), "--index", str(tmp_path / "index")]
    assert main([*command, "--model", "nao-existe"]) == 1
    assert "nao-existe não é uma pasta nem um pacote" in capsys.readouterr().err

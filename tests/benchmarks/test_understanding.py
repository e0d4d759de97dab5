"""A set of our own, measured as lines."""

import json

import httpx
import pytest

from benchmarks.errors.cases import Stack
from benchmarks.understanding.__main__ import _lines, main

UNDERSTOOD = {
    "goal": "greet",
    "confidence": 0.9,
    "type": None,
    **dict.fromkeys(("who", "what", "where", "when", "why")),
}


@pytest.fixture
def folder(tmp_path):
    cases = [{"id": "1", "text": "oi", "goal": "greet"}, {"id": "2", "text": "tchau", "goal": "goodbye"}]
    (tmp_path / "intents.jsonl").write_text("\n".join(map(json.dumps, cases)), "utf-8")
    return tmp_path


def test_each_part_with_cases_has_a_line_of_its_figures(folder):
    stack = Stack("http://servico", httpx.MockTransport(lambda _request: httpx.Response(200, json=UNDERSTOOD)))
    (line,) = _lines(folder, stack)
    assert line.startswith(f"{folder.name}: Objetivos: objetivo certo 50,0%")


def test_without_a_service_nothing_is_kept_and_a_sentence_says_so(folder, capsys):
    assert main(["--url", "http://127.0.0.1:9", "--sets", str(folder)]) == 2
    assert "make up" in capsys.readouterr().err


def test_a_script_or_a_set_is_needed_and_not_both(folder, capsys):
    for arguments in ([], ["--eval", str(folder), "--sets", str(folder)]):
        with pytest.raises(SystemExit):
            main(arguments)
    assert "--sets" in capsys.readouterr().err

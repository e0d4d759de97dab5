"""Starting and stopping: one clear line for each obstacle, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bot.settings import ROOT
from tests.stack import ANA, Stack, free_ports


def start_that_fails(tmp_path: Path, **settings: str) -> str:
    """Runs `up` expecting it to end at once; gives what it said."""
    ports = dict(
        zip(("TRIAGEM_PORT", "TRIAGEM_RASA_PORT", "TRIAGEM_ACTIONS_PORT"), map(str, free_ports(3)), strict=True)
    )
    environment = {**os.environ, "TRIAGEM_HOME": str(tmp_path / "home"), **ports, **settings}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "up"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    return done.stderr


def test_a_port_that_is_taken_is_named_with_the_setting_that_moves_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = start_that_fails(tmp_path, TRIAGEM_PORT=str(port))
    assert f"A porta {port} já está em uso" in said
    assert "TRIAGEM_PORT" in said


def test_a_default_secret_is_refused_outside_loopback(tmp_path: Path) -> None:
    environment = {"TRIAGEM_HOST": "0.0.0.0", "TRIAGEM_IDENTITY_SECRET": ""}
    environment.pop("TRIAGEM_IDENTITY_SECRET")
    assert "TRIAGEM_IDENTITY_SECRET" in start_that_fails(tmp_path, **environment)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert "Não consigo gravar" in start_that_fails(tmp_path, TRIAGEM_HOME=str(tmp_path / "file" / "home"))


def test_a_home_too_deep_for_a_socket_is_named(tmp_path: Path) -> None:
    assert "longo demais" in start_that_fails(tmp_path, TRIAGEM_HOME=str(tmp_path / ("funda" * 20)))


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "said"),
    [
        ("sla_matrix.csv", "pendências,1,2,4", "pendências,um,2,4", "linha 6", "severidade 'um'"),
        ("catalog.yml", "    title: App\n", "", "linha", "title"),
        ("calendar.yml", "America/Sao_Paulo", "America/Lugar_Nenhum", "linha", "fuso"),
    ],
)
def test_a_mistake_in_the_company_data_names_file_line_and_remedy(
    tmp_path: Path, file: str, old: str, new: str, line: str, said: str
) -> None:
    company = tmp_path / "company"
    shutil.copytree(ROOT / "company", company)
    text = (company / file).read_text("utf-8")
    assert old in text
    (company / file).write_text(text.replace(old, new, 1), "utf-8")
    message = start_that_fails(tmp_path, TRIAGEM_COMPANY_DIR=str(company))
    assert file in message and line in message and said in message, message


def test_an_article_without_a_title_is_named_with_its_file(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "001-sem-titulo.md").write_text("---\nid: sem-titulo\nquestions:\n  - como faço?\n---\ntexto", "utf-8")
    shutil.copytree(ROOT / "var" / "test" / "models", tmp_path / "home" / "models")
    message = start_that_fails(tmp_path, TRIAGEM_ARTICLES_DIR=str(articles))
    assert "001-sem-titulo.md" in message and "title" in message, message


def test_a_stop_leaves_no_process_and_a_second_start_builds_nothing(stack: Stack, tmp_path: Path) -> None:
    home = stack.copy_built(tmp_path / "home")
    with Stack(home) as second:
        children = psutil.Process(second.process.pid).children(recursive=True)
        talk = second.talk(ANA)
        talk.say("quero abrir um chamado")
        assert second.stop(signal.SIGINT) == 0
        assert "Treinando" not in (home / "up.log").read_text()
    assert not [child for child in children if child.is_running()]
    with Stack(home) as third:
        talk.stack = third
        assert talk.say("omni")["asking"] == "module"  # the draft outlived the restart


def test_a_killed_supervisor_takes_its_parts_with_it(stack: Stack, tmp_path: Path) -> None:
    home = stack.copy_built(tmp_path / "home")
    with Stack(home) as second:
        children = psutil.Process(second.process.pid).children(recursive=True)
        second.process.kill()
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive, [child.cmdline() for child in alive]


def test_a_part_that_dies_is_started_again_and_the_terminal_says_so(stack: Stack) -> None:
    before = stack.pid_of("deliver")
    stack.kill("deliver")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if stack.pid_of("deliver") != before:
                break
        except AssertionError:
            pass
        time.sleep(0.2)
    assert stack.pid_of("deliver") != before
    assert "deliver parou" in (stack.home / "up.log").read_text()

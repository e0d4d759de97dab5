"""`python -m bot`: one line for whoever runs it, never a stack trace."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from bot import build
from bot.__main__ import main
from bot.assembly import Assembly
from bot.errors import StartError
from bot.gateway.identity import read_token
from bot.settings import DEVELOPMENT_SECRET, Settings
from bot.store.engine import Database, open_engine
from bot.store.mail_store import MailStore
from tests.bot.clock import Clock


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Runs one command line in a home of its own; gives status, output and errors."""
    monkeypatch.setenv("TRIAGEM_HOME", str(tmp_path / "home"))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["bot", *arguments])
        status = main()
        return status, *capsys.readouterr()

    return run


def test_a_token_is_one_the_gateway_reads(run):
    status, output, _ = run("token", "ana@aurora.example", "--name", "Ana", "--company", "Lojas Aurora")
    identity = read_token(output.strip(), DEVELOPMENT_SECRET)
    assert status == 0
    assert (identity.email, identity.name, identity.company, identity.role) == (
        "ana@aurora.example", "Ana", "Lojas Aurora", "requester",
    )  # fmt: skip


def test_a_token_for_support_is_asked_for_by_name(run):
    assert read_token(run("token", "davi@suporte.example", "--agent")[1].strip(), DEVELOPMENT_SECRET).role == "agent"


def test_migrate_makes_the_database(run, tmp_path):
    assert run("migrate")[0] == 0
    engine = open_engine(f"sqlite:///{tmp_path}/home/triagem.db")
    assert "tickets" in inspect(engine).get_table_names()
    engine.dispose()


def test_the_counts_of_whatsapp_are_printed_and_what_failed_is_opened_again(run, monkeypatch, tmp_path):
    run("migrate")
    inbox = Assembly(Settings(home=tmp_path / "home")).whatsapp_inbox
    inbox.keep(b"{")
    inbox.split_new()
    assert "unreadable 1\n" in run("whatsapp", "counts")[1]
    status, output, _ = run("whatsapp", "replay")
    assert status == 0 and output.startswith("1 item(ns)") and "unreadable 0\n" in output


@pytest.mark.parametrize("command", ["serve", "deliver"])
def test_half_a_whatsapp_is_refused_in_one_line_that_names_what_is_missing(run, monkeypatch, command):
    run("migrate")
    monkeypatch.setenv("TRIAGEM_WHATSAPP_TOKEN", "segredo")
    status, _, error = run(command)
    assert status == 1 and "TRIAGEM_WHATSAPP_PHONE_ID" in one_line(error) and "segredo" not in error


def one_line(error):
    assert error.startswith("triagem: ") and error.count("\n") == 1 and "Traceback" not in error
    return error


def test_serving_the_network_with_the_development_secret_is_refused_in_one_line(run, monkeypatch):
    run("migrate")
    monkeypatch.setenv("TRIAGEM_HOST", "0.0.0.0")
    status, _, error = run("serve")
    assert status == 1 and "TRIAGEM_IDENTITY_SECRET" in one_line(error)


def test_a_setting_that_cannot_be_read_is_named_in_one_line(run, monkeypatch):
    monkeypatch.setenv("TRIAGEM_PORT", "oito mil")
    status, _, error = run("migrate")
    assert status == 1 and "TRIAGEM_PORT" in one_line(error)


def test_a_mistake_in_the_companys_data_is_one_line_with_its_place(run, monkeypatch, tmp_path):
    (tmp_path / "company.yml").write_text("name: Loja\nnome: Loja\n")
    run("migrate")
    monkeypatch.setenv("TRIAGEM_COMPANY_DIR", str(tmp_path))
    status, _, error = run("deliver")
    assert status == 1 and f"{tmp_path}/company.yml, linha" in one_line(error)


@pytest.mark.parametrize("arguments", [[], ["nada"], ["token"]])
def test_a_command_line_that_is_wrong_shows_the_usage(run, capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2 and "usage: python -m bot" in capsys.readouterr().err


@pytest.fixture
def held(run, tmp_path):
    """The id of a mail that waits for a decision."""
    run("migrate")
    engine = open_engine(f"sqlite:///{tmp_path}/home/triagem.db")
    mails = MailStore(Database(engine), tmp_path / "home" / "mail_in", Clock())
    mails.keep(b"From: eva@fora.example", "<1@x>/a", "eva@fora.example", "Socorro", refused="remetente desconhecido")
    (mail,) = mails.listed()
    yield str(mail.id)
    engine.dispose()


def test_mail_that_waits_is_listed_with_its_reason_and_shown_with_its_original(run, held, tmp_path):
    assert "remetente desconhecido" in run("mail", "list")[1] and "eva@fora.example" in run("mail", "list")[1]
    path = run("mail", "show", held)[1].splitlines()[1].removeprefix("original: ")
    assert path.startswith(str(tmp_path)) and Path(path).read_bytes() == b"From: eva@fora.example"


def test_mail_that_is_discarded_waits_no_more_and_stays_on_record(run, held):
    assert run("mail", "discard", held)[0] == 0
    assert run("mail", "list")[1] == "" and "descartado" in run("mail", "list", "--all")[1]
    assert "já foi decidido" in one_line(run("mail", "discard", held)[2])


def test_mail_is_released_only_onto_a_ticket_that_exists(run, held):
    assert "em que chamado" in one_line(run("mail", "release", held)[2])
    assert "em que chamado" in one_line(run("mail", "release", held, "--ticket", "PC-9")[2])


def test_mail_that_is_not_there_is_said_in_one_line(run, held):
    assert "não existe" in one_line(run("mail", "show", "99")[2])


COMMANDS = [
    ["serve"], ["deliver"], ["mail", "list"], ["mail", "show", "1"], ["mail", "release", "1"], ["mail", "retry", "1"], ["mail", "discard", "1"],
    ["whatsapp", "counts"], ["whatsapp", "replay"], ["corrections"], ["privacy", "export", "a@b.example"],
    ["privacy", "erase", "a@b.example", "--yes"], ["privacy", "sweep"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_before_there_are_tables_says_what_to_run(run, command):
    status, output, error = run(*command)
    assert (status, output) == (1, "")
    assert one_line(error) == "triagem: O banco de dados ainda não tem as tabelas. Rode `python -m bot migrate`.\n"


def test_tables_of_another_version_are_not_worked_on(run, tmp_path):
    run("migrate")
    engine = open_engine(f"sqlite:///{tmp_path}/home/triagem.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0001'")
    engine.dispose()
    status, _, error = run("mail", "list")
    assert status == 1 and "é de outra versão do Triagem. Rode `python -m bot migrate`." in one_line(error)


@pytest.mark.parametrize("url", ["postgresql://ana:segredo@127.0.0.1:9/x", "nada"])
def test_a_database_that_does_not_answer_is_one_line_without_its_password(run, monkeypatch, url):
    monkeypatch.setenv("TRIAGEM_DATABASE_URL", url)
    status, _, error = run("mail", "list")
    assert status == 1 and "TRIAGEM_DATABASE_URL" in one_line(error) and "segredo" not in error


def test_serving_without_an_index_says_what_to_run(run):
    run("migrate")
    status, _, error = run("serve")
    assert (status, one_line(error)) == (1, "triagem: Falta o índice dos artigos, ou ele não serve mais. Rode `python -m bot build`.\n")  # fmt: skip


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "Falta o modelo"), (b"", "não abre"), (b"\x80\x04cnada\nnada\n.", "não abre")]
)
def test_serving_without_a_model_says_what_to_run(run, monkeypatch, tmp_path, content, problem):
    run("migrate")
    monkeypatch.setattr(Assembly, "articles", object())
    if content is not None:
        (tmp_path / "home" / "models").mkdir()
        (tmp_path / "home" / "models" / "severity.joblib").write_bytes(content)
    status, _, error = run("serve")
    assert status == 1 and problem in one_line(error) and "Rode `python -m bot build`." in error


def test_building_without_the_engines_environment_says_what_to_run(run, monkeypatch, tmp_path):
    monkeypatch.setattr(build, "RASA_PYTHON", tmp_path / "nada")
    with pytest.raises(StartError, match="Rode `make setup`"):
        build.build_dialogue(Settings(home=tmp_path / "home"), print)


def test_a_home_that_cannot_be_made_is_one_line(run, monkeypatch):
    monkeypatch.setenv("TRIAGEM_HOME", "/proc/nada")
    status, _, error = run("migrate")
    assert status == 1 and "/proc/nada" in one_line(error)

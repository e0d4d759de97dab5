"""Personal data by one command: exported, erased everywhere it lies, and swept when it is old."""

import asyncio
import csv
import io
import json
import re
import shutil
import sys

import pytest
from redis import Redis

from bot.__main__ import main
from bot.assembly import Assembly
from bot.conversation.message import CustomerMessage
from bot.conversation.sessions import TRACKERS
from bot.settings import ROOT, Settings
from bot.sla.clock import started
from bot.sla.corrections import read_corrections
from bot.tickets.desk import description, subject_from
from bot.tickets.draft import TicketDraft
from bot.tickets.handling import Said
from bot.tickets.ports import Filing
from bot.tickets.ticket import Status
from tests.bot.people import ANA, CARLA, DAVI, as_requester
from tests.bot.tickets.samples import SAMPLES

MARK = "palavra-da-ana-xyz"
TALK = "conversa-ana"


@pytest.fixture
def home(tmp_path, migrated_file):
    (tmp_path / "home").mkdir()
    shutil.copy(migrated_file, tmp_path / "home" / "triagem.db")
    return tmp_path / "home"


@pytest.fixture
def run(monkeypatch, capsys, home, redis_url):
    """Runs one command line over the home; gives status and output. `typed` is what the person types."""
    monkeypatch.setenv("TRIAGEM_HOME", str(home))
    monkeypatch.setenv("TRIAGEM_REDIS_URL", redis_url)

    def run(*arguments, typed="", **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["bot", *arguments])
        monkeypatch.setattr("builtins.input", lambda _: typed)
        status = main()
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


@pytest.fixture
def redis(redis_url):
    redis = Redis.from_url(redis_url)
    redis.flushall()
    yield redis
    redis.close()


@pytest.fixture
def parts(home, redis_url, clock):
    parts = Assembly(Settings(home=home, redis_url=redis_url), clock)
    yield parts
    asyncio.run(parts.sessions.close())
    parts.database._engine.dispose()


def live(parts, redis, person=ANA, talk=TALK, mark=MARK, row="SLA-03"):
    """A ticket with everything that a life leaves behind; gives its draft and number."""
    who, davi = as_requester(person, talk), as_requester(DAVI, talk)
    parts.inbox.open(talk, "web", person.email)
    parts.inbox.keep(talk, CustomerMessage("m-1", f"{mark} oi"), who)
    redis.hset(f"{TRACKERS}{talk}", "events", json.dumps([mark]))
    file = parts.attachments.save(talk, "tela.png", "image/png", SAMPLES["png"] + mark.encode())
    of = parts.data.matrix.by_id[row]
    log = started(of.severity, parts.data.contracts.terms(of, person.company), parts.now())
    due = parts.handling.deadlines(log)
    draft = TicketDraft(
        f"d-{talk}", "OMNI", "CHAT", "report_error", what=f"o chat não abre, {mark}", who="toda a equipe",
        opening=f"socorro: {mark}", attachments=(file.id,),
    )  # fmt: skip
    number = parts.tickets.file(
        Filing(
            draft, who, subject_from(draft), of.severity, row, due.diagnosis, due.solution, None, {}, parts.now(), log
        )
    ).number
    parts.handling.reply(number, davi, Said(f"Vendo: {mark}.", f"k-{talk}", "console"))
    return draft, number


def mail_of(parts):
    asyncio.run(parts.deliverer.deliver_due())


def lying_in(home, *words):
    """Files below the home in whose bytes any of the words still stands."""
    found = (path for path in home.rglob("*") if path.is_file())
    return sorted(path.name for path in found if any(word.encode() in path.read_bytes() for word in words))


def test_what_is_exported_is_json_with_the_person_s_words(run, parts, redis):
    live(parts, redis)
    live(parts, redis, CARLA, "conversa-carla", "palavra-da-carla")
    status, output = run("privacy", "export", "Ana@Aurora.example")
    told = json.loads(output)
    assert status == 0 and told["address"] == ANA.email
    assert [ticket["number"] for ticket in told["tickets"]] == ["PC-1001"]
    assert MARK in output and "palavra-da-carla" not in output and "PC-1002" not in output


def test_after_an_erasure_nothing_in_the_home_knows_the_person(run, parts, redis, home):
    """Not even the pages that SQLite has given free, its journal, the thumbnails or the letters in the folder."""
    live(parts, redis)
    mail_of(parts)
    file = parts.tickets.by_number("PC-1001").attachments[0]
    assert parts.attachments.path(file).exists()
    assert lying_in(home, MARK, ANA.email)
    parts.database._engine.dispose()
    status, output = run("privacy", "erase", ANA.email, "--yes")
    assert (status, "1 chamado(s), 1 conversa(s) e 1 arquivo(s)" in output) == (0, True)
    assert lying_in(home, MARK, ANA.email, ANA.name) == []
    assert redis.keys(f"{TRACKERS}*") == []
    assert not parts.attachments.path(file).exists()


def test_an_erasure_leaves_other_people_alone(run, parts, redis, home):
    live(parts, redis)
    live(parts, redis, CARLA, "conversa-carla", "palavra-da-carla")
    mail_of(parts)
    before = parts.tickets.by_number("PC-1002")
    run("privacy", "erase", ANA.email, "--yes")
    assert parts.tickets.by_number("PC-1002") == before
    assert parts.attachments.path(before.attachments[0]).exists()
    assert redis.keys(f"{TRACKERS}*") == [f"{TRACKERS}conversa-carla".encode()]
    assert lying_in(home / "mail", CARLA.email) and not lying_in(home / "mail", ANA.email)


@pytest.mark.parametrize("typed", ["", "sim", "carla@bancosul.example"])
def test_an_erasure_is_confirmed_with_the_address_itself(run, parts, redis, typed):
    live(parts, redis)
    status, output = run("privacy", "erase", ANA.email, typed=typed)
    assert status == 1 and "Nada foi apagado" in output and "1 chamado(s)" in output
    assert MARK in parts.tickets.by_number("PC-1001").what
    assert run("privacy", "erase", ANA.email, typed=f" {ANA.email.upper()} ")[0] == 0
    assert parts.tickets.by_number("PC-1001").what is None


def test_without_redis_nothing_is_erased_and_one_line_says_so(run, parts, redis, tmp_path):
    live(parts, redis)
    away = f"unix://{tmp_path}/away.sock?db=0"
    status, output = run("privacy", "erase", ANA.email, "--yes", TRIAGEM_REDIS_URL=away)
    assert status == 1 and "nada foi apagado" in output and "Traceback" not in output
    assert MARK in parts.tickets.by_number("PC-1001").what


def test_what_is_old_is_swept_when_the_settings_say_so(run, parts, redis):
    """The command goes by the machine's clock; the ticket was resolved in March 2026."""
    _, number = live(parts, redis)
    parts.handling.resolve(number, as_requester(DAVI, TALK), Said("Feito.", "k-fim", "console"))
    for days, swept in (("0", "0 chamado(s)"), ("36500", "0 chamado(s)"), ("0.001", "1 chamado(s), 1 conversa(s)")):
        status, output = run("privacy", "sweep", TRIAGEM_RETENTION_DAYS=days)
        assert status == 0 and swept in output
    assert parts.tickets.by_number(number).what is None
    assert redis.keys(f"{TRACKERS}*") == []


def test_an_old_upload_on_no_ticket_is_swept_whatever_the_retention(run, parts, redis):
    _, number = live(parts, redis)
    parts.inbox.open("conversa-largada", "web", None)
    loose = parts.attachments.save("conversa-largada", "largado.txt", "text/plain", b"largado")
    assert run("privacy", "sweep", TRIAGEM_RETENTION_DAYS="0", TRIAGEM_KEEP_LOOSE_UPLOADS_DAYS="0")[0] == 0
    assert parts.attachments.path(loose).exists()
    run("privacy", "sweep", TRIAGEM_RETENTION_DAYS="0", TRIAGEM_KEEP_LOOSE_UPLOADS_DAYS="30")
    assert not parts.attachments.path(loose).exists()
    assert parts.tickets.by_number(number).what is not None


def test_the_engine_keeps_its_trackers_where_they_are_looked_for():
    source = (ROOT / "rasa_server" / "tracker_store.py").read_text()
    assert re.search(r'key_prefix: str = "([^"]+)"', source).group(1) == TRACKERS
    assert "key_prefix" not in (ROOT / "endpoints.yml").read_text()


def test_corrections_are_what_the_model_saw_and_the_row_an_agent_gave_last(run, parts, redis, tmp_path):
    draft, number = live(parts, redis)
    live(parts, redis, CARLA, "conversa-carla", "palavra-da-carla")
    for row in ("SLA-20", "SLA-38"):
        parts.handling.change_severity(number, as_requester(DAVI, TALK), row, "outra coisa")
    status, output = run("corrections")
    assert status == 0
    assert list(csv.DictReader(io.StringIO(output))) == [{"text": description(draft), "row": "SLA-38"}]
    path = tmp_path / "correcoes.csv"
    path.write_text(output)
    assert read_corrections(path, parts.data.matrix) == [(description(draft), "SLA-38")]


def test_an_erased_ticket_teaches_nothing(run, parts, redis):
    _, number = live(parts, redis)
    parts.handling.change_severity(number, as_requester(DAVI, TALK), "SLA-38", "outra coisa")
    run("privacy", "erase", ANA.email, "--yes")
    assert run("corrections")[1].strip() == "text,row"
    assert parts.tickets.by_number(number).status is Status.OPEN

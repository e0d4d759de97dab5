"""From speech to text, by a program that a setting names."""

from __future__ import annotations

import asyncio
import logging
import shlex
from pathlib import Path

log = logging.getLogger(__name__)

_SECONDS = 120.0
_LONGEST = 8_000


class Transcriber:
    """Runs `command` with the path of the audio behind it; what it writes to standard output is the text (UTF-8)."""

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)

    async def text_of(self, audio: Path) -> str | None:
        """None when the program fails, takes over two minutes, or hears nothing."""
        try:
            program = await asyncio.create_subprocess_exec(
                *self._command, str(audio), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            log.warning("the transcriber cannot be started (%s)", error.strerror)
            return None
        try:
            output, _ = await asyncio.wait_for(program.communicate(), _SECONDS)
        except TimeoutError:
            program.kill()
            await program.wait()
            log.warning("the transcriber took too long")
            return None
        text = output.decode("utf-8", "replace").replace("\0", "").strip()[:_LONGEST]
        return text if program.returncode == 0 and text else None

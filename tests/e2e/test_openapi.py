"""Whatever is thrown at the gateway, it answers with a status that its description names, never with a fault of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.stack import ANA, Stack


def test_no_call_is_answered_with_a_fault_or_a_status_nobody_described(stack: Stack) -> None:
    """The event stream never ends by itself, so it is left out."""
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [
            program, "run", f"{stack.url}/api/openapi.json", "--header", f"Authorization: Bearer {ANA.token()}",
            "--checks", "not_a_server_error,status_code_conformance", "--phases", "coverage,fuzzing",
            "--exclude-path-regex", "events$", "--max-examples", "40", "--seed", "1", "--request-timeout", "30",
            "--no-color",
        ],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-1000:]
    assert "generated" in done.stdout and " 0 generated" not in done.stdout

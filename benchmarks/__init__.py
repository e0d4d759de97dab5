"""What is measured, each part with its results beside it; `provenance` is what every result says of itself."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]


def provenance() -> str:
    """Date and commit, in one line; tells when the checkout holds changes that are not committed."""
    changed = " com alterações" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{datetime.now():%d/%m/%Y %H:%M}, commit {_git('rev-parse', '--short', 'HEAD') or 'desconhecido'}{changed}"


def _git(*arguments: str) -> str:
    command = ["git", "--no-optional-locks", *arguments]  # a benchmark only reads
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.stdout.strip()

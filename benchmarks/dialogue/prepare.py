"""What a run needs and the repository does not hold: Rasa as published, with TensorFlow, and a trained model."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks import ROOT
from benchmarks.dialogue.sides import ASSISTANT, HOME, MODEL, OUR_PYTHON, STOCK_PYTHON

# The two environments differ in TensorFlow alone: every other library has the version that ours has.
_RASA = ("rasa==3.6.21", "setuptools<71")


def prepare() -> None:
    """Builds the stock environment when it is missing (2.5 GB), and trains with it. Raises CalledProcessError."""
    (HOME / "dialogue").mkdir(parents=True, exist_ok=True)
    if not STOCK_PYTHON.exists():
        print("Instalando o Rasa original, com TensorFlow…", flush=True)
        _install()
    print("Treinando o modelo…", flush=True)
    _train()


def _install() -> None:
    """Away from our pyproject.toml files, whose [tool.uv] would leave TensorFlow out."""
    uv, folder = _uv(), STOCK_PYTHON.parents[1]
    same = HOME / "same-versions.txt"
    frozen = subprocess.run([uv, "pip", "freeze", "--python", OUR_PYTHON], capture_output=True, text=True, check=True)
    same.write_text(frozen.stdout)
    try:
        subprocess.run([uv, "venv", "-q", "--no-config", "-p", "3.10", folder], cwd=HOME, check=True)
        install = [uv, "pip", "install", "-q", "--no-config", "--python", STOCK_PYTHON, "-c", same, *_RASA]
        subprocess.run(install, cwd=HOME, check=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _uv() -> str | Path:
    return shutil.which("uv") or ROOT / ".tools" / "bin" / "uv"


def _train() -> None:
    MODEL.unlink(missing_ok=True)
    files = ["--config", "config.yml", "--domain", "domain.yml", "--data", "data"]
    out = ["--out", MODEL.parent, "--fixed-model-name", MODEL.name.removesuffix(".tar.gz")]
    cache = {"RASA_CACHE_DIRECTORY": str(HOME / "dialogue" / "cache"), "RASA_TELEMETRY_ENABLED": "false"}
    with (HOME / "dialogue" / "train.log").open("wb") as log:
        subprocess.run(
            [STOCK_PYTHON, "-m", "rasa", "train", *files, *out],
            cwd=ASSISTANT, env=os.environ | cache, stdout=log, stderr=log, check=True,
        )  # fmt: skip

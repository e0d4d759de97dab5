"""Builds what a start needs and is not there yet: the NLU model, the severity model, the article index.

Each product carries a key of everything it was made from; the same key means nothing to do.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from kb_index.build import build_index

from bot.errors import ConfigurationError, StartError
from bot.settings import ROOT, Settings
from bot.sla import severity
from bot.sla.matrix import load_matrix
from kb_index.errors import KnowledgeBaseError

Say = Callable[[str], None]

RASA_PYTHON = ROOT / "rasa_server" / ".venv" / "bin" / "python"


def build_all(settings: Settings, say: Say) -> None:
    """Brings everything up to date. Raises ConfigurationError or StartError."""
    build_severity(settings, say)
    build_articles(settings, say)
    build_dialogue(settings, say)


def build_severity(settings: Settings, say: Say) -> None:
    sources = [
        settings.company_dir / name for name in ("sla_matrix.csv", "severity_examples.yml", "not_incident_examples.yml")
    ]
    key = _key([*sources, Path(severity.__file__)])
    target, key_file = settings.models_dir / "severity.joblib", settings.models_dir / "severity.key"
    if _is_fresh(target, key_file, key):
        return
    say("Treinando o modelo de severidade…")
    matrix = load_matrix(settings.company_dir / "sla_matrix.csv")
    severity.train_from(settings.company_dir, matrix).save(target)
    key_file.write_text(key)


def build_articles(settings: Settings, say: Say) -> None:
    """Incremental by content: only articles that changed are read again."""
    try:
        build_index(settings.articles_dir, settings.index_dir, say)
    except KnowledgeBaseError as error:
        raise ConfigurationError(settings.articles_dir, None, str(error)) from error


def build_dialogue(settings: Settings, say: Say) -> Path:
    """Trains Rasa's model; gives the archive. The newest one stays, older ones are removed."""
    sources = [ROOT / "config.yml", ROOT / "domain.yml", ROOT / "requirements" / "rasa.txt"]
    key = _key([*sources, *(ROOT / "nlu_data").rglob("*.yml"), *(ROOT / "rasa_server").glob("*.*")])
    folder = settings.models_dir / "dialogue" / key[:16]
    model = folder / "dialogue.tar.gz"
    if model.exists():
        return model
    say("Treinando o entendimento de texto (cerca de meio minuto)…")
    _train_dialogue(settings, folder, model)
    for old in folder.parent.iterdir():
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return model


def _train_dialogue(settings: Settings, folder: Path, model: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = settings.home / "logs" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [RASA_PYTHON, "-m", "rasa_server", "train", "--data", "nlu_data", "--out", folder]
    with log.open("w") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False)
    trained = sorted(folder.glob("*.tar.gz"))
    if done.returncode or not trained:
        last = "\n".join(log.read_text(errors="replace").strip().splitlines()[-8:])
        raise StartError(f"O treino do Rasa falhou; veja {log}:\n{last}")
    trained[-1].rename(model)


def _is_fresh(target: Path, key_file: Path, key: str) -> bool:
    return target.exists() and key_file.exists() and key_file.read_text() == key


def _key(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(file for file in files if file.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()

"""Builds what a start needs and is not there yet: the NLU model, the severity model, the article index.

Each product carries a key of everything it was made from; the same key means nothing to do.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.errors import ConfigurationError, StartError
from bot.processes import die_with_parent
from bot.settings import ROOT, Settings
from bot.sla.matrix import load_matrix
from kb_index.build import build as build_index
from kb_index.encoder import ModelSource
from kb_index.errors import KnowledgeBaseError

Say = Callable[[str], None]

RASA_PYTHON = ROOT / "rasa_server" / ".venv" / "bin" / "python"


def build_all(settings: Settings, say: Say) -> None:
    """Brings everything up to date, on two cores. Raises ConfigurationError or StartError."""
    with ThreadPoolExecutor(1) as beside:
        dialogue = beside.submit(build_dialogue, settings, say)  # a process of its own does the work
        build_severity(settings, say)
        build_articles(settings, say)
        dialogue.result()


def build_severity(settings: Settings, say: Say) -> None:
    taught = settings.company_dir.glob("*_examples.yml")
    rest = (settings.company_dir / name for name in ("sla_matrix.csv", "kind_answers.yml", "severity_corrections.yml"))
    goals = ROOT / "nlu_data" / "goals"
    key = _key([*taught, *rest, *goals.glob("*.yml"), *(ROOT / "bot" / "sla").glob("severity*.py")])
    target, key_file = settings.models_dir / "severity.joblib", settings.models_dir / "severity.key"
    if _is_fresh(target, key_file, key):
        return
    say("Treinando o modelo de severidade…")
    from bot.sla import severity_training  # seconds of import that a start with nothing to train is spared

    matrix = load_matrix(settings.company_dir / "sla_matrix.csv")
    severity_training.train_from(settings.company_dir, matrix, goals).save(target)
    key_file.write_text(key)


def build_articles(settings: Settings, say: Say) -> None:
    """Incremental by content: only articles that changed are read again."""
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    try:
        build_index(
            settings.articles_dir,
            settings.index_dir,
            source=ModelSource.named(settings.encoder),
            database=settings.vectors_url or None,
            progress=_spoken(say),
        )
    except KnowledgeBaseError as error:
        raise ConfigurationError(settings.articles_dir, None, str(error)) from error


def _spoken(say: Say) -> Callable[[str, int, int], None]:
    """Progress as lines: each step once, a long one at every quarter."""
    told: set[tuple[str, int]] = set()

    def progress(step: str, done: int, total: int) -> None:
        quarter = 4 * done // total if total else 0
        if (step, quarter) not in told:
            told.add((step, quarter))
            say(f"{step}… {done} de {total}" if total else f"{step}…")

    return progress


def build_dialogue(settings: Settings, say: Say) -> None:
    """Trains Rasa's model. The newest one stays, older ones are removed."""
    archive = _dialogue_archive(settings)
    if archive.exists():
        return
    if not RASA_PYTHON.exists():
        raise StartError("O ambiente do Rasa não está instalado. Rode `make setup`.")
    say("Treinando o entendimento de texto (cerca de meio minuto)…")
    _train_dialogue(settings, archive)
    for old in archive.parent.parent.iterdir():
        if old != archive.parent:
            shutil.rmtree(old, ignore_errors=True)


def dialogue_model(settings: Settings) -> Path:
    """The archive of the last build. Raises StartError without one."""
    archive = _dialogue_archive(settings)
    if not archive.exists():
        raise StartError("Falta o modelo de entendimento de texto. Rode `python -m bot build`.")
    return archive


def _dialogue_archive(settings: Settings) -> Path:
    sources = [ROOT / "config.yml", ROOT / "domain.yml", ROOT / "requirements" / "rasa.txt"]
    key = _key([*sources, *(ROOT / "nlu_data").rglob("*.yml"), *(ROOT / "rasa_server").glob("*.*")])
    return settings.models_dir / "dialogue" / key[:16] / "dialogue.tar.gz"


def _train_dialogue(settings: Settings, archive: Path) -> None:
    folder = archive.parent
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    log = settings.home / "logs" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [RASA_PYTHON, "-m", "rasa_server", "train", "--data", "nlu_data", "--out", folder]
    with log.open("w") as output:
        done = subprocess.run(
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False, preexec_fn=die_with_parent
        )
    trained = sorted(folder.glob("*.tar.gz"))
    if done.returncode or not trained:
        last = "\n".join(log.read_text(errors="replace").strip().splitlines()[-8:])
        raise StartError(f"O treino do Rasa falhou; veja {log}:\n{last}")
    trained[-1].rename(archive)


def _is_fresh(target: Path, key_file: Path, key: str) -> bool:
    return target.exists() and key_file.exists() and key_file.read_text() == key


def _key(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(file for file in files if file.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()

"""Starts Rasa the way this service needs it: adapters in place, loopback only, telemetry off, no API.

    python -m rasa_server train --config config.yml --domain domain.yml --data nlu_data --out models
    python -m rasa_server serve --port 5005 --model models --endpoints endpoints.yml --credentials credentials.yml

Run from the project's root: Rasa finds `rasa_server.…` of its YAML files there.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from rasa_server import adapters


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; 0 when it ended well, 1 after a sentence on stderr when it did not."""
    options = _parser().parse_args(arguments)
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("RASA_CACHE_DIRECTORY", "var/rasa-cache")
    missing = [path for path in options.needed(options) if not Path(path).exists()]
    if missing:
        return _refuse(f"{', '.join(missing)} does not exist (looked for in {Path.cwd()})")
    try:
        return options.command(options)
    except adapters.UnexpectedRasa as error:
        return _refuse(str(error))


def train(options: argparse.Namespace) -> int:
    """Trains a model into `--out` with Rasa's own `train`, its checks of the data included."""
    return _rasa(
        "train", "--config", options.config, "--domain", options.domain,
        "--data", *options.data, "--out", options.out, *(["--force"] if options.force else []),
    )  # fmt: skip


def serve(options: argparse.Namespace) -> int:
    """Serves the newest model of `--model` on 127.0.0.1 until it is told to stop."""
    if Path(options.model).is_dir() and not any(Path(options.model).glob("*.tar.gz")):
        return _refuse(f"{options.model} holds no model; train one first: python -m rasa_server train")
    return _rasa(
        "run", "--interface", "127.0.0.1", "--port", str(options.port), "--model", options.model,
        "--endpoints", options.endpoints, "--credentials", options.credentials,
    )  # fmt: skip


def _rasa(*arguments: str) -> int:
    """Calls Rasa's command line in this process, so that the adapters hold in it."""
    # Recorded, not printed: Rasa 3.6 pins libraries that warn about each other at import.
    with warnings.catch_warnings(record=True):
        adapters.install()
        from rasa.__main__ import main as rasa_main
    warnings.simplefilter("ignore", DeprecationWarning)
    sys.argv = ["rasa", *arguments]
    try:
        rasa_main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    return 0


def _refuse(sentence: str) -> int:
    print(f"rasa_server: {sentence}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rasa_server", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="train | serve")

    training = commands.add_parser("train", help="train a model")
    training.add_argument("--config", default="config.yml")
    training.add_argument("--domain", default="domain.yml")
    training.add_argument("--data", nargs="+", default=["nlu_data"])
    training.add_argument("--out", default="models")
    training.add_argument("--force", action="store_true", help="train although nothing has changed")
    training.set_defaults(command=train, needed=lambda o: [o.config, o.domain, *o.data])

    serving = commands.add_parser("serve", help="serve a model on 127.0.0.1")
    serving.add_argument("--port", type=int, default=5005)
    serving.add_argument("--model", default="models", help="an archive, or a folder whose newest archive is taken")
    serving.add_argument("--endpoints", default="endpoints.yml")
    serving.add_argument("--credentials", default="credentials.yml")
    serving.set_defaults(command=serve, needed=lambda o: [o.model, o.endpoints, o.credentials])
    return parser

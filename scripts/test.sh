#!/usr/bin/env bash
# Every test: the dialogue engine's in its own environment, the widget's in Node, the service's in pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
(cd widget && npm test --silent)
rasa_server/.venv/bin/python -m pytest -q rasa_server/tests
.venv/bin/python -m pytest -q tests

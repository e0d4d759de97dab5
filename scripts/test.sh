#!/usr/bin/env bash
# Every test, in two rows side by side: what asks the whole service, shown as it goes, and the rest, shown at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

whole_service() { .venv/bin/python -m pytest -q tests/dialogue tests/e2e; }
the_rest() {
  (cd widget && npm test --silent)
  rasa_server/.venv/bin/python -m pytest -q rasa_server/tests
  .venv/bin/python -m pytest -q tests --ignore=tests/dialogue --ignore=tests/e2e
}

# Both rows use these, and neither may find them half made.
TRIAGEM_HOME=var/test .venv/bin/python -m bot build

log=$(mktemp)
set -m # a group of its own for the second row, to be interrupted like the first
the_rest >"$log" 2>&1 </dev/null &
rest=$!
set +m
trap 'kill -INT -- -$rest 2>/dev/null' INT TERM

failed=0
whole_service || failed=1
wait $rest || failed=1
cat "$log"
rm "$log"
exit $failed

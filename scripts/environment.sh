#!/usr/bin/env bash
# Installs one part: uv, or from its lock file app | rasa | widget; or renews the locks: lock.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

say() { echo "triagem │ $*"; }

# uv from the PATH, else the one that `uv` below installed into a private environment.
uv() { "$(type -P uv || echo "$root/.tools/bin/uv")" "$@"; }

# torch is not in the lock: its CPU build comes from a local wheel folder, else from PyTorch's CPU index, else from PyPI.
torch() {
  local version=2.13.0 python=.venv/bin/python folders=${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}
  local -a links=()
  for folder in $folders; do links+=(--find-links "$folder"); done
  uv pip install -q --no-config --no-deps --offline --python $python "${links[@]}" "torch==$version" 2>/dev/null ||
    uv pip install -q --no-config --no-deps --python $python --torch-backend cpu "torch==$version" 2>/dev/null ||
    uv pip install -q --no-config --no-deps --python $python "torch==$version"
}

case $1 in
uv) # before the two environments, which are installed at the same time
  if ! type -P uv >/dev/null && ! .tools/bin/uv --version >/dev/null 2>&1; then
    say "Instalando uv em .tools…"
    python3.11 -m venv .tools
    .tools/bin/pip install -q --disable-pip-version-check uv 2>/dev/null
  fi
  ;;
app)
  say "Instalando o ambiente do serviço (Python 3.11)…"
  [ -x .venv/bin/python ] || uv venv -q -p 3.11 .venv
  uv pip sync -q --python .venv/bin/python --require-hashes requirements/app.txt
  torch  # after the sync, which removes what the lock does not name
  say "Ambiente do serviço pronto."
  ;;
rasa)
  say "Instalando o ambiente do Rasa (Python 3.10)…"
  [ -x rasa_server/.venv/bin/python ] || (cd rasa_server && uv venv -q -p 3.10 .venv)
  uv pip sync -q --python rasa_server/.venv/bin/python --require-hashes requirements/rasa.txt
  say "Ambiente do Rasa pronto."
  ;;
widget)
  say "Montando o widget…"
  (cd widget && npm ci --silent --no-fund --no-audit && npm run --silent build)
  ;;
lock)
  uv pip compile -q --universal -p 3.11 --group dev --generate-hashes --no-header pyproject.toml -o requirements/app.txt
  (cd rasa_server && uv pip compile -q --universal -p 3.10 --group dev --generate-hashes --no-header pyproject.toml -o ../requirements/rasa.txt)
  ;;
*)
  echo "uso: $0 uv | app | rasa | widget | lock" >&2
  exit 2
  ;;
esac

#!/usr/bin/env bash
# Says in one line what the machine lacks, before anything is half done.
set -euo pipefail
cd "$(dirname "$0")/.."

missing() { echo "triagem: $1" >&2; exit 1; }
has_python() { command -v "python$1" >/dev/null && "python$1" -c 'import sys' 2>/dev/null; }

has_python 3.11 || missing "falta o Python 3.11 no PATH (Debian: python3.11; ou pyenv install 3.11)."
# .python-version of rasa_server names 3.10 first, for machines where a version manager chooses.
(cd rasa_server && has_python 3.10) || missing "falta o Python 3.10 no PATH: o Rasa 3.6.21 não aceita mais novo (pyenv install 3.10)."
command -v npm >/dev/null || missing "falta o Node.js com npm (Debian: nodejs e npm); ele monta o widget."
touch .gravavel 2>/dev/null && rm .gravavel || missing "não consigo gravar em $PWD; ajuste a permissão da pasta."

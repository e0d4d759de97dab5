# Two commands matter: `make up` and `make test`. Each works from a fresh clone and does only what is missing.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON := .venv/bin/python
STAMPS := .stamps

.PHONY: help up test check format setup test-parts lock bench clean

help: ## mostra esta lista
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

up: setup ## prepara o que falta e põe tudo no ar; Ctrl-C encerra
	@exec $(PYTHON) -m bot up

test: ## todos os testes, com Rasa, Redis e navegador de verdade
	@scripts/test_parts.sh & parts=$$!; $(MAKE) --no-print-directory setup && wait $$parts
	@$(MAKE) --no-print-directory check
	@scripts/test.sh

check: setup ## estilo e tipos
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --check --quiet .
	@$(PYTHON) -m pyrefly check --summary=none

format: setup ## arruma o estilo
	@$(PYTHON) -m ruff check --quiet --fix .
	@$(PYTHON) -m ruff format --quiet .

setup: ## instala os dois ambientes e monta o widget
	@scripts/needs.sh
	@scripts/environment.sh uv
	@$(MAKE) --no-print-directory -j2 $(STAMPS)/app $(STAMPS)/rasa
	@$(MAKE) --no-print-directory $(STAMPS)/widget

test-parts: ## instala o que só os testes usam (Chromium, redis-server)
	@scripts/test_parts.sh

lock: setup ## refaz requirements/*.txt a partir dos pyproject.toml
	@scripts/environment.sh lock

bench: setup ## mede tudo e escreve os resultados em benchmarks/
	@$(PYTHON) -m benchmarks

clean: ## apaga ambientes e estado local
	rm -rf .venv rasa_server/.venv .tools $(STAMPS) widget/node_modules bot/gateway/static/widget var

$(STAMPS)/app: requirements/app.txt scripts/environment.sh
	@scripts/environment.sh app
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/rasa: requirements/rasa.txt scripts/environment.sh
	@scripts/environment.sh rasa
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/widget: $(shell find widget -name node_modules -prune -o -type f -print 2>/dev/null)
	@scripts/environment.sh widget
	@mkdir -p $(STAMPS) && touch $@

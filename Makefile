# Needs Python 3.11 or newer and make; everything else is installed into .venv from the lock.
PYTHON ?= python3
NPM ?= npm
BIN := .venv/bin
READY := .venv/.ready
SHAPES := tests/acceptance/node_modules

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo up test check acceptance bench schema picture lock clean

help: ## Show what can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/\1 \2/' | \
		while read -r name words; do printf '  make %-10s %s\n' "$$name" "$$words"; done

demo: $(READY) ## Ninety days of two ladders in seconds, then a verified audit
	@$(BIN)/holdfast demo

up: $(READY) ## Run everything on this machine: server, worker, ledger
	@$(BIN)/holdfast up --with-parent

test: $(READY) ## Run the tests
	@$(BIN)/pytest -q --numprocesses=auto --dist=loadfile --no-loadscope-reorder

check: $(READY) ## Lint, format, types, layers
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@report=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$report"; exit 1; }

acceptance: $(READY) $(SHAPES)/.ready ## Check against what others publish; needs Node 20 or newer
	@$(BIN)/pytest -q $(wildcard tests/acceptance/*.py)

bench: $(READY) ## Measure how long reading a thousand open ladders takes
	@$(BIN)/python -m tests.bench.status

schema: $(READY) ## Write docs/contract.schema.json anew
	@$(BIN)/python -m contracts.schema > docs/contract.schema.json

picture: $(READY) ## Draw docs/ladder.svg anew
	@$(BIN)/holdfast picture examples/kss-2026-014.yaml --out docs/ladder.svg

lock: $(READY) ## Resolve the dependencies anew into requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --quiet --universal --all-extras --upgrade \
		--python-version 3.11 --generate-hashes --no-header --no-annotate \
		--output-file requirements.lock

clean: ## Remove what can be made again
	@rm -rf .venv dist out $(SHAPES) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(SHAPES)/.ready: tests/acceptance/package.json tests/acceptance/package-lock.json
	@command -v $(NPM) >/dev/null || { \
		echo 'Node 20 or newer with npm is needed here (Debian: nodejs, npm)' >&2; exit 1; }
	@cd tests/acceptance && $(NPM) ci --silent
	@touch $@

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Holdfast needs Python 3.11 or newer as $(PYTHON); or name one: make PYTHON=python3.12' >&2; \
		exit 1; }
	@test ! -t 1 || echo 'Installing into .venv ...'
	@$(PYTHON) -m venv .venv || { \
		echo 'Python cannot make a virtual environment here; install its venv module (Debian: python3-venv)' >&2; \
		exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

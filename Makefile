# Homeroom: `make certify` and `make test` are the two commands; both set up what they need.
# Needs Python 3.11+, make and a package index; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup certify test test-long mutants variants quirks bench bench-quick lint format types imports lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-11s %s\n", $$1, $$2}'

setup: $(READY)  ## Make .venv from the locked requirements

# Installed with hashes checked; the project itself as an editable install, by the locked build backend.
$(READY): locks/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Homeroom needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

certify: $(READY)  ## Run the reference service through every scenario; report in reports/latest/
	$(BIN)/homeroom certify sync --workers $(WORKERS)

test: $(READY) lint types imports  ## Every check: unit, contract, scenario, property, packaging, lint, types
	$(BIN)/python -m pytest -n $(WORKERS) homeroom checks

test-long: $(READY)  ## Longer explorations: more examples, more kills, more random input
	HYPOTHESIS_PROFILE=long $(BIN)/python -m pytest -n $(WORKERS) -m "long or not long" homeroom checks

mutants: $(READY)  ## Certify wrong services: each must be refused for its own bug
	$(BIN)/python -m checks.mutants --jobs $(WORKERS)

variants: $(READY)  ## Certify right services that chose otherwise: none may be refused
	$(BIN)/python -m checks.variants --jobs $(WORKERS)

quirks: $(READY)  ## Certify wrong providers and Canvases: each breaks exactly what the table says
	$(BIN)/python -m checks.quirks --jobs $(WORKERS)

bench: $(READY)  ## Measure the bars, each as a ratio; prints machine and run count
	$(BIN)/python -m checks.bench

bench-quick: $(READY)  ## The same in two minutes: small sizes, too few rounds to judge by
	$(BIN)/python -m checks.bench --quick

lint: $(READY)  ## Style: ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)  ## Put the code in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(READY)  ## Types: mypy and pyright, both strict
	$(BIN)/mypy
	$(BIN)/basedpyright --level error

imports: $(READY)  ## The house's rules: who may import whom
	$(BIN)/lint-imports

lock:  ## Lock the requirements again, by hash, naming no index
	$(PYTHON) -m pip install --quiet uv
	for extra in dev:--extra=dev runtime:; do \
	  uv pip compile --quiet --universal --generate-hashes --no-emit-index-url $${extra#*:} pyproject.toml -o locks/$${extra%%:*}.txt || exit 1; done

clean:  ## Remove everything made here
	rm -rf $(VENV) reports dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .homeroom
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

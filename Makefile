# Targets for a fresh machine: `make demo`, `make test`, `make check`. They need Python 3.11 or later and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: install dev demo test slow lint check format clean

install: $(VENV)/.installed
dev: $(VENV)/.dev

$(VENV)/.installed: pyproject.toml constraints.txt plugins/math_expert/pyproject.toml plugins/language_expert/pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q -c constraints.txt hatchling editables
	$(PIP) install -q -c constraints.txt --no-build-isolation -e . -e plugins/math_expert -e plugins/language_expert
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(PIP) install -q -c constraints.txt --no-build-isolation -e '.[dev]' -e 'plugins/language_expert[replies]'
	touch $@

demo: install
	$(BIN)/velora demo

test: dev
	$(BIN)/python -m pytest -m "not slow"

slow: dev
	$(BIN)/python -m pytest

lint: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) models

# Every target does its own set-up; all that is needed is Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
RUNS := $(VENV)/.runs
DEVELOPS := $(VENV)/.develops
# How much of the campaigns: 1 is their full size.
SHARE ?= 1

.PHONY: demo install test campaign check bench lock

demo: $(RUNS)
	$(BIN)/workbot demo

install: $(DEVELOPS)

test: check
	$(BIN)/python -m pytest

campaign: install
	$(BIN)/python -m tests.crash $(SHARE)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m tests.bench

# What running needs.
$(RUNS): deploy/requirements.txt deploy/requirements-build.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, and this is " \
		+ sys.version.split()[0] + ". Name another: make $(MAKECMDGOALS) PYTHON=python3.12")'
	@echo "Making a virtual environment in $(VENV), and installing in it what workbot needs. This takes about a minute."
	$(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement deploy/requirements.txt --requirement deploy/requirements-build.txt
	$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What development needs besides, in the same versions.
$(DEVELOPS): requirements.txt $(RUNS)
	@echo "Installing what the tests need besides."
	$(PIP) --quiet --require-hashes --requirement requirements.txt
	@touch $@

LOCK := uv pip compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11 --upgrade

# All that development needs; and of the same versions what running needs, and what building does.
lock:
	$(LOCK) pyproject.toml --extra dev --group build -o requirements.txt
	$(LOCK) pyproject.toml -c requirements.txt -o deploy/requirements.txt
	$(LOCK) --group build -c requirements.txt -o deploy/requirements-build.txt

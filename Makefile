# Every target does its own set-up; all that is needed is Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test check bench lock

install: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

demo: install
	$(BIN)/workbot demo

test: check
	$(BIN)/python -m pytest

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m tests.bench

LOCK := uv pip compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11 pyproject.toml

# All that development needs, and of the same versions what an image needs.
lock:
	$(LOCK) --extra dev -o requirements.txt --upgrade
	$(LOCK) -c requirements.txt -o deploy/requirements.txt --upgrade

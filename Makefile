PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# Where the real datasets lie, for those who have them; without it the tests that need them are left out.
ifneq ($(wildcard ../shared/data),)
export UNSPOOL_DATA ?= $(abspath ../shared/data)
endif

.PHONY: run test setup lint types tests wheel docs clean

run: setup
	$(BIN)/unspool run sentences-lstm

test: setup lint types tests wheel docs
	@echo "all checks passed"

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

tests: setup
	$(BIN)/pytest

clean:
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis

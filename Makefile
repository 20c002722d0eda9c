# make run   sets everything up and trains a model on data that needs no download
# make test  sets everything up and checks everything
# With VENV=folder the environment lies elsewhere, with PYTHON=python3.12 it is made by another Python.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# Where the real datasets lie, for those who have them; without them the tests that need them are left out.
ifneq ($(wildcard ../shared/data),)
export UNSPOOL_DATA ?= $(abspath ../shared/data)
endif

.PHONY: run test setup lint types tests doctests wheel docs sanitize torture clean

run: setup
	$(BIN)/unspool run sentences-lstm

test: setup lint types docs wheel doctests tests

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml CMakeLists.txt $(wildcard native/*.*)
	@echo "setting up $(VENV); the first time this takes a few minutes"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

lint: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

types: setup
	$(BIN)/mypy

tests: setup
	$(BIN)/pytest tests docs

doctests: setup
	$(BIN)/pytest --doctest-modules --pyargs unspool

wheel: setup
	tools/test-wheel.sh $(BIN)/python

docs: setup
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build

# The kernels' own tests under the sanitizers; minutes, and not part of `make test`.
sanitize:
	native/tests/sanitize.sh

# Kills a whole run 50 times, at random instants, and resumes it; minutes, and not part of `make test`.
torture: setup
	$(BIN)/python tests/torture/killed_run.py $(RECIPE)

clean:
	rm -rf $(VENV) build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# make run   sets everything up and trains a model on data that needs no download
# make test  sets everything up and checks everything
# make quick checks the format, lint, types and the fast tests, for your inner loop
# With VENV=folder the environment lies elsewhere, with PYTHON=python3.12 it is made by another Python.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# Where the real datasets lie, for those who have them; without them the tests that need them are left out.
ifneq ($(wildcard ../shared/data),)
export UNSPOOL_DATA ?= $(abspath ../shared/data)
endif

# Images of containers often set this. Then each process that imports Keras compiles all of its modules anew, which takes
# longer than most tests do, and dozens of tests start one.
unexport PYTHONDONTWRITEBYTECODE

# Tests run in so many processes; those of one file in one of them, as they share what they prepare; in the order in which
# tests/conftest.py puts them.
WORKERS ?= $(shell nproc)
PYTEST := $(BIN)/pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder

.PHONY: run test quick setup lint types tests soak doctests wheel runtime-wheel docs read-docs notebooks sanitize torture fuzz \
    clean

run: setup
	$(BIN)/unspool run capitals-lstm

# What runs in one process goes two at a time, the longest first; the tests take all cores by themselves.
test: setup
	$(MAKE) --no-print-directory --jobs=2 --output-sync lint read-docs doctests types wheel runtime-wheel
	$(MAKE) --no-print-directory tests

quick: lint types
	$(PYTEST) --quick tests

setup: $(VENV)/.installed

# Both packages are built in this environment, not in one that is thrown away: with the latter goes what was compiled, and
# `make wheel` and `make runtime-wheel` would compile it all again. Their dependencies are built as their authors intend. The
# two packages are compiled side by side while the dependencies are downloaded and installed: none of these keeps two cores
# busy. Python compiles the modules that are used when they are first imported; pip would compile all, which takes a minute.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
BUILD_REQUIREMENTS := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])

$(VENV)/.installed: pyproject.toml CMakeLists.txt runtime/pyproject.toml runtime/CMakeLists.txt \
    $(wildcard native/*.*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "unspool needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1 | grep Python || echo not there)." \
	        "Name another one: make $(or $(MAKECMDGOALS),run) PYTHON=python3.12" >&2; \
	    exit 1; }
	@echo "setting up $(VENV); the first time this takes a few minutes"
	$(PYTHON) -m venv $(VENV)
	$(PIP) cmake ninja $$($(BIN)/python -c '$(BUILD_REQUIREMENTS)')
	$(PIP) $$($(BIN)/python tools/dependencies.py dev) & others=$$!; \
	$(PIP) --no-build-isolation --no-deps --editable ./runtime & runtime=$$!; \
	$(PIP) --no-build-isolation --no-deps --editable .; built=$$?; \
	wait $$others && wait $$runtime && exit $$built
	$(PIP) 'unspool[dev]'
	@touch $@

lint: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

types: setup
	$(BIN)/mypy

tests: setup
	$(PYTEST) -m "not slow and not soak" tests

# All tests, with those that `make test` leaves out: slow ones, and whole runs that are killed or lose their disk. Programs
# are compiled as for users. And the code on the pages of docs.
soak: setup
	$(PYTEST) --optimized tests
	$(PYTEST) docs

# Compiled without optimizing, as the tests are: compiling takes most of the time.
doctests: setup
	JAX_DISABLE_MOST_OPTIMIZATIONS=true $(BIN)/pytest --doctest-modules --pyargs unspool

wheel: setup
	tools/test-wheel.sh $(BIN)/python

# The runtime's tests, on its wheel with NumPy alone.
runtime-wheel: setup
	tools/test-runtime-wheel.sh $(BIN)/python

docs: setup
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build

# The same without writing the pages, which takes longer than reading them: finds failing imports and broken links.
read-docs: setup
	$(BIN)/sphinx-build --builder dummy --quiet --fail-on-warning --keep-going docs docs/_build/read

# The pages with code as notebooks, in docs/notebooks.
notebooks: setup
	$(BIN)/python docs/make_notebooks.py

# The kernels' own tests under the sanitizers; minutes, and not part of `make test`.
sanitize:
	native/tests/sanitize.sh

# Kills a whole run 50 times, at random instants, and resumes it; minutes, and not part of `make test`.
torture: setup
	$(BIN)/python tests/torture/killed_run.py $(RECIPE)

# Tries changed inputs for a few minutes; what it finds is kept in tests/fuzz/found. Not part of `make test`.
FUZZ_SECONDS ?= 240
fuzz: setup
	cd tests && $(abspath $(BIN))/python -W ignore -m fuzz.fuzz --seconds $(FUZZ_SECONDS) $(TARGETS)

clean:
	rm -rf $(VENV) build dist runtime/build docs/_build docs/figures docs/notebooks .pytest_cache .mypy_cache .ruff_cache .hypothesis

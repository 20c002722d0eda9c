"""The native library: instruction sets, threads, concurrent calls, and what happens where there is none."""

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jax
import numpy as np
import pytest

from unspool import kernels
from unspool.kernels import library as library_module

from . import cells

pytestmark = pytest.mark.whole

OPERATIONS = pytest.mark.parametrize("op", cells.OPERATIONS.values(), ids=cells.OPERATIONS.keys())


@pytest.fixture
def library():
    found = cells.library()
    before = found.instruction_set, found.thread_limit
    yield found
    found.choose(before[0])
    found.thread_limit = before[1]


@OPERATIONS
def test_every_instruction_set(op, library):
    assert library.instruction_sets[-1] == "baseline"
    args = cells.arguments(op, 21, 5, 6, 37)
    mask = cells.masks(21, 5)["any"]
    expected = cells.results(op.reference, op, args, mask)
    for name in library.instruction_sets:
        library.choose(name)
        assert kernels.status().instruction_set == name
        cells.assert_same(cells.results(op.native, op, args, mask), expected)


def test_an_unknown_instruction_set_is_refused(library):
    with pytest.raises(ValueError, match="'mmx'"):
        library.choose("mmx")


@OPERATIONS
def test_results_do_not_depend_on_the_number_of_threads(op, library):
    for shape in ((100, 9, 6, 20), (16, 3, 300, 260), (3, 4, 8, 520)):
        args = cells.arguments(op, *shape)
        every = []
        for threads in (1, 2, 4):
            library.thread_limit = threads
            every.append(cells.results(op.native, op, args, None))
        for other in every[1:]:
            for got, expected in zip(other, every[0], strict=True):
                np.testing.assert_array_equal(got, expected)


@OPERATIONS
@pytest.mark.parametrize(("batch", "units", "calls"), [(64, 24, 25), (2, 520, 5)], ids=["rows shared", "units shared"])
def test_concurrent_calls(op, batch, units, calls):
    """Many executions at once share XLA's pool: none waits for a task that cannot start, none sees another's data."""
    jobs = [cells.arguments(op, batch, 12, 8, units, seed) for seed in range(4)]
    expected = [cells.results(op.native, op, args, None) for args in jobs]

    def repeat(i):
        return [cells.results(op.native, op, jobs[i % 4], None) for _ in range(calls)]

    with ThreadPoolExecutor(8) as pool:
        for i, found in enumerate(pool.map(repeat, range(8), timeout=120)):
            for got in found:
                for g, e in zip(got, expected[i % 4], strict=True):
                    np.testing.assert_array_equal(g, e)


def test_two_layers_in_one_program():
    """XLA may run independent calls side by side, as in a Bidirectional layer."""
    op = cells.OPERATIONS["lstm"]
    args = cells.arguments(op, 64, 12, 8, 24)

    @jax.jit
    def both(*args):
        return op.native(*args)[0], op.native(*args, go_backwards=True)[0]

    for _ in range(50):
        forward, backward = both(*args)
    np.testing.assert_array_equal(forward, op.native(*args)[0])
    np.testing.assert_array_equal(backward, op.native(*args, go_backwards=True)[0])


def run(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, timeout=600
    )


@pytest.mark.whole
def test_environment_variables():
    code = "from unspool import kernels; s = kernels.status(); print(s.path, s.instruction_set, s.threads)"
    done = run(code, UNSPOOL_ISA="baseline", UNSPOOL_THREADS="1", UNSPOOL_KERNELS="")
    assert done.stdout.split() == ["native", "baseline", "1"], done.stderr
    done = run(code, UNSPOOL_ISA="mmx")
    assert "UNSPOOL_ISA=mmx" in done.stderr
    assert done.stdout.startswith("native")
    assert run(code, UNSPOOL_KERNELS="reference").stdout.split()[0] == "reference"
    assert "expected one of native, reference" in run(code, UNSPOOL_KERNELS="fast").stderr


@pytest.mark.reference_only
def test_without_the_library_it_says_so_once(monkeypatch, caplog):
    monkeypatch.setattr(sys.modules["unspool.kernels"], "__path__", [])
    monkeypatch.delenv("UNSPOOL_KERNELS", raising=False)
    library_module.load.cache_clear()
    try:
        with caplog.at_level(logging.WARNING, "unspool"):
            op = cells.OPERATIONS["lstm"]
            args = cells.arguments(op, 2, 3, 2, 4)
            for _ in range(2):
                np.testing.assert_array_equal(op.native(*args)[0], op.reference(*args)[0])
        assert [r.name for r in caplog.records] == ["unspool.kernels"]
        assert "several times slower" in caplog.text
        assert kernels.status().path == "reference"
        assert "compiler" in kernels.status().reason
        with kernels.use("native"), pytest.raises(Exception, match="native kernels were asked for"):
            op.native(*args)
    finally:
        library_module.load.cache_clear()


@pytest.mark.reference_only
def test_a_broken_library_is_named(monkeypatch, tmp_path: Path):
    (tmp_path / "_native.so").write_bytes(b"not a library")
    monkeypatch.setattr(sys.modules["unspool.kernels"], "__path__", [str(tmp_path)])
    library_module.load.cache_clear()
    try:
        assert "cannot be loaded" in kernels.status().reason
    finally:
        library_module.load.cache_clear()


def test_other_numbers_than_float32_take_the_reference():
    op = cells.OPERATIONS["lstm"]
    args = [a.astype("bfloat16") for a in cells.arguments(op, 2, 3, 2, 4)]
    assert "float32" in kernels.choose(*args).reason
    assert op.native(*args)[0].dtype == "bfloat16"


def test_status_names_the_library():
    status = kernels.status()
    assert (status.path, status.reason) == ("native", "")
    assert status.instruction_set in status.instruction_sets
    assert status.threads >= 1
    assert Path(status.library).is_file()

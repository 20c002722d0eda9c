"""A disk on which each call of a run fails in turn: the run ends with the same bits, or one line says why."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
pytestmark = pytest.mark.skipif(
    shutil.which("cc") is None or sys.platform != "linux", reason="it takes a C compiler, and LD_PRELOAD"
)


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    library = tmp_path_factory.mktemp("shim") / "failing_disk.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "failing_disk.c", "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return library


def ends_of(program, shim, *arguments):
    # JAX warns of a fork; here nothing has been computed before it.
    command = [sys.executable, "-W", "ignore", HERE / program, *arguments]
    environment = os.environ | {"LD_PRELOAD": str(shim), "KERAS_BACKEND": "jax"}
    child = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert child.returncode == 0, child.stderr
    print(child.stdout)  # the counts, with pytest -s
    return json.loads(child.stdout)


@pytest.mark.parametrize(("errors", "failing"), [([], 50), pytest.param(["each"], 200, marks=pytest.mark.slow)])
def test_each_call_of_the_saves_of_a_run_that_fails(shim, tmp_path, errors, failing):
    result = ends_of("failing_saves.py", shim, tmp_path, *errors)
    assert result["broken"] == []
    assert result["failed"] > failing
    assert result["ends"]["told, then resumed equal"] > failing / 2


@pytest.mark.soak
def test_calls_of_a_whole_run_that_fail(shim, tmp_path):
    every, errors = "19", "2"
    result = ends_of("failing_run.py", shim, tmp_path, every, errors)
    assert result["broken"] == []
    assert result["failed"] > 30
    assert result["ends"]["resumed equal"] > 20

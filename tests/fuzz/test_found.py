"""What the fuzzer has found, used once more: each ends in success or in one clear line."""

import os
import signal
import threading

import pytest

from . import children
from .children import Child
from .fuzz import FOUND
from .seeds import of_trained, tables, train_models

INPUTS = sorted(path for path in FOUND.glob("*/*") if path.is_file())


@pytest.fixture(scope="module")
def child(tmp_path_factory):
    models = tmp_path_factory.mktemp("models")
    if {path.parent.name for path in INPUTS} & {"new.csv", *of_trained(models)}:
        train_models(models)
    found = Child(models)
    yield found
    found.close()


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_an_input_that_was_found_is_used_or_refused_in_a_line(path, child):
    how, said = child.use(path.parent.name, path.read_bytes())
    assert how in ("done", "told"), said


def test_a_good_input_is_used_and_a_bad_end_is_noticed(child):
    assert child.use("csv", tables()["csv"])[0] == "done"
    assert child.use("csv", b"")[0] == "told"
    assert child.use("no target", b"") == ["finding", "the process died with code 1"]


def test_an_input_may_wait_for_the_processor(child, monkeypatch):
    assert child.use("csv", tables()["csv"])[0] == "done"
    monkeypatch.setattr(children, "SECONDS", 1)
    process = child._process.pid
    os.kill(process, signal.SIGSTOP)
    threading.Timer(2, os.kill, (process, signal.SIGCONT)).start()
    assert child.use("csv", tables()["csv"])[0] == "done"
    monkeypatch.setattr(children, "WAITING", 1)
    os.kill(process, signal.SIGSTOP)
    assert child.use("csv", tables()["csv"]) == ["finding", "it took more than 1 s"]

"""Work on all cores: its results, and how it ends early."""

import subprocess
import sys
import threading
import time

import pytest

from unspool import cgroups, cores
from unspool.cores import in_parallel


@pytest.mark.parametrize(("limit", "usable"), [(0.5, 1), (1.5, 2), (2, 2), (float("inf"), 8)])
def test_the_limit_of_a_container_bounds_the_cores(monkeypatch, limit, usable):
    monkeypatch.setattr(cores.os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(cgroups, "processors", lambda: limit)
    assert cores.usable() == usable


@pytest.mark.parametrize("usable", [1, 2, 5])
def test_results_come_in_the_order_of_the_items_however_many_threads_there_are(usable, monkeypatch):
    monkeypatch.setattr(cores, "usable", lambda: usable)
    assert list(in_parallel(lambda number: number**2, range(20))) == [number**2 for number in range(20)]
    assert list(in_parallel(str, [])) == []


def test_two_items_are_worked_on_at_the_same_time(monkeypatch):
    monkeypatch.setattr(cores, "usable", lambda: 2)
    both = threading.Barrier(2, timeout=60)
    assert sorted(in_parallel(lambda item: both.wait(), ["one", "other"])) == [0, 1]


def test_what_has_not_begun_is_left_out_after_an_error(monkeypatch):
    monkeypatch.setattr(cores, "usable", lambda: 2)
    begun = []

    def work(item):
        begun.append(item)
        time.sleep(0.005)
        if item == 0:
            raise ValueError("the first")

    with pytest.raises(ValueError, match="the first"):
        for _ in in_parallel(work, range(1000)):
            pass
    assert len(begun) < 1000


INTERRUPTED = """
import signal, sys, threading, time

import unspool.cli.__main__ as program
from unspool import cores

cores.usable = lambda: 2
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it

def fit(item):
    if item == 0:
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    time.sleep(300)

def train():
    try:
        WORK
    except KeyboardInterrupt:
        print("saved", flush=True)
        return program.INTERRUPTED

program.main = train
sys.exit(program.start())
"""


@pytest.mark.parametrize("work", ["list(cores.in_parallel(fit, range(4)))", "cores.apart(lambda: fit(0))"])
def test_an_interrupted_program_does_not_wait_for_models_that_are_being_fitted(work):
    program = INTERRUPTED.replace("WORK", work)
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=240)
    assert (child.returncode, child.stdout, child.stderr) == (130, "saved\n", "")

import gc
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from unspool.errors import UserError
from unspool.interruption import AS_ONE, Terminated, leaving_politely, put_off

PROGRAM = """
import time
from unspool.interruption import leaving_politely
with leaving_politely():
    try:
        print("working", flush=True)
        time.sleep(30)
    finally:
        print("saving", flush=True)
        time.sleep(30)
"""


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_the_first_signal_raises(number, error):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt) as caught, leaving_politely():
        os.kill(os.getpid(), number)
    assert type(caught.value) is error
    assert signal.getsignal(number) is before


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_a_signal_during_garbage_collection_is_not_lost(number, error):
    collections = []

    def as_of_jax(phase, information):
        collections.append(phase)
        if len(collections) == 1:
            signal.raise_signal(number)  # Python ignores what its handler raises here

    def work():
        gc.collect()
        time.sleep(5)

    gc.callbacks.append(as_of_jax)
    try:
        with pytest.raises(KeyboardInterrupt) as caught, leaving_politely():
            work()
    finally:
        gc.callbacks.remove(as_of_jax)
    assert type(caught.value) is error


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_a_signal_sent_again_too_early_is_not_lost(number, error, monkeypatch):
    start = threading.Timer.start

    def start_on_a_busy_machine(timer):
        start(timer)
        time.sleep(0.1)  # longer than the timer's own time

    class Interrupted:
        def __del__(self):
            signal.raise_signal(number)

    def work():
        Interrupted()
        time.sleep(5)

    monkeypatch.setattr(threading.Timer, "start", start_on_a_busy_machine)
    with pytest.raises(KeyboardInterrupt) as caught, leaving_politely():
        work()
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("error", "seen"),
    [(AttributeError("module 'jax' has no attribute '_src'"), Terminated), (UserError("The disk is full."), UserError)],
)
def test_an_error_of_an_import_that_a_signal_cut_short_is_the_signal(error, seen):
    def half_done():
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise error from None

    with pytest.raises(seen), leaving_politely():
        half_done()


def test_a_package_whose_import_a_signal_cut_short_is_not_called_missing():
    def half_done():
        try:
            try:
                signal.raise_signal(signal.SIGTERM)
            except KeyboardInterrupt:
                raise ImportError("cannot load module more than once per process") from None
        except ImportError as error:
            raise UserError(f"{error.name} is not installed.") from error

    with pytest.raises(Terminated), leaving_politely():
        half_done()


def test_other_exceptions_that_python_ignores_are_told(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda ignored: told.append(ignored.exc_type))

    class Broken:
        def __del__(self):
            raise ValueError

    with leaving_politely():
        Broken()
    assert told == [ValueError]


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_process_at_once(first, second):
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "working\n"
        child.send_signal(first)
        assert child.stdout.readline() == "saving\n"
        time.sleep(AS_ONE + 0.1)
        while child.poll() is None:  # on a busy machine, the first may still count
            child.send_signal(second)
            time.sleep(0.1)
        assert child.returncode == -second
        assert child.stdout.read() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_comes_twice_in_a_moment_is_one(number):
    head, end = PROGRAM.rsplit("time.sleep(30)", 1)
    program = "from unspool import interruption\ninterruption.AS_ONE = 60\n"  # the machine may be busy
    program += head + "time.sleep(1)\n        print('saved', flush=True)" + end
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        assert child.stdout.readline() == "working\n"
        child.send_signal(number)
        assert child.stdout.readline() == "saving\n"
        child.send_signal(number)
        assert child.stdout.read() == "saved\n"


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with leaving_politely():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_a_signal_that_is_put_off_is_obeyed_at_the_end(number, error):
    done = []

    def work():
        os.kill(os.getpid(), number)
        done.append("the block")

    with pytest.raises(KeyboardInterrupt) as caught, leaving_politely(), put_off():
        work()
    assert (type(caught.value), done) == (error, ["the block"])


def test_a_second_signal_is_not_put_off():
    program = "import os, signal, time\nfrom unspool.interruption import leaving_politely, put_off\n"
    program += "with leaving_politely(), put_off():\n  for _ in range(2):\n"
    program += "    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(0.6)\n"
    program += "  print('not reached')"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (child.returncode, child.stdout) == (-signal.SIGINT, "")

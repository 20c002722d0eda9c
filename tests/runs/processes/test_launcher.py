"""The processes of a training on one machine, played by small programs."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from unspool.interruption import leaving_politely
from unspool.runs.processes import launcher
from unspool.runs.processes.launcher import launch

START = "import os, sys, time; rank = int(os.environ['RANK']); "


def launched(code, count=3):
    """The exit code, and what was complained of."""
    told = []
    return launch(count, [sys.executable, "-c", START + code], told.append), told


def test_each_knows_its_place_and_how_to_find_the_first(tmp_path, capfd):
    code = (
        "print([os.environ[name] for name in ('WORLD_SIZE', 'MASTER_ADDR', 'OMP_NUM_THREADS')]); "
        f"open({str(tmp_path)!r} + f'/{{rank}}', 'w').write(os.environ['MASTER_PORT'])"
    )
    assert launched(code) == (0, [])
    ports = {(tmp_path / str(rank)).read_text() for rank in range(3)}
    assert len(ports) == 1
    printed = capfd.readouterr().out  # the first one's alone
    share = max(1, len(os.sched_getaffinity(0)) // 3)
    assert printed == f"['3', '127.0.0.1', '{share}']\n"


def test_a_persons_own_number_of_threads_stays(monkeypatch, capfd):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert launched("print(os.environ['OMP_NUM_THREADS'])", count=1) == (0, [])
    assert capfd.readouterr().out == "7\n"


def test_what_another_process_complained_of_is_told(capfd):
    code = "sys.exit(print('unspool: no such data', file=sys.stderr) or 1) if rank == 2 else None"
    assert launched(code) == (1, ["process 2: no such data"])


def test_that_the_others_were_lost_is_not_told_for_each():
    code = "sys.exit(print('unspool: Another process of this training was lost.', file=sys.stderr) or 1)"
    assert launched(code) == (1, [])


@pytest.mark.parametrize("later", [0, 0.5])
def test_the_first_ones_exit_code_counts(later, monkeypatch):
    """Also where it is the last to fail, as on a busy machine."""
    monkeypatch.setattr(launcher, "GRACE", 240)
    assert launched(f"rank or time.sleep({later}); sys.exit(3 if rank == 0 else 1)") == (3, [])


@pytest.mark.parametrize("lost", [0, 1])
def test_one_that_is_killed_is_told_and_the_others_do_not_go_on_for_ever(lost, monkeypatch):
    monkeypatch.setattr(launcher, "GRACE", 0.5)
    began = time.monotonic()
    code, told = launched(f"os.kill(os.getpid(), 9) if rank == {lost} else time.sleep(60)", count=2)
    assert code == 1
    assert told == [f"process {lost} was killed by signal 9."]
    assert time.monotonic() - began < 50


ABORTS = """
import os, signal, sys, time
from pathlib import Path
rank, folder = int(os.environ["RANK"]), Path(sys.argv[1])
if rank == 1:
    while not (folder / "begun").exists():
        time.sleep(0.05)
    time.sleep(1)
    os.symlink(str(os.getpid()), folder / "lost")
    os.kill(os.getpid(), 9)
if rank == 0:
    print("epoch 1", file=sys.stderr, flush=True)
    (folder / "begun").touch()
while not (folder / "lost").is_symlink():
    time.sleep(0.05)
try:
    while True:  # until the launcher has taken notice
        os.kill(int(os.readlink(folder / "lost")), 0)
        time.sleep(0.05)
except ProcessLookupError:
    os.write(2, b"F1126 client.h:80] Terminating process\\n*** SIGABRT ***\\n")
    os.abort()
"""


def test_that_jax_aborts_the_first_when_another_is_lost_is_not_shown(tmp_path, capfd):
    told = []
    code = launch(3, [sys.executable, "-c", ABORTS, str(tmp_path)], told.append, lambda: "To continue: do so")
    assert code == 1
    assert told == ["process 1 was killed by signal 9. To continue: do so"]
    assert capfd.readouterr().err == "epoch 1\n"


def test_the_first_saves_when_another_is_lost(monkeypatch, tmp_path, capfd):
    monkeypatch.setattr(launcher, "GRACE", 8.0)
    code = (
        f"import pathlib, signal; folder = pathlib.Path({str(tmp_path)!r})\n"
        "save = lambda *_: (print('saving', file=sys.stderr), (folder / 'saved').touch(), sys.exit(143))\n"
        "if rank == 0: signal.signal(signal.SIGTERM, save); (folder / 'begun').touch()\n"
        "while not (folder / 'begun').exists(): time.sleep(0.05)\n"
        "sys.exit(5) if rank == 2 else time.sleep(60)"
    )
    assert launched(code) == (1, ["process 2: ended with exit code 5."])
    assert (tmp_path / "saved").exists()
    assert capfd.readouterr().err == ""


def test_why_the_first_has_failed_is_shown_whole(capfd):
    code = (
        "lost = 'Another process of this training was lost.'; time.sleep(rank * 0.05); "
        "print('unspool:', lost if rank else 'no such recipe', file=sys.stderr); sys.exit(1 if rank else 4)"
    )
    assert launched(code) == (4, [])
    assert capfd.readouterr().err == "unspool: no such recipe\n"
    assert launched("1 / 0 if rank == 0 else time.sleep(60)", count=2) == (1, [])
    assert "Traceback" in capfd.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("to_all", [False, True])
def test_a_signal_is_the_first_ones_to_answer(number, code, to_all, tmp_path):
    """Also one that all processes get, as from a terminal or a batch system."""
    program = f"""
import os, sys, time
from unspool.interruption import leaving_politely
with leaving_politely():
    try:
        open({str(tmp_path)!r} + "/" + os.environ["RANK"], "w").write(str(os.getpid()))
        time.sleep(60 if os.environ["RANK"] == "0" else 0)
    except KeyboardInterrupt:
        time.sleep(1)  # it saves
        sys.exit({code})
"""

    def send():
        while not ((tmp_path / "0").exists() and (tmp_path / "0").read_text()):
            time.sleep(0.05)
        time.sleep(0.3)
        if to_all:
            os.kill(int((tmp_path / "0").read_text()), number)
        os.kill(os.getpid(), number)

    threading.Thread(target=send, daemon=True).start()
    with leaving_politely():
        assert launch(2, [sys.executable, "-c", program], pytest.fail) == code


def test_none_is_left_when_the_launcher_fails(monkeypatch):
    started = []
    popen = subprocess.Popen

    def start(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(launcher.subprocess, "Popen", start)
    monkeypatch.setattr(launcher, "_failed_of", lambda children: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        launched("time.sleep(60)")
    assert [child.poll() for child in started] == [-signal.SIGKILL] * 3

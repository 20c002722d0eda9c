"""Several workers, as processes of their own: one is killed without warning, and another takes up its trial."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

pytest.importorskip("optuna", reason="the extra `search` is not installed")

from unspool import locks
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records import folder
from unspool.runs.records.unfinished import Begun, note_beginning

SETTINGS = ["training.epochs=40", "model.units=8", "model.embedding=8", "data.num_words=300"]
SETTINGS += ["evaluation.resamples=100", "training.early_stopping_patience=40"]
OVER = ["training.learning_rate=1e-3..1e-2:log"]
PATIENCE = 900.0


def worker(out):
    command = [sys.executable, "-m", "unspool.cli", "search", "sentences-lstm", "--out", str(out), "--json"]
    command += ["--trials", "2", "--pruner", "none", *(word for one in OVER for word in ("--over", one))]
    command += [word for one in SETTINGS for word in ("--set", one)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.soak
def test_a_killed_workers_trial_is_taken_up_by_another(tmp_path):
    out = tmp_path / "search"
    killed = worker(out)
    waited = time.monotonic() + PATIENCE
    while not folder.holds_checkpoint(out / "trials" / "0"):
        assert killed.poll() is None, killed.communicate()
        assert time.monotonic() < waited
        time.sleep(0.05)
    other = worker(out)  # meanwhile the first works on
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    shown, said = other.communicate(timeout=PATIENCE)
    assert other.returncode == 0, said
    found = json.loads(shown)
    assert [one["state"] for one in found["trials"]] == ["finished", "finished"]
    assert "trial 0: " in said
    assert folder.is_run(out / "winner")
    # To the same bits as a search that nobody killed, in a process like theirs.
    shown, said = worker(tmp_path / "whole").communicate(timeout=PATIENCE)
    reference = json.loads(shown)
    assert found["trials"][0]["settings"] == reference["trials"][0]["settings"]
    assert found["trials"][0]["losses"] == reference["trials"][0]["losses"]


@pytest.mark.soak
def test_two_workers_share_the_trials(tmp_path):
    out = tmp_path / "search"
    workers = [worker(out), worker(out)]
    ended = [one.communicate(timeout=PATIENCE) for one in workers]
    assert [one.returncode for one in workers] == [0, 0], ended
    found = [json.loads(shown) for shown, _ in ended]
    assert sorted(one["winner"] is not None for one in found)[-1]
    assert all(len(one["trials"]) == 2 for one in found)
    trained = [sum(line.startswith(("trial 0: ", "trial 1: ")) for line in said.splitlines()) for _, said in ended]
    assert trained == [1, 1]


def test_a_worker_leaves_the_winner_to_one_that_judges_it(tmp_path):
    from unspool.runs.search import searching

    partial = folder.partial_of(tmp_path / "winner")
    partial.mkdir()
    note_beginning(partial, load_recipe("sentences-rnn"), Begun("unspool run x", None, {}))
    trials = SimpleNamespace(out=tmp_path, winner=0, all=lambda: [None] * 2, asking=nullcontext)
    said = []
    with locks.locked(partial / folder.LOCK):
        searching._finish(trials, said.append, None)
    assert said[1:] == [f"another worker is judging it already; the result will be in {tmp_path / 'winner'}"]

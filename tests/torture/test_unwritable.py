"""A full disk and a folder that becomes read-only, in the middle of `unspool run` and of `unspool train`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .killed_run import command

PROGRAM = Path(__file__).with_name("unwritable_run.py")
NAMESPACE = ["unshare", "--mount", "--map-root-user"]

SMALL = ["training.early_stopping_patience=20", "model.units=4", "model.embedding=4", "evaluation.resamples=100"]
OF_RUN = [*SMALL, "training.epochs=20", "data.num_words=300"]
OF_TRAIN = [*SMALL, "training.epochs=10", "training.batch_size=128", "model.layers=1", "model.bigrams=0"]

UNSAVED = "No checkpoint was saved; training continues, and saving will be tried again."
FULL, READ_ONLY = "No space left on device", "Read-only file system"


def mounting_is_refused():
    try:
        return subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode
    except FileNotFoundError:
        return True


def told(end):
    """What was said besides how far the work had come."""
    return [line for line in end["said"] if line.startswith((UNSAVED, "unspool: ", "what was ")) or "struck.pa" in line]


@pytest.mark.soak
@pytest.mark.skipif(mounting_is_refused(), reason="this system lets no user mount a disk in a namespace of its own")
@pytest.mark.parametrize(("what", "settings"), [("sentences-rnn", OF_RUN), ("train", OF_TRAIN)])
def test_what_was_saved_is_kept_and_goes_on_to_the_same_bits(what, settings, tmp_path):
    begin = command(what, settings, tmp_path)
    child = subprocess.run([*NAMESPACE, sys.executable, PROGRAM, tmp_path, *begin], capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    result = json.loads(child.stdout)
    ends, disk = result["ends"], tmp_path / "disk"
    assert all(end["kept"] for end in ends.values()), "a checkpoint is not what it was when the disk failed"
    assert not any("Traceback" in line for end in ends.values() for line in end["said"])
    for name, reason in (("full disk", FULL), ("read-only run", READ_ONLY)):
        assert ends[name]["code"] == 1
        unsaved, kept, error = told(ends[name])
        assert unsaved.startswith(f"{UNSAVED} {disk}/struck.partial/checkpoints cannot be written ({reason}).")
        assert kept == f"the training so far is saved. To continue: unspool resume {disk}/struck"
        assert error.startswith(f"unspool: {disk}/struck cannot be finished ({reason}")
        assert error.endswith(". Free some space there or change the permissions.")
    assert ends["read-only checkpoints"]["code"] == 0
    unsaved, left = told(ends["read-only checkpoints"])
    assert unsaved.startswith(f"{UNSAVED} {disk}/struck.partial/checkpoints cannot be written ({READ_ONLY}).")
    assert left.startswith(f"{disk}/struck is finished, but {disk}/struck.partial cannot be removed.")
    assert result["differences"] == []

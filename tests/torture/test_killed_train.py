"""`kill -9` while `unspool train` trains; `make torture RECIPE=train` does it 50 times."""

import subprocess
import time

import pytest

from .killed_run import command, differences, finishes

SETTINGS = ["training.epochs=4", "model.layers=1", "model.units=4", "model.embedding=4", "evaluation.resamples=100"]


@pytest.mark.soak
def test_a_file_is_trained_on_to_the_same_bits(tmp_path):
    begin = command("train", SETTINGS, tmp_path)
    assert finishes(begin, tmp_path / "let-alone")
    with subprocess.Popen([*begin, str(tmp_path / "killed")], stderr=subprocess.DEVNULL) as child:
        while not list(tmp_path.glob("killed.partial/checkpoints/checkpoint-*.safetensors")):
            assert child.poll() is None, "it came to the end before it was killed"
            time.sleep(0.01)
        child.kill()
    assert not (tmp_path / "killed").exists()
    assert finishes(begin, tmp_path / "killed")
    assert differences(tmp_path / "let-alone", tmp_path / "killed") == []

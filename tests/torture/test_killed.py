"""`kill -9` at each labelled point of a save and at random instants; `make torture` does it to a whole run."""

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("killed_fit.py")


def test_a_training_survives_kill_9_wherever_it_strikes(tmp_path):
    # JAX warns of a fork; here nothing has been computed before it.
    command = [sys.executable, "-W", "ignore::RuntimeWarning", str(PROGRAM), str(tmp_path), "2", "1"]
    child = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"KERAS_BACKEND": "jax"})
    assert child.returncode == 0, child.stderr
    result = json.loads(child.stdout)
    points = ["mid-write", "before fsync", "before rename", "before the folder's fsync", "before prune"]
    assert result["killed"] == points + ["at random"] * 2, "some came to the end before they were killed"
    assert result["equal"], "the training did not end as one that was let alone"
    assert "Traceback" not in child.stderr

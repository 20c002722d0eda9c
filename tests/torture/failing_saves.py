"""The saves of a run on a disk of which one call fails, each in turn, with one error or each; then the run goes on.

The training is a count, so that only the disk is left: locks, what a run notes when it begins, checkpoints, the files
that it makes, and its name. Run with failing_disk.c loaded before everything else. It prints a line of JSON.

    LD_PRELOAD=failing_disk.so python failing_saves.py FOLDER [each]
"""

import errno
import json
import logging
import os
import shutil
import sys
from collections import Counter
from itertools import cycle
from pathlib import Path

import numpy as np
from failing_run import CODES, disk

from unspool import atomic_writes, locks
from unspool.errors import UserError
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records import folder as run_folder
from unspool.runs.records.unfinished import Begun, begin, read_begun
from unspool.training.checkpoint_files import CheckpointFiles

SAVES = 3
BEGUN = Begun("unspool run x", None, {"unspool": "0"})
RECIPE = load_recipe("sentences-rnn")


def weights(number):
    return {"number": number, "weights": np.full(2000, number, np.float32)}


def go_on(out, saved):
    """Begin a run, or go on with it; `saved` gets the number of each checkpoint that is on the disk."""
    with run_folder.written_whole(out, go_on=True) as content:
        if run_folder.is_unfinished(out):
            read_begun(out)
        else:
            begin(content, RECIPE, BEGUN)
        checkpoints = run_folder.partial_of(out) / run_folder.CHECKPOINTS
        with locks.locked(checkpoints / "training", busy="it is in use"):
            kept = CheckpointFiles(checkpoints)
            newest = kept.read_newest() or {"number": 0}
            assert newest["number"] >= max(saved, default=0), "a checkpoint that was saved is gone"
            for number in range(newest["number"] + 1, SAVES + 1):
                kept.write(weights(number))
                saved.append(number)
        atomic_writes.write_aside(content / "model.bin", weights(SAVES)["weights"].tobytes())
        (content / "history.csv").write_text("epoch\n1\n")


def contents(out):
    return {path.name: path.read_bytes() for path in out.iterdir()}


def strike(shim, folder, let_alone, at, code):
    """Let the call of that number fail, and go on; how it ended, and which call it was."""
    out, saved, how = folder / "run", [], "equal at once"
    shim.failing_disk_set(os.fsencode(folder), at, code)
    try:
        go_on(out, saved)
    except UserError as error:
        how = "told, then resumed equal" if "\n" not in str(error) else f"several lines: {error}"
    except BaseException as error:
        how = f"{type(error).__name__} that is not a UserError: {error}"
    failed = shim.failing_disk_failed().decode()
    shim.failing_disk_set(b"", 0, 0)
    if failed and not out.exists():
        try:
            go_on(out, saved)
        except BaseException as error:
            return f"{how}; then {type(error).__name__}: {error}", failed
    return how if contents(out) == let_alone else f"{how}; then other files", failed


def main(folder, each_error):
    logging.disable(logging.WARNING)
    shim, ends, broken = disk(), Counter(), []
    go_on(folder / "let-alone", [])
    let_alone = contents(folder / "let-alone")
    for codes in [(code,) for code in CODES] if each_error else [CODES]:
        for at, code in enumerate(cycle(codes), start=1):
            (folder / "disk").mkdir()
            how, failed = strike(shim, folder / "disk", let_alone, at, code)
            shutil.rmtree(folder / "disk")
            if not failed:
                break
            ends[how] += 1
            if how not in ("equal at once", "told, then resumed equal"):
                broken.append(f"{errno.errorcode[code]} at call {at}, {failed}: {how}")
    print(json.dumps({"failed": sum(ends.values()), "ends": ends, "broken": broken}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] == ["each"])

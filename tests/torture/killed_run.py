"""`make torture`: a whole run, killed with `kill -9` at random instants from its start to its report, and resumed.

As many runs are killed as it takes; each must end with the very files of a run that was let alone: model, scores,
history, digests of all epochs, predictions, inspection, report and figures, all but the times. It ends with exit code 1
where one does not.

    python killed_run.py [RECIPE] [--kills 50] [--seed 0] [--set TABLE.KEY=VALUE ...]

RECIPE is a recipe, or `train`: `unspool train` on a file of texts, the sentences that come with Python.
"""

import argparse
import io
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np

UNSPOOL = [sys.executable, "-m", "unspool.cli"]


def main():
    options = parse()
    with tempfile.TemporaryDirectory(prefix="unspool-torture-") as folder:
        let_alone, killed = Path(folder) / "let-alone", Path(folder) / "killed"
        begin = command(options.recipe, options.settings, Path(folder))
        for folder_of_one in (let_alone, killed):  # the first also fills the caches: of data, programs, baselines
            began = time.monotonic()
            assert finishes(begin, folder_of_one), "it was not to be killed"
            seconds = time.monotonic() - began
        assert not differences(let_alone, killed), "two runs that were let alone differ"
        shutil.rmtree(killed)
        print(f"{options.recipe}, let alone: {seconds:.0f} s, {epochs_of(let_alone)} epochs", flush=True)
        survived, runs = kill_and_compare(begin, let_alone, killed, options.kills, options.seed, seconds)
    print(f"{survived} of {options.kills} kills survived, in {runs} runs of {options.recipe}")
    return 0 if survived == options.kills else 1


def kill_and_compare(begin, let_alone, killed, wanted, seed, seconds):
    """Kill runs, each until it comes to its end, `wanted` times in all.

    Returns:
        How many kills struck runs that ended as the one that was let alone, and how many runs there were.
    """
    rng = random.Random(seed)
    kills = survived = runs = 0
    while kills < wanted:
        before = kills
        while kills < wanted and not finishes(begin, killed, after=rng.uniform(0, seconds)):
            kills += 1
            print(f"kill {kills}: {place(killed)}", flush=True)
        if not killed.exists():
            assert finishes(begin, killed), "it was not to be killed"
        parting = differences(let_alone, killed)
        runs += 1
        survived += 0 if parting else kills - before
        print(f"run {runs}, killed {kills - before} times: {', '.join(parting) or 'equal, bit for bit'}", flush=True)
        shutil.rmtree(killed)
    return survived, runs


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", nargs="?", default="sentences-lstm")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", dest="settings", action="append", default=[])
    return parser.parse_args()


def command(recipe, settings, folder):
    """What begins a run, but for the folder that it is to write."""
    begin = ["run", recipe] if recipe != "train" else ["train", str(write_sentences(folder / "sentences.csv"))]
    return [*UNSPOOL, *begin, *(word for setting in settings for word in ("--set", setting)), "--out"]


def write_sentences(path):
    """Sentences of Python's own documentation, and the same with their words in a random order, as a CSV file."""
    from unspool.data import load
    from unspool.data.tables import write_table

    data = load("sentences")
    rows = zip(data.train.texts, data.train.labels, data.train.groups, strict=True)
    write_table(({"text": text, "label": data.label_names[label], "group": group} for text, label, group in rows), path)
    return path


def finishes(begin, out, after=None):
    """Begin a run or go on with it; kill it `after` so many seconds. Whether it came to its end before that."""
    unfinished = out.with_name(out.name + ".partial") / "recipe.toml"
    command = [*UNSPOOL, "resume", str(out)] if unfinished.exists() else [*begin, str(out)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _, said = child.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return out.exists()  # the last thing that a run does is to give its folder its name
    if child.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{said}")
    return True


def place(out):
    """Where a kill struck, as far as files tell."""
    partial = out.with_name(out.name + ".partial")
    if not (partial / "recipe.toml").exists():
        return "before it began"
    saved = sorted(partial.glob("checkpoints/checkpoint-*.safetensors"))
    torn = ", within a save" if list(partial.glob("checkpoints/*.partial")) else ""
    judged = ", after training" if list(partial.glob("content-*/*")) else ""
    return (f"after {saved[-1].name[:17]}" if saved else "before the first checkpoint") + torn + judged


def epochs_of(folder):
    return len((folder / "history.csv").read_text().splitlines()) - 1


TIMED = {"log.csv"}
"""Files of a run that hold hardly anything but times."""
_ADDRESS = re.compile(rb'"shared_object_id": \d+')  # where Keras had an object in memory
_DURATION = re.compile(r"\d+ h \d+ min|\d+ min \d+ s|\d+(\.\d)? s\b")


def differences(one, other):
    """The files in which two runs differ; how long anything took and what a run's folder is called may differ."""
    ours, theirs = files_of(one), files_of(other)
    found = [] if ours == theirs else [f"the list of files ({', '.join(sorted(ours ^ theirs))})"]
    return found + sorted(name for name in (ours & theirs) - TIMED if content(one, name) != content(other, name))


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def content(folder, name):
    """What a file of a run holds, without times; archives hold the time at which they were written."""
    path = folder / name
    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            return arrays_of(archive), _ADDRESS.sub(b"", archive.read("config.json"))
    if path.suffix == ".npz":
        with np.load(path) as arrays:
            return {key: (arrays[key].dtype, arrays[key].shape, arrays[key].tobytes()) for key in arrays}
    if path.name == "metrics.json":
        return without_times(json.loads(path.read_text().replace(str(folder), "")))
    if path.name == "golden.json":  # the file of a Keras model tells when it was written; its content is compared above
        golden = json.loads(path.read_text())
        return golden | {"files": {name: one for name, one in golden["files"].items() if not name.endswith(".keras")}}
    if path.suffix == ".html":
        return _DURATION.sub("", path.read_text().replace(str(folder), ""))
    return path.read_bytes()


def without_times(value):
    """The same without every number of seconds."""
    if isinstance(value, dict):
        return {key: without_times(one) for key, one in value.items() if key not in ("seconds", "training_seconds")}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def arrays_of(archive):
    """Weights in a model file, as bytes by their places in it."""
    arrays = {}
    with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(
            lambda place, item: arrays.update({place: item[()].tobytes()} if hasattr(item, "dtype") else {})
        )
    return arrays


if __name__ == "__main__":
    sys.exit(main())

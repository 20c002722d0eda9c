"""`make torture`: a whole run, killed with `kill -9` at random instants from its start to its report, and resumed.

As many runs are killed as it takes; each must end with the weights, the optimizer, the history, the digests of all
epochs and the predictions of a run that was let alone. It ends with exit code 1 where one does not.

    python killed_run.py [RECIPE] [--kills 50] [--seed 0] [--set TABLE.KEY=VALUE ...]

RECIPE is a recipe, or `train`: `unspool train` on a file of texts, the sentences that come with Python.
"""

import argparse
import io
import random
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
    judged = ", after training" if list(partial.glob("content/*")) else ""
    return (f"after {saved[-1].name[:17]}" if saved else "before the first checkpoint") + torn + judged


def epochs_of(folder):
    return len((folder / "history.csv").read_text().splitlines()) - 1


def differences(one, other):
    """The files in which two runs differ."""
    found = [
        name for name in ("history.csv", "digests.json") if (one / name).read_bytes() != (other / name).read_bytes()
    ]
    with np.load(one / "predictions.npz") as ours, np.load(other / "predictions.npz") as theirs:
        if ours.files != theirs.files or not all(np.array_equal(ours[name], theirs[name]) for name in ours):
            found.append("predictions.npz")
    if arrays_of(one / "model.keras") != arrays_of(other / "model.keras"):
        found.append("model.keras")
    if {path.name for path in one.iterdir()} != {path.name for path in other.iterdir()}:
        found.append("the list of files")
    return found


def arrays_of(model):
    """Weights and optimizer of a model file, as bytes by their places in it."""
    arrays = {}
    with zipfile.ZipFile(model) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        file.visititems(
            lambda place, item: arrays.update({place: item[()].tobytes()} if hasattr(item, "dtype") else {})
        )
    return arrays


if __name__ == "__main__":
    sys.exit(main())

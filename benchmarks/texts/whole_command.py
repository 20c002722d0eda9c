"""`unspool train` on sets from packages, as a stranger would type it, beside peers tuned on training rows."""

import csv
import subprocess
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.texts import newer_sets, package_sets
from benchmarks.texts.package_sets import PackageSet, Row
from benchmarks.texts.sets import MissingError
from benchmarks.texts.tuned_peers import Answers, every_peer

SETS = package_sets.SETS | newer_sets.SETS
RESAMPLES = 2000


def measure(names: Iterable[str], archives: Path, folder: Path, budget: str | None) -> int:
    """Print a line for each set: unspool, the peer that cross-validation takes, and the best of them on the test.

    Args:
        names: of sets in `SETS`.
        archives: the folder of packages.
        folder: gets the tables, the runs and their predictions.
        budget: of `unspool train`; None for its default.

    Returns:
        An exit code: 1 where a set could not be measured.
    """
    warnings.filterwarnings("ignore", module="sklearn")
    failed = 0
    for name in names:
        one = SETS[name]
        try:
            training, test = one.drawn(archives)
        except MissingError as why:
            print(f"{name}: left out, {why}", flush=True)
            failed = 1
            continue
        print(f"{name}: {one.task}, {len(training)} training rows, {len(test)} test rows", flush=True)
        said = _unspool(name, one, training, test, folder, budget)
        peers = list(every_peer(one, training, test))
        for line in compared(one.task, [row["label"] for row in test], said, peers):
            print(f"  {line}", flush=True)
    return failed


def _unspool(
    name: str, one: PackageSet, training: list[Row], test: list[Row], folder: Path, budget: str | None
) -> np.ndarray:
    """What the whole command says of the test rows."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.{part}.csv" for part in ("train", "test")]
    for path, rows in zip(paths, (training, test), strict=True):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    run, answers = folder / name, folder / f"{name}.predictions.csv"
    options = ["--text", "text", "--label", "label", "--out", str(run)]
    for option, given in (
        ("--task", one.forced),
        ("--numeric", ",".join(one.numeric)),
        ("--categorical", ",".join(one.categorical)),
        ("--budget", budget),
    ):
        options += [option, given] if given else []
    unspool = [sys.executable, "-m", "unspool.cli"]
    subprocess.run([*unspool, "train", str(paths[0]), "--test", str(paths[1]), *options], check=True)
    subprocess.run([*unspool, "predict", str(run), str(paths[1]), "--out", str(answers)], check=True)
    with answers.open(newline="", encoding="utf-8") as file:
        return np.array([row["prediction"] for row in csv.DictReader(file)])


def compared(task: str, truth: list[str], said: np.ndarray, peers: list[Answers]) -> list[str]:
    """Unspool's figure, and its difference with a paired 95% interval from two peers, in words.

    Args:
        task: "classes", "multilabel" or "regression".
        truth: (N,) labels or numbers.
        said: (N,) unspool's answers.
        peers: what the others say.
    """
    drawn = np.random.default_rng(0).integers(0, len(truth), (RESAMPLES, len(truth)))
    ours = _facts(task, truth, said)
    resampled = np.array([_figure(task, ours[rows]) for rows in drawn])
    figures = {peer.name: _figure(task, _facts(task, truth, peer.test)) for peer in peers}
    sign = -1 if task == "regression" else 1
    chosen = max(peers, key=lambda peer: peer.held_out)
    best = max(peers, key=lambda peer: sign * figures[peer.name])
    lines = [f"unspool {_figure(task, ours):.2f}"]
    for how, peer in (("by cross-validation", chosen), ("best on the test", best)):
        theirs = _facts(task, truth, peer.test)
        gains = resampled - np.array([_figure(task, theirs[rows]) for rows in drawn])
        low, high = np.percentile(gains, [2.5, 97.5])
        gain = _figure(task, ours) - figures[peer.name]
        lines.append(f"{how}: {peer.name} {figures[peer.name]:.2f}, difference {gain:+.2f} ({low:+.2f} to {high:+.2f})")
    others = sorted(figures.items(), key=lambda item: -sign * item[1])
    return [*lines, "all peers on the test: " + ", ".join(f"{name} {figure:.2f}" for name, figure in others)]


def _facts(task: str, truth: list[str], said: np.ndarray) -> np.ndarray:
    """(N, M) of each row, whose sums give a figure."""
    if task == "regression":
        return ((np.asarray(said, float) - np.array(truth, float)) ** 2)[:, None]
    if task == "multilabel":
        sides = [[set(filter(None, str(one).split(";"))) for one in side] for side in (said, truth)]
        return np.array([(len(a & b), len(a) + len(b)) for a, b in zip(*sides, strict=True)], float)
    return (np.asarray(said, str) == np.array(truth, str)).astype(float)[:, None]


def _figure(task: str, facts: np.ndarray) -> float:
    """Accuracy or micro F1 in percent, or the root mean squared error."""
    if task == "regression":
        return float(np.sqrt(facts.mean()))
    if task == "multilabel":
        return float(200 * facts[:, 0].sum() / facts[:, 1].sum())
    return float(100 * facts.mean())

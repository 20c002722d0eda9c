"""The sets of series that the wheels of aeon and sktime carry, read without importing either."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DEVELOPMENT = (
    "ACSF1",
    "BasicMotions",
    "Covid3Month",
    "Covid3Month_disc",
    "ItalyPowerDemand",
    "OSULeaf",
    "PickupGestureWiimoteZ",
    "UnitTest",
)
HELD_OUT = ("ArrowHead", "CardanoSentiment", "GunPoint", "JapaneseVowels", "PLAID", "Tecator")
"""Chosen before any result was seen; see LOG.md."""


@dataclass(frozen=True)
class Set:
    """Series (T, C) and their targets: labels from 0 on, or numbers."""

    name: str
    task: str
    train: list[np.ndarray]
    train_y: np.ndarray
    test: list[np.ndarray]
    test_y: np.ndarray


def find(name: str) -> tuple[Path, Path]:
    """The two files of a set.

    Raises:
        FileNotFoundError: neither aeon nor sktime is there, or they have no such set.
    """
    for package in ("aeon", "sktime"):
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        folder = Path(spec.origin).parent / "datasets" / "data" / name
        files = folder / f"{name}_TRAIN.ts", folder / f"{name}_TEST.ts"
        if files[0].is_file():
            return files
    raise FileNotFoundError(f"{name} is in neither aeon nor sktime: pip install -e '.[bench]'")


def load(name: str) -> Set:
    """Read a set; labels are numbered in alphabetical order of the training labels."""
    (train, train_y, regression), (test, test_y, _) = (read(path) for path in find(name))
    if regression:
        return Set(name, "regression", train, np.array(train_y, float), test, np.array(test_y, float))
    classes = sorted(set(train_y))
    numbers = [np.array([classes.index(label) for label in labels]) for labels in (train_y, test_y)]
    return Set(name, "binary" if len(classes) == 2 else "multiclass", train, numbers[0], test, numbers[1])


def read(path: Path) -> tuple[list[np.ndarray], list[str], bool]:
    """Series, targets as text, and whether these are numbers, of a .ts file."""
    series, targets, regression, data = [], [], False, False
    for line in path.read_text(errors="replace").splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if not data:
            regression |= line.lower().startswith("@targetlabel true")
            data = line.lower() == "@data"
            continue
        *channels, target = line.split(":")
        values = [[np.nan if v == "?" else float(v) for v in channel.split(",")] for channel in channels]
        series.append(np.array(values, dtype=np.float32).T)
        targets.append(target.strip())
    return series, targets, regression


def resampled(known: Set, seed: int) -> Set:
    """The same series drawn anew into a training and a test part of the same sizes, for development."""
    order = np.random.default_rng(seed).permutation(len(known.train) + len(known.test))
    series, targets = known.train + known.test, np.concatenate((known.train_y, known.test_y))
    first, rest = order[: len(known.train)], order[len(known.train) :]
    return Set(
        known.name, known.task, [series[i] for i in first], targets[first], [series[i] for i in rest], targets[rest]
    )

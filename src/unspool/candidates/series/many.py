"""Where series are so many that the features of all would fill memory: encoders see a sample, heads read blocks."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.folds import numbered
from unspool.candidates.heads import (
    BoostedClassifier,
    BoostedRegressor,
    Linear,
    RidgeClassifier,
    RidgeRegressor,
    Temperature,
    TreesClassifier,
    TreesRegressor,
    fit_streamed,
    most_rows,
)
from unspool.candidates.pace import UNHURRIED, Pace
from unspool.candidates.series.base import Outputs, Rows
from unspool.candidates.series.truth import Truth
from unspool.kernels import FlatSeries

MANY = 20_000
"""Series, beyond which these ways are taken."""
HELD = 10_000
"""Series that are held out to choose the strength of a head, to calibrate it and to compare candidates."""
SAMPLE = 20_000
"""Series that encoders are fitted to and trees are grown on: with more, trees take longer and gain little."""
MOST_FEATURES = 2048
"""Of a linear head: the products of each two of them are kept."""
BLOCK_NUMBERS = 2**24
"""Features that are computed at once."""

Features = NDArray[np.float32]
Kind = Literal["linear", "trees", "boosted"]
"""Of a head."""
Transform = Callable[[FlatSeries], Features]


def drawn(count: int, seed: int, most: int | None = None, groups: Rows | None = None) -> tuple[Rows, Rows]:
    """The rows that are held out, and a sample of the others, both rising; the same for every candidate.

    Args:
        count: how many rows there are.
        seed: of the draw.
        most: how many rows the sample has at most; None for `SAMPLE`. A larger sample contains a smaller one.
        groups: (N,) from 0 on, two or more: whole groups are held out; None for single rows.

    Example:
        >>> held, sample = drawn(50_000, seed=0)
        >>> len(held), len(sample), len(np.intersect1d(held, sample))
        (10000, 20000, 0)
    """
    order = np.random.default_rng(seed).permutation(count)
    held = min(HELD, count // 4)
    if groups is not None:
        out = _groups_of_about(held, groups, seed)[groups[order]]
        order, held = np.concatenate((order[out], order[~out])), int(out.sum())
    return np.sort(order[:held]), np.sort(order[held:][: SAMPLE if most is None else most])


def _groups_of_about(rows: int, groups: Rows, seed: int) -> NDArray[np.bool_]:
    """(G,) which groups are held out, drawn at random: at most `rows` rows in all, but at least one group."""
    sizes = np.bincount(groups)
    order = np.random.default_rng(seed).permutation(len(sizes))
    few = np.cumsum(sizes[order]) <= rows
    out = np.zeros(len(sizes), dtype=bool)
    out[order[few] if few.any() else sizes.argmin()] = True
    return out


def separable(groups: Rows | None, truth: Truth, seed: int) -> Rows | None:
    """The groups of N series; None if `drawn` would hold out all series of a class."""
    if groups is None or truth.numbers:
        return groups
    held, _ = drawn(len(groups), seed, groups=groups)
    rest = np.delete(truth.labels, held)
    return groups if np.isin(truth.labels[held], rest).all() else None


def taken(series: FlatSeries, rows: Rows) -> FlatSeries:
    """Some of the series."""
    return FlatSeries.of([series[row] for row in rows.tolist()])


def fit_head(
    transform: Transform,
    series: FlatSeries,
    truth: Truth,
    kind: Kind,
    seed: int,
    tried_for_numbers: float = 0.1,
    pace: Pace = UNHURRIED,
    groups: Rows | None = None,
) -> tuple[Any, Outputs]:
    """Fit a head to the features of N series, of which only a block is in memory at a time.

    Args:
        transform: gives (n, F) features of n series.
        series: N of them.
        truth: N targets.
        kind: of the head, see `Encoded`.
        seed: of the draw and of trees.
        tried_for_numbers: see `Encoded`.
        pace: judges linear heads, which read all series.
        groups: as of `drawn`.

    Returns:
        The head, and its (N, K) outputs for held-out series, NaN for all others.
    """
    held, sample = drawn(len(series), seed, groups=groups)
    held_features = _in_blocks(transform, series, held)
    if kind == "linear" and held_features.shape[1] > 2 * MOST_FEATURES:
        head, said = _linear_of_sample(transform, series, truth, sample, held_features, truth.take(held), groups)
    elif kind == "linear":
        head, said = _linear(transform, series, truth, held, held_features, pace)
    elif kind == "boosted":
        sample = drawn(len(series), seed, most_rows(held_features.shape[1], truth.classes), groups)[1]
        features = _in_blocks(transform, series, sample)
        head, said = _boosted(features, truth.take(sample), held_features, truth.take(held), seed)
    else:
        features = _in_blocks(transform, series, sample)
        head, said = _trees(features, truth.take(sample), held_features, truth.take(held), seed, tried_for_numbers)
    held_out = np.full(truth.values.shape, np.nan)
    held_out[held] = said
    return head, held_out


def _linear(
    transform: Transform, series: FlatSeries, truth: Truth, held: Rows, held_features: Features, pace: Pace
) -> tuple[Any, Outputs]:
    regression = truth.numbers
    mean, deviation = truth.values.mean(axis=0), truth.values.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    targets = (truth.values - mean) / scale if regression else 2 * truth.values - 1
    free = np.ones(len(series), dtype=bool)
    free[held] = False

    readings = itertools.count()

    def blocks() -> Iterator[tuple[Features, Outputs]]:
        before = next(readings)
        for start, stop in _ranges(len(series), held_features.shape[1]):
            rows = free[start:stop]
            if rows.any():
                yield transform(series.part(start, stop))[rows], targets[start:stop][rows]
            pace.judge((before + stop / len(series)) / (before + 1))

    linear, said = fit_streamed(blocks, held_features, targets[held])
    if not regression:
        return _calibrated(linear, said, truth.take(held))
    weights = linear.weights * scale.astype(np.float32)
    intercept = (linear.intercept * scale + mean).astype(np.float32)
    regressor = RidgeRegressor(Linear(weights, intercept), truth.limits)
    return regressor, regressor.limited(said * scale + mean)


def _linear_of_sample(
    transform: Transform,
    series: FlatSeries,
    truth: Truth,
    sample: Rows,
    held_features: Features,
    held_truth: Truth,
    groups: Rows | None,
) -> tuple[Any, Outputs]:
    """Fit to a sample of the series: the Gram matrix of so many features would not fit into memory."""
    rows = sample[:: max(len(sample) * held_features.shape[1] // (4 * BLOCK_NUMBERS), 1)]
    features, groups = _in_blocks(transform, series, rows), numbered(None if groups is None else groups[rows])
    if truth.numbers:
        head, _ = RidgeRegressor.fit(features, truth.values[rows], truth.limits, groups=groups)
        return head, head.outputs(held_features)
    classifier, _ = RidgeClassifier.fit(features, truth.labels[rows], truth.classes, groups)
    return _calibrated(classifier.linear, classifier.linear(held_features), held_truth)


def _calibrated(linear: Linear, said: Outputs, truth: Truth) -> tuple[Any, Outputs]:
    temperature = Temperature.fit(said, truth.labels)
    return RidgeClassifier(linear, temperature), temperature.probabilities(said)


def _trees(
    features: Features, truth: Truth, held_features: Features, held_truth: Truth, seed: int, tried: float
) -> tuple[Any, Outputs]:
    if truth.numbers:
        return TreesRegressor.fit_held(features, truth.values, seed, held_features, tried)
    return TreesClassifier.fit_held(features, truth.labels, truth.classes, seed, held_features, held_truth.labels)


def _boosted(
    features: Features, truth: Truth, held_features: Features, held_truth: Truth, seed: int
) -> tuple[Any, Outputs]:
    if truth.numbers:
        return BoostedRegressor.fit_held(features, truth.values, seed, held_features)
    return BoostedClassifier.fit_held(features, truth.labels, truth.classes, seed, held_features, held_truth.labels)


def _ranges(count: int, width: int) -> Iterator[tuple[int, int]]:
    rows = max(BLOCK_NUMBERS // max(width, 1), 1)
    for start in range(0, count, rows):
        yield start, min(start + rows, count)


def _in_blocks(transform: Transform, series: FlatSeries, rows: Rows) -> Features:
    """(R, F) features of some series."""
    width = transform(taken(series, rows[:1])).shape[1]
    found = np.empty((len(rows), width), dtype=np.float32)
    for start, stop in _ranges(len(rows), width):
        found[start:stop] = transform(taken(series, rows[start:stop]))
    return found

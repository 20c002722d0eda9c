"""Whether models learn numbers, their square roots or their logarithms: what predicts held-out numbers best."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import series as of_series
from unspool.candidates import texts as of_texts
from unspool.candidates.examples import Examples
from unspool.candidates.gains import clearly_gains
from unspool.candidates.held_out import held_out_parts
from unspool.candidates.series.choice import held_out_in
from unspool.candidates.texts.held_out import cross_validate
from unspool.candidates.texts.linear import NB_WORDS
from unspool.candidates.texts.trees import COLUMN_TREES
from unspool.candidates.transformation import KINDS, Floats, Transformation

FEWEST = 30
"""With fewer examples, the errors say too little about which is better."""
MOST = 10_000
"""The most series that the errors are measured on, drawn if there are more; texts are limited as for any comparison."""
SURE, CLEARLY = 1.0, 2.0
"""How many standard errors of the mean difference squared and absolute errors must fall by. If a few very large numbers
make up most of the squared error, it can hardly fall clearly, however much better all other predictions are."""
WORTHWHILE = 0.01
"""The share by which the root mean squared, or the mean absolute, error must fall in the end."""
LARGEST = 1e100
"""Squared errors of larger numbers might overflow."""
_SEED = 0
"""Of folds and fits: the numbers decide, not the seed of a run."""

Rows = NDArray[np.int64]
HeldOut = Callable[[Floats], Floats]
"""From (N,) targets to the outputs for those held out, by fits without them; NaN for others."""


@dataclass(frozen=True, slots=True)
class Gain:
    """How much a transformation helps.

    Attributes:
        kind: of the transformation.
        error: of simple models that learned transformed numbers, in the unit of the numbers.
        before: the same for the numbers themselves.
        measure: of these errors: "root mean squared error" or "mean absolute error".
    """

    kind: str
    error: float
    before: float
    measure: str


def transformed(kind: Literal["text", "series", "forecast"], examples: Examples) -> tuple[Examples, Gain | None]:
    """Transform the targets of a regression if their square roots or logarithms are clearly easier to predict.

    Numbers that grow by factors, such as prices, depend on words and columns by factors, too, which a linear model can
    only add up once it learns logarithms; square roots lie in between. A ridge regression learns each, and its held-out
    outputs are compared in the unit of the numbers. A transformation must lower its squared and absolute errors by more
    than `SURE` and `CLEARLY` standard errors, compared also with always predicting the mean: otherwise, it may only
    overfit less. Of these transformations and none, the one with the least squared error is chosen, if it gains at
    least `WORTHWHILE`. Where trees have a lower error than the regression, theirs counts: trees hardly need a
    transformation. If candidates are compared by absolute errors, only these must fall, and only compared with models
    that learn the numbers themselves: such models predict means, which may be far worse than always predicting the
    median.

    Args:
        kind: of the examples.
        examples: to learn from.

    Returns:
        The examples, and what the transformation gains; the same examples and None for other tasks, and if no
        transformation is clearly better.

    Example:
        >>> words = [("small", 0.5), ("large", 1.5), ("cheap", 0.0), ("dear", 1.0), ("plain", 0.0), ("rare", 0.8)]
        >>> drawn = np.random.default_rng(0).integers(0, 6, (200, 4)).tolist()
        >>> texts = [" ".join(words[i][0] for i in row) for row in drawn]
        >>> prices = np.exp([sum(words[i][1] for i in row) for row in drawn])
        >>> _, gain = transformed("text", Examples(texts, prices, "regression"))
        >>> gain.kind, gain.error < 0.7 * gain.before
        ('logarithm', True)
    """
    numbers = np.asarray(examples.targets)
    if examples.task != "regression" or not _may_help(numbers):
        return examples, None
    numbers = numbers.astype(np.float64)
    linear, trees = _text_models(examples) if kind == "text" else _series_models(examples)
    absolute = examples.absolute_errors
    compared = partial(_Compared.of, numbers, absolute)
    none, *others = (compared(known, linear) for known in _transformations(numbers))
    mean = _Compared(None, np.abs(numbers - numbers.mean()), absolute)
    thans = (none,) if absolute else (none, mean)
    left = [one for one in others if all(_clearly_better(one, than, examples.groups) for than in thans)]
    if left and trees is not None:
        none, *left = (min(one, compared(one.transformation, trees), key=_error) for one in (none, *left))
    best = min(none, *left, key=_error) if left else none
    error, before = _error(best), _error(none)
    if best.transformation is None or error > (1 - WORTHWHILE) * before:
        return examples, None
    gain = Gain(
        best.transformation.kind, error, before, "mean absolute error" if absolute else "root mean squared error"
    )
    return replace(examples, targets=best.transformation.targets(numbers), transformation=best.transformation), gain


def _may_help(numbers: NDArray[Any]) -> bool:
    """Whether none is negative and the skewness is positive: a transformation would not help others."""
    if numbers.ndim != 1 or len(numbers) < FEWEST or not numbers.min() >= 0:
        return False
    largest = float(numbers.max())
    if not 0 < largest <= LARGEST:
        return False
    scaled = numbers.astype(np.float64) / largest  # so that cubes neither overflow nor vanish
    deviation = float(scaled.std())
    return deviation > 0 and float((((scaled - scaled.mean()) / deviation) ** 3).mean()) > 0


def _transformations(numbers: Floats) -> list[Transformation | None]:
    possible = [kind for kind in KINDS if kind != "logarithm" or numbers.min() > 0]
    return [None, *(Transformation.of(kind, numbers) for kind in possible)]


@dataclass(frozen=True, eq=False)
class _Compared:
    """The absolute errors (N,) of a model that learned transformed numbers, NaN for those not held out."""

    transformation: Transformation | None
    errors: Floats
    absolute: bool
    """Whether models are compared by these errors rather than by their squares."""

    @classmethod
    def of(
        cls, numbers: Floats, absolute: bool, transformation: Transformation | None, held_out: HeldOut
    ) -> "_Compared":
        if transformation is None:
            return cls(None, np.abs(held_out(numbers) - numbers), absolute)
        targets = transformation.targets(numbers)
        outputs = held_out(targets)
        found = transformation.fitted(outputs, targets, absolute_errors=absolute).numbers(outputs)
        return cls(transformation, np.abs(found - numbers), absolute)


def _error(one: _Compared) -> float:
    return float(np.nanmean(one.errors) if one.absolute else np.sqrt(np.nanmean(np.square(one.errors))))


def _clearly_better(one: _Compared, than: _Compared, groups: Rows | None) -> bool:
    if not clearly_gains(than.errors - one.errors, CLEARLY, groups):
        return False
    return one.absolute or clearly_gains(np.square(than.errors) - np.square(one.errors), SURE, groups)


def _text_models(examples: Examples) -> tuple[HeldOut, HeldOut | None]:
    """A ridge regression over words and the columns beside the texts, and trees over the columns if there are any."""
    corpus, numbers = of_texts.Corpus.of(examples.inputs), np.asarray(examples.targets)
    parts = of_texts.splits(numbers, "regression", groups=examples.groups, times=examples.times, seed=_SEED)
    rows = np.unique(np.concatenate([some for part in parts for some in part]))
    sampled = len(rows) < len(corpus)
    parts = [(np.searchsorted(rows, train), np.searchsorted(rows, held)) for train, held in parts]
    used = corpus.limited(rows).take(rows) if sampled else corpus
    groups = None if examples.groups is None else examples.groups[rows]
    times = None if examples.times is None else examples.times[rows]

    def held_out(candidate: of_texts.TextCandidate, targets: Floats) -> Floats:
        given = Examples(used, targets[rows], "regression", groups=groups, times=times)
        found = np.full(len(targets), np.nan)
        found[rows] = cross_validate(candidate, given, parts, seed=_SEED, of_many=sampled).scores[:, 0]
        return found

    trees = None if corpus.side() is None else partial(held_out, COLUMN_TREES)
    return partial(held_out, NB_WORDS), trees


def _series_models(examples: Examples) -> tuple[HeldOut, HeldOut | None]:
    """A ridge regression over summary statistics, and random trees."""
    numbers = np.asarray(examples.targets)
    rows = np.sort(np.random.default_rng(_SEED).permutation(len(numbers))[:MOST])
    series = [examples.inputs[row] for row in rows.tolist()]
    groups = None if examples.groups is None else examples.groups[rows]
    times = None if examples.times is None else examples.times[rows]
    parts = held_out_parts("series", numbers[rows], "regression", _SEED, groups=groups, times=times)

    def held_out(candidate: of_series.Candidate, targets: Floats) -> Floats:
        found = np.full(len(targets), np.nan)
        if parts:
            truth = of_series.Truth.of(targets[rows], "regression")
            found[rows] = held_out_in(parts, candidate, series, targets[rows], truth, _SEED, groups)[:, 0]
        else:
            model = candidate.fit(series, targets[rows], "regression", _SEED)
            assert model.held_out is not None
            found[rows] = model.held_out[:, 0]
        return found

    standardised = [of_series.Standardised(one) for one in (of_series.STATISTICS, of_series.FOREST)]
    linear, trees = (None if one.serves(series, "regression") else partial(held_out, one) for one in standardised)
    assert linear is not None
    return linear, trees

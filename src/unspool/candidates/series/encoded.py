"""Models of series that are encoders and a head: convolutions, quantiles, raw values, statistics, totals."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features import (
    Competition,
    Convolution,
    FittedCompetition,
    FittedConvolution,
    FittedQuantiles,
    Quantiles,
    flat_series,
)
from unspool.candidates.features.plain import (
    FittedRawValues,
    FittedStatistics,
    FittedTotals,
    RawValues,
    Statistics,
    Totals,
)
from unspool.candidates.heads import (
    BoostedClassifier,
    BoostedRegressor,
    LogisticClassifier,
    RidgeClassifier,
    RidgeRegressor,
    TreesClassifier,
    TreesRegressor,
)
from unspool.candidates.heads.boosted import MOST_CLASSES
from unspool.candidates.heads.boosting import most_rows
from unspool.candidates.model_files import prefixed, unprefixed
from unspool.candidates.pace import UNHURRIED, Pace
from unspool.candidates.series import many
from unspool.candidates.series.base import LOADERS, Arrays, Outputs, Rows, Series, Target, Task, Terms
from unspool.candidates.series.truth import Truth
from unspool.kernels import FlatSeries

MOST_NUMBERS = 2**28
"""Features of all training series together, 1 GiB; of more series fewer features are taken."""
MOST_FOR_RIDGE = 4000
"""Series, beyond which leaving one out costs more than logistic regression."""
MOST_FOR_LOGISTIC = 2**26
"""Features of all training series together where logistic regression reads them again and again."""
PRODUCTS = 10.0
"""How many times its cost a linear model over kernels takes compared with one over statistics, for many series."""
MANY_GROUPS = 32
"""Of competing kernels, where series are many."""
LEAST_TO_BOOST = 2000
"""With this many series or more, boosted trees are worth their time."""
WITHOUT_FOLDS = 0.6
"""The share of the cost of boosted trees, which counts four folds and all series, that all series alone take."""
USUAL_ROWS = most_rows(50, 10)
"""The most series that boosted trees are grown on, with 50 features and 10 labels."""
CHUNK_NUMBERS = 2**24
"""Features that are computed at once where a model is used."""
LARGEST = 1e30
"""Of larger numbers, sums may overflow in single precision."""
AT_ONCE = 4096
"""How many series are searched at once for the largest number."""


class Encoder(Protocol):
    """What fitted encoders have in common."""

    def transform(self, series: FlatSeries) -> NDArray[np.float32]:
        """Return (N, F)."""

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""


class Description(Protocol):
    """What descriptions of encoders have in common."""

    def fit(self, series: FlatSeries, seed: int) -> Encoder:
        """Learn from training series."""

    def fit_transform(self, series: FlatSeries, seed: int) -> tuple[Encoder, NDArray[np.float32]]:
        """The same, and what `transform` makes of them, for the price of computing it once."""


class Head(Protocol):
    """What fitted heads have in common."""

    def outputs(self, features: NDArray[np.float32]) -> Outputs:
        """Return (N, K)."""

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""


ENCODERS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (FittedConvolution, FittedCompetition, FittedQuantiles, FittedRawValues, FittedStatistics, FittedTotals)
}
HEADS: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        BoostedClassifier,
        BoostedRegressor,
        LogisticClassifier,
        RidgeClassifier,
        RidgeRegressor,
        TreesClassifier,
        TreesRegressor,
    )
}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A candidate: features, and a head on them.

    Attributes:
        name: by which it is asked for.
        cost: of fitting, beside the others'.
        encoders: whose features stand side by side.
        head: "linear" is ridge regression, logistic regression where series are many; "trees" are random trees,
            "boosted" gradient-boosted ones.
        tried_for_numbers: the share of the features that a node of trees tries if numbers are predicted.
        folds: whether trees that predict numbers, which need no calibration, are also grown without each of several
            folds to predict that fold.
    """

    name: str
    cost: float
    encoders: tuple[Description, ...]
    head: many.Kind = "linear"
    tried_for_numbers: float = 0.1
    folds: bool = True

    def serves(self, series: Series, task: Task, outputs: int = 1) -> str:
        """It does, except with boosted trees for few series, or if its features could overflow."""
        sums = any(isinstance(one, Convolution | Quantiles) for one in self.encoders)
        if sums and (largest := _largest(series)) > LARGEST:
            return f"sums of numbers as large as {largest:.3g} overflow; look for fill values in the series"
        if self.head != "boosted":
            return ""
        if task == "multilabel":
            return "it does not support multilabel tasks"
        if len(series) < LEAST_TO_BOOST:
            return f"it is tried only with {LEAST_TO_BOOST:,} series or more"
        if task != "regression" and outputs > MOST_CLASSES:
            return f"it is tried only with {MOST_CLASSES} labels or fewer, as each has its own trees"
        return ""

    def terms(self, count: int, task: Task) -> Terms:
        """Trees for many series are grown on a sample; kernels give so many features that their products take long."""
        growth = self._growth(count)
        return Terms(growth, "all series" if growth >= 1 else "a sample")

    def _growth(self, count: int) -> float:
        if count <= many.MANY:
            return 1.0
        if self.head == "boosted":
            return WITHOUT_FOLDS * min(USUAL_ROWS / count, 1.0)
        if self.head == "trees":
            return min((many.SAMPLE + many.HELD) / count, 1.0)
        return PRODUCTS if any(isinstance(one, Convolution | Competition) for one in self.encoders) else 1.0

    def leaving_out(self, parts: Sequence[tuple[Rows, Rows]], count: int) -> None:
        """Each part needs a fit to the rest."""

    def without_folds(self) -> "Encoded":
        """The same candidate, but trees that predict numbers are grown only once."""
        return replace(self, folds=False)

    def fit(
        self,
        series: Series,
        target: Target,
        task: Task,
        seed: int,
        pace: Pace = UNHURRIED,
        groups: Rows | None = None,
    ) -> "EncodedModel":
        """Fit on N series; see `Candidate`."""
        truth = Truth.of(target, task)
        flat = flat_series(list(series))
        descriptions = [self._sized(one, len(flat)) for one in self.encoders]
        if len(flat) <= many.MANY:
            encoders, found = zip(*(one.fit_transform(flat, seed) for one in descriptions), strict=True)
            return EncodedModel(encoders, *self._fit_head(beside(found), truth, seed, pace, groups))
        groups = many.separable(groups, truth, seed)
        known = many.taken(flat, many.drawn(len(flat), seed, groups=groups)[1])
        encoders = tuple(one.fit(known, seed) for one in descriptions)

        def transform(part: FlatSeries) -> NDArray[np.float32]:
            return beside([one.transform(part) for one in encoders])

        fitted = many.fit_head(transform, flat, truth, self.head, seed, self.tried_for_numbers, pace, groups)
        return EncodedModel(encoders, *fitted)

    def _sized(self, description: Description, count: int) -> Description:
        if isinstance(description, Competition) and count > many.MANY:
            return replace(description, groups=min(description.groups, MANY_GROUPS))
        if not isinstance(description, Convolution):
            return description
        of_each = description.pools * (1 + description.differences)
        numbers = MOST_NUMBERS if count <= MOST_FOR_RIDGE else MOST_FOR_LOGISTIC
        most = numbers // max(count * of_each, 1) if count <= many.MANY else many.MOST_FEATURES // of_each
        return replace(description, biases=max(84, min(description.biases, most)))

    def _fit_head(
        self, features: NDArray[np.float32], truth: Truth, seed: int, pace: Pace, groups: Rows | None
    ) -> tuple[Head, Outputs | None]:
        if truth.numbers:
            if self.head == "boosted":
                if not self.folds:
                    return BoostedRegressor.grown(features, truth.values, seed, pace), None
                return BoostedRegressor.fit(features, truth.values, seed, pace, groups)
            if self.head == "trees":
                tried = self.tried_for_numbers
                if not self.folds:
                    return TreesRegressor.grown(features, truth.values, seed, tried=tried), None
                return TreesRegressor.fit(features, truth.values, seed, tried=tried, groups=groups)
            several = truth.task == "multilabel"
            return RidgeRegressor.fit(features, truth.values, truth.limits, sharpened=several, groups=groups)
        if self.head == "boosted":
            return BoostedClassifier.fit(features, truth.labels, truth.classes, seed, pace, groups)
        if self.head == "trees":
            return TreesClassifier.fit(features, truth.labels, truth.classes, seed, groups=groups)
        if len(features) > MOST_FOR_RIDGE and np.bincount(truth.labels, minlength=truth.classes).min() > 1:
            return LogisticClassifier.fit(features, truth.labels, truth.classes, seed, groups)
        return RidgeClassifier.fit(features, truth.labels, truth.classes, groups)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedModel:
    """What `Encoded.fit` returns."""

    encoders: tuple[Encoder, ...]
    head: Head
    held_out: Outputs | None = field(default=None, repr=False)

    def outputs(self, series: Series) -> Outputs:
        """Return (N, K) probabilities or numbers; so many series at once that memory does not grow with N."""
        flat = flat_series(list(series))
        width = sum(one.transform(flat.part(0, 1)).shape[1] for one in self.encoders) if len(flat) else 1
        rows = max(CHUNK_NUMBERS // width, 1)
        found = []
        for start in range(0, max(len(flat), 1), rows):
            part = flat.part(start, min(start + rows, len(flat)))
            found.append(self.head.outputs(beside([one.transform(part) for one in self.encoders])))
        return np.concatenate(found)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        description = {
            "kind": "encoded",
            "encoders": [type(one).__name__ for one in self.encoders],
            "head": type(self.head).__name__,
        }
        arrays = prefixed(self.head.arrays(), "head/")
        for index, encoder in enumerate(self.encoders):
            arrays |= prefixed(encoder.arrays(), f"encoder{index}/")
        return description, arrays

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays) -> "EncodedModel":
        """The model again."""
        if not description["encoders"]:
            raise ValueError("it has no features")
        encoders = [
            ENCODERS[kind].from_arrays(unprefixed(arrays, f"encoder{index}/"))
            for index, kind in enumerate(description["encoders"])
        ]
        return cls(tuple(encoders), HEADS[description["head"]].from_arrays(unprefixed(arrays, "head/")))


LOADERS["encoded"] = EncodedModel.from_state


def _largest(series: Series) -> float:
    """The largest absolute number of N series, but for NaN; many short series at once, as each would take as long."""
    largest = 0.0
    for start in range(0, len(series), AT_ONCE):
        together = np.concatenate([series[row] for row in range(start, min(start + AT_ONCE, len(series)))])
        largest = max(largest, float(np.fmax.reduce(np.abs(together), axis=None, initial=0)))
    return largest


def beside(features: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Features of several encoders, side by side; of one, the same array."""
    return features[0] if len(features) == 1 else np.concatenate(features, axis=1)


STATISTICS = Encoded("statistics", 1, (Statistics(), Totals()))
RAW_VALUES = Encoded("raw values", 1, (RawValues(),))
MINIROCKET = Encoded("convolution, small", 2, (Convolution(9996, 1, differences=False),))
CONVOLUTION = Encoded("convolution", 6, (Convolution(),))
COMPETITION = Encoded("competing kernels", 3, (Competition(),))
FOREST = Encoded("forest", 4, (RawValues(), Statistics(), Totals()), "trees", tried_for_numbers=1 / 3)
"""For numbers a third of the features, as in Breiman's forests: often the last value of one channel says most."""
BOOSTED = Encoded("boosted trees", 5, (RawValues(), Statistics(), Totals()), "boosted")
QUANTILE = Encoded("quantile", 20, (Quantiles(),), "trees")

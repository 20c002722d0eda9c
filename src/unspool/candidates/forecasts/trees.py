"""Gradient-boosted trees over lags: one model for all steps ahead and all series, each window scaled by itself.

Grown by scikit-learn to the absolute error, so that they forecast the median; kept and used without it.

Source: J. Friedman, "Greedy function approximation: a gradient boosting machine" (2001).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps
from unspool.candidates.forecasts.lags import Features, Floats, Lags, Windows, origins_of, too_few_windows
from unspool.candidates.forecasts.ridge import held_out_windows, mean_error
from unspool.candidates.forecasts.setup import MOST_ANSWER
from unspool.candidates.heads.boosting import base_of, fit_trees, forest_of, nodes_of
from unspool.candidates.heads.trees import Forest

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

KIND, MULTIPLES = "trees", "trees-multiples"
LEAST_WINDOWS = 500
"""Windows from which trees are worth their time: with fewer, they were chosen where they did worse (see LOG.md)."""
MOST_TREES = 200
MOST_ROWS = 60_000
"""Steps ahead that trees are grown on, of all windows."""

_RATE, _LEAVES, _IN_A_LEAF, _SHRUNK = 0.06, 16, 20, 1.0
_EVERY = 10
"""Trees between two numbers of them that are compared."""


@dataclass(frozen=True, slots=True, eq=False)
class BoostedTrees:
    """Trees whose sum is the answer.

    Attributes:
        lags: what is read.
        base: the answer before the first tree.
        forest: the trees.
        name: of the candidate.
    """

    lags: Lags
    base: float
    forest: Forest = field(repr=False)
    name: str = KIND

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H). They are read one by one: what stands beside an item changes no bit."""
        read = [self.lags.of_item(item) for item in items]
        features = [Features.of(Windows.of_items([item], lags), lags) for item, lags in zip(items, read, strict=True)]
        rows = np.concatenate([_rows(one) for one in features])
        said = self.said(rows).reshape(len(items), 1, self.lags.setup.horizon)
        return np.concatenate([one.forecasts(row, lags) for one, row, lags in zip(features, said, read, strict=True)])

    def said(self, rows: NDArray[np.float32]) -> Floats:
        """(N,) scaled answers to rows of `_rows`."""
        total = self.forest(rows)[:, 0] * len(self.forest.roots)
        return np.clip(self.base + total, -MOST_ANSWER, MOST_ANSWER)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        return {"kind": KIND, "name": self.name, "lags": self.lags.state(), "base": self.base}, self.forest.arrays()

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays, setup: Setup) -> "BoostedTrees":
        """Make it again.

        Raises:
            KeyError, TypeError, ValueError: the state was altered.
        """
        lags = Lags.from_state(description["lags"], setup)
        forest, base = Forest.from_arrays(arrays), float(description["base"])
        if forest.feature.max(initial=-1) >= lags.width + 1 or forest.values.shape != (len(forest.feature), 1):
            raise ValueError("the trees do not suit the lags")
        if not np.isfinite(base) or not np.isfinite(forest.values).all():
            raise ValueError("the trees say no finite numbers")
        return cls(lags, base, forest, str(description.get("name", KIND)))  # earlier models have no name


LOADERS[KIND] = BoostedTrees.from_state


@dataclass(frozen=True, slots=True)
class TreesCandidate:
    """Boosted trees as a candidate; their number is chosen on later windows.

    Attributes:
        multiples: whether they forecast multiples instead of differences from the last season: as logarithms or, if
            some values are 0, as multiples of the usual value.
        fits: how often they are grown again as the rolling origins of validation move on.
        most_trees: the largest number of trees to choose.
        least_windows: the fewest windows to learn from.
    """

    multiples: bool = False
    fits: int = 4
    most_trees: int = MOST_TREES
    least_windows: int = LEAST_WINDOWS

    @property
    def name(self) -> str:
        """The name by which it is asked for."""
        return MULTIPLES if self.multiples else KIND

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        """Why it cannot be fitted: too few windows or, for multiples, a negative value."""
        if self.multiples and any(one[:, 0].min() < 0 for one in histories):
            return "a series has a negative value"
        return too_few_windows("trees need", self.least_windows, histories, setup)

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> PointModel:
        """Fit it to N series (T_i, C)."""
        with threadpool_limits(1, "openmp"):  # threads that wait for each other on a busy machine took 30 times as long
            return self._fit(histories, setup, seed)

    def _fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> BoostedTrees:
        positive = all(one[:, 0].min() > 0 for one in histories)
        log, relative = self.multiples and positive, self.multiples and not positive
        lags = Lags.suited(setup, [len(one) for one in histories], log, relative=relative)
        found = [(one, *self._best_number(histories, one, seed)) for one in lags.options()]
        best, trees, _ = min(found, key=lambda one: one[2])
        return grown_trees(histories, best, trees, seed, self.name)

    def _best_number(self, histories: Sequence[Steps], lags: Lags, seed: int) -> tuple[int, float]:
        """How many trees do best on later windows, and their error on them."""
        early, late = held_out_windows(histories, lags)
        if early is None or late is None:
            return self.most_trees // 4, 0.0
        grown, features = _grown(early, lags, self.most_trees, seed), Features.of(late, lags)
        errors = {}
        for trees, said in enumerate(grown.staged_predict(_rows(features)), start=1):
            if trees % _EVERY == 0 or trees == self.most_trees:
                errors[trees] = mean_error(features.forecasts(said.reshape(features.base.shape), lags), late)
        best = min(errors, key=lambda one: errors[one])
        return best, errors[best]


def grown_trees(histories: Sequence[Steps], lags: Lags, trees: int, seed: int, name: str = KIND) -> BoostedTrees:
    """Grow this many trees on N series (T_i, C)."""
    origins = origins_of([len(one) for one in histories], lags.setup.horizon, lags)
    grown = _grown(Windows.gather(histories, origins, lags), lags, trees, seed)
    return BoostedTrees(lags, float(base_of(grown)[0]), forest_of(nodes_of(grown), 1), name)


def _rows(features: Features) -> NDArray[np.float32]:
    """(N H, F + G + 1) what is read for each step ahead of each window, and which step it is."""
    count, horizon = features.base.shape
    steps = np.broadcast_to(np.arange(horizon, dtype=np.float64)[None, :, None], (count, horizon, 1))
    shared = np.broadcast_to(features.shared[:, None], (count, horizon, features.shared.shape[1]))
    together = np.concatenate([shared, features.own, steps], axis=2)
    return together.reshape(count * horizon, -1).astype(np.float32)  # as the trees are kept


def _grown(windows: Windows, lags: Lags, trees: int, seed: int) -> "HistGradientBoostingRegressor":
    from sklearn.ensemble import HistGradientBoostingRegressor

    windows = windows.changing()
    every = -(-len(windows) * lags.setup.horizon // MOST_ROWS)
    windows = windows.take(np.arange(len(windows))[::-1][::every][::-1])
    features = Features.of(windows, lags)
    answers = np.clip(features.answers(windows, lags), -MOST_ANSWER, MOST_ANSWER)
    model = HistGradientBoostingRegressor(
        loss="absolute_error",
        learning_rate=_RATE,
        max_iter=trees,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=_IN_A_LEAF,
        l2_regularization=_SHRUNK,
        early_stopping=False,
        random_state=seed,
    )
    return fit_trees(model, _rows(features), answers.ravel())

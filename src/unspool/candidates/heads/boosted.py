"""Heads of gradient-boosted trees: held-out predictions, and calibrated probabilities."""

from dataclasses import dataclass

import numpy as np

from unspool.candidates.folds import folds, folds_of_classes
from unspool.candidates.heads.boosting import BoostedTrees, Labels, grow_classifier, grow_regressor, most_rows, some
from unspool.candidates.heads.calibration import Temperature, Values
from unspool.candidates.heads.linear import Arrays, Features
from unspool.candidates.heads.trees import FOLDS
from unspool.candidates.pace import UNHURRIED, Pace

MOST_CLASSES = 30
"""Each class has its own trees, whose nodes hold a number for every class."""

_FITS = FOLDS  # the work of four fits to three quarters of the rows each, and one to all rows


@dataclass(frozen=True, slots=True, eq=False)
class BoostedClassifier:
    """Boosted trees whose scores are calibrated to probabilities."""

    trees: BoostedTrees
    temperature: Temperature

    @classmethod
    def fit(
        cls,
        features: Features,
        labels: Labels,
        classes: int,
        seed: int,
        pace: Pace = UNHURRIED,
        groups: Labels | None = None,
    ) -> tuple["BoostedClassifier", Values]:
        """Grow trees on (N, F) features and (N,) labels from 0 to `classes` - 1.

        Args:
            features: (N, F).
            labels: (N,).
            classes: K.
            seed: of the trees and of the folds.
            pace: judges the fit after each fold.
            groups: (N,) examples of one group are held out together; None for each by itself.

        Returns:
            The classifier, and (N, K) probabilities from trees grown without the example's fold, NaN where there are
            none.

        Example:
            >>> x = np.random.RandomState(0).normal(size=(400, 5)).astype(np.float32)
            >>> y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
            >>> classifier, held_out = BoostedClassifier.fit(x, y, 2, seed=0)
            >>> bool((classifier.outputs(x).argmax(axis=1) == y).all())
            True
        """
        scores, most = np.full((len(labels), classes), np.nan), most_rows(features.shape[1], classes, fits=_FITS)
        parts = folds_of_classes(labels, FOLDS, groups, seed)
        for number, (rest, held) in enumerate(parts, start=1):
            rows = some(rest, most, seed)
            scores[held] = grow_classifier(features[rows], labels[rows], classes, seed)(features[held])
            pace.judge(number / (len(parts) + 1))
        temperature = Temperature.fit(scores, labels)
        rows = some(np.arange(len(labels)), most, seed)
        trees = grow_classifier(features[rows], labels[rows], classes, seed)
        return cls(trees, temperature), temperature.probabilities(scores)

    @classmethod
    def fit_held(
        cls, features: Features, labels: Labels, classes: int, seed: int, held: Features, held_labels: Labels
    ) -> tuple["BoostedClassifier", Values]:
        """Grow trees without folds, and calibrate them on (M, F) held-out examples.

        Returns:
            The classifier, and its probabilities (M, K) of the held-out examples.
        """
        trees = grow_classifier(features, labels, classes, seed)
        scores = trees(held)
        temperature = Temperature.fit(scores, held_labels)
        return cls(trees, temperature), temperature.probabilities(scores)

    def outputs(self, features: Features) -> Values:
        """Return (N, K) probabilities."""
        return self.temperature.probabilities(self.trees(features))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return {**self.trees.arrays(), "factor": np.array(self.temperature.factor)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "BoostedClassifier":
        """Make a classifier from its `arrays`."""
        return cls(BoostedTrees.from_arrays(arrays), Temperature(float(arrays["factor"])))


@dataclass(frozen=True, slots=True, eq=False)
class BoostedRegressor:
    """Boosted trees that predict numbers, with separate trees for each output."""

    trees: BoostedTrees

    @classmethod
    def fit(
        cls,
        features: Features,
        targets: Values,
        seed: int,
        pace: Pace = UNHURRIED,
        groups: Labels | None = None,
    ) -> tuple["BoostedRegressor", Values]:
        """Grow trees on (N, F) features and (N, K) numbers; also returns (N, K) held-out predictions."""
        held_out, most = np.zeros_like(targets), most_rows(features.shape[1], targets.shape[1], fits=_FITS)
        parts = folds(targets, min(FOLDS, len(targets)), one_class=False, groups=groups, seed=seed)
        for number, (rest, held) in enumerate(parts, start=1):
            rows = some(rest, most, seed)
            held_out[held] = grow_regressor(features[rows], targets[rows], seed)(features[held])
            pace.judge(number / (len(parts) + 1))
        return cls.grown(features, targets, seed), held_out

    @classmethod
    def grown(cls, features: Features, targets: Values, seed: int, pace: Pace = UNHURRIED) -> "BoostedRegressor":
        """Grow the regressor that `fit` returns, without growing any on folds."""
        most = most_rows(features.shape[1], targets.shape[1], fits=_FITS)
        rows = some(np.arange(len(targets)), most, seed)
        found = cls(grow_regressor(features[rows], targets[rows], seed))
        pace.judge(1.0)
        return found

    @classmethod
    def fit_held(
        cls, features: Features, targets: Values, seed: int, held: Features
    ) -> tuple["BoostedRegressor", Values]:
        """Grow trees without folds, and predict (M, F) held-out examples."""
        trees = grow_regressor(features, targets, seed)
        return cls(trees), trees(held)

    def outputs(self, features: Features) -> Values:
        """Return (N, K) numbers."""
        return self.trees(features)

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return self.trees.arrays()

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "BoostedRegressor":
        """Make a regressor from its `arrays`."""
        return cls(BoostedTrees.from_arrays(arrays))

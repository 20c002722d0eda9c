"""Extremely randomised trees as arrays, by native code, or with the same bits by scikit-learn and NumPy.

Geurts, Ernst & Wehenkel, "Extremely randomized trees", 2006.
"""

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.folds import folds, folds_of_classes
from unspool.candidates.heads.calibration import Temperature, Values
from unspool.candidates.heads.linear import Arrays, Features
from unspool.kernels.random_trees import Trees, grow, sums

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

FOLDS, FOLD_TREES = 4, 0.5
"""Of classifiers: a fold grows this share of all trees. With fewer, noisy votes make the forest underconfident."""
NUMBER_FOLDS, NUMBER_FOLD_TREES = 8, 0.2
"""The same for regressors, whose folds only estimate the error: more training rows help more than more trees."""
MOST_TRIED, MOST_TRIED_OF_NUMBERS = 200, 128
"""The most features that a node tries, in classifiers and regressors: with more, trees take longer and gain little."""
SMOOTHING = 0.03
"""The share of a leaf's vote that is divided equally among all classes, as few trees may agree by chance."""
FINEST = 1024
"""The fewest steps in the median distance of targets from their median, see `rounded`."""
FARTHEST = 1e150
"""The largest distance of a target from the median, in median distances, so that squares are finite."""
_TINY = 2.0**-10
"""Features whose numbers are all smaller are enlarged; others need no copy."""
LARGEST = float(np.finfo(np.float32).max)
"""The largest number that a tree can predict."""


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """The mean of trees, with the nodes of all trees concatenated.

    Attributes:
        roots: (trees,) int32, the index of each root.
        feature: (M,) int32, the feature that a node splits on; -1 for a leaf.
        threshold: (M,) float64; values up to it go left.
        left: (M,) int32, the index of the left child.
        right: (M,) int32, the index of the right child.
        values: (M, K) float32, the prediction of each node.
    """

    roots: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    values: NDArray[np.float32]

    @classmethod
    def of(cls, grown: Trees, classes: NDArray[np.int64] | None, width: int) -> "Forest":
        """Make a forest of grown trees; `classes` are the columns, of `width`, that their classes belong to."""
        together, columns = grown.values, np.arange(width)
        if classes is not None:
            together, columns = together / together.sum(axis=1, keepdims=True), classes
        values = np.zeros((len(together), width), np.float32)
        values[:, columns] = together
        if classes is not None:
            values = (1 - SMOOTHING) * values + np.float32(SMOOTHING / width)
        return cls(grown.roots, grown.feature, grown.threshold, grown.left, grown.right, values)

    def __call__(self, features: Features) -> Values:
        """Return (N, K), the mean of the trees' predictions for (N, F) features."""
        return self.sums(features) / len(self.roots)

    def sums(self, features: Features) -> Values:
        """Return (N, K), the sum of the trees' predictions for (N, F) features."""
        if features.shape[1] <= int(self.feature.max(initial=0)):
            raise ValueError(f"the trees look at more than {features.shape[1]} features")
        total = sums(self, features) if features.dtype == np.float32 else None
        return self._sums(features) if total is None else total

    def _sums(self, features: Features) -> Values:
        total = np.zeros((len(features), self.values.shape[1]))
        rows = np.arange(len(features))
        for root in self.roots:
            node = np.full(len(features), root)
            inside = rows[self.feature[node] >= 0]
            while len(inside):
                at = node[inside]
                goes_left = features[inside, self.feature[at]] <= self.threshold[at]
                node[inside] = np.where(goes_left, self.left[at], self.right[at])
                inside = inside[self.feature[node[inside]] >= 0]
            total += self.values[node]
        return total

    def arrays(self) -> Arrays:
        """All that `from_arrays` needs."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Forest":
        """Make a forest from its `arrays`.

        Raises:
            ValueError: the arrays are not trees, as when a child is outside of them or before its parent.
        """
        roots, feature, left, right = (arrays[name].astype(np.int32) for name in ("roots", "feature", "left", "right"))
        inside = feature >= 0
        places = np.arange(len(feature))
        for child in (left, right):
            if (
                len(child) != len(feature)
                or np.any((child <= places)[inside])
                or np.any((child >= len(feature))[inside])
            ):
                raise ValueError("a tree's nodes do not lead from its root to its leaves")
        if len(roots) == 0 or np.any(roots < 0) or np.any(roots >= len(feature)):
            raise ValueError("a tree has no root")
        threshold, values = arrays["threshold"].astype(np.float64), arrays["values"].astype(np.float32)
        if threshold.shape != feature.shape or values.ndim != 2 or len(values) != len(feature):
            raise ValueError("a tree's nodes have no thresholds or values")
        return cls(roots, feature, threshold, left, right, values)


@dataclass(frozen=True, slots=True, eq=False)
class TreesClassifier:
    """Extremely randomised trees whose votes are calibrated to probabilities."""

    forest: Forest
    temperature: Temperature

    @classmethod
    def fit(
        cls,
        features: Features,
        labels: NDArray[np.int64],
        classes: int,
        seed: int,
        trees: int = 200,
        tried: float = 0.1,
        groups: NDArray[np.int64] | None = None,
    ) -> tuple["TreesClassifier", Values]:
        """Grow trees on (N, F) features and (N,) labels from 0 to `classes` - 1.

        Args:
            features: (N, F).
            labels: (N,).
            classes: K.
            seed: of the trees and of the folds.
            trees: how many.
            tried: the share of the features that a node tries, `MOST_TRIED` at most.
            groups: (N,) examples of one group are held out together; None for each by itself.

        Returns:
            The classifier, and (N, K) probabilities by trees grown without the example's fold, NaN where there are
            none.

        Example:
            >>> x = np.random.RandomState(0).normal(size=(60, 5)).astype(np.float32)
            >>> y = (x[:, 0] > 0).astype(np.int64)
            >>> classifier, held_out = TreesClassifier.fit(x, y, 2, seed=0, trees=20, tried=0.9)
            >>> bool((classifier.outputs(x).argmax(axis=1) == y).all())
            True
        """
        votes, few = np.full((len(labels), classes), np.nan), max(int(FOLD_TREES * trees), 1)
        for rest, held in folds_of_classes(labels, FOLDS, groups, seed):
            votes[held] = _grow_classifier(features[rest], labels[rest], classes, seed, few, tried)(features[held])
        temperature = Temperature.fit(_scores(votes), labels)
        forest = _grow_classifier(features, labels, classes, seed, trees, tried)
        return cls(forest, temperature), temperature.probabilities(_scores(votes))

    @classmethod
    def fit_held(
        cls,
        features: Features,
        labels: NDArray[np.int64],
        classes: int,
        seed: int,
        held: Features,
        held_labels: NDArray[np.int64],
    ) -> tuple["TreesClassifier", Values]:
        """Grow trees without folds, and calibrate them on (M, F) held-out examples.

        Returns:
            The classifier, and its probabilities (M, K) of the held-out examples.
        """
        forest = _grow_classifier(features, labels, classes, seed, 200, 0.1)
        scores = _scores(forest(held))
        temperature = Temperature.fit(scores, held_labels)
        return cls(forest, temperature), temperature.probabilities(scores)

    def outputs(self, features: Features) -> Values:
        """Return (N, K) probabilities."""
        return self.temperature.probabilities(_scores(self.forest(features)))

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return {**self.forest.arrays(), "factor": np.array(self.temperature.factor)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "TreesClassifier":
        """Make a classifier from its `arrays`."""
        return cls(Forest.from_arrays(arrays), Temperature(float(arrays["factor"])))


@dataclass(frozen=True, slots=True, eq=False)
class TreesRegressor:
    """The mean of extremely randomised trees."""

    forest: Forest

    @classmethod
    def fit(
        cls,
        features: Features,
        targets: Values,
        seed: int,
        trees: int = 200,
        tried: float = 0.1,
        groups: NDArray[np.int64] | None = None,
    ) -> tuple["TreesRegressor", Values]:
        """Grow trees on (N, F) features and (N, K) numbers; also returns (N, K) held-out predictions.

        Args:
            features: (N, F).
            targets: (N, K).
            seed: of the trees and of the folds.
            trees: how many.
            tried: the share of the features that a node tries, `MOST_TRIED_OF_NUMBERS` at most.
            groups: (N,) examples of one group are held out together; None for each by itself.
        """
        held_out, few = np.zeros_like(targets), max(int(NUMBER_FOLD_TREES * trees), 1)
        count = min(NUMBER_FOLDS, len(targets))
        for rest, held in folds(targets, count, one_class=False, groups=groups, seed=seed):
            held_out[held] = _grow_regressor(features[rest], targets[rest], seed, few, tried)(features[held])
        return cls.grown(features, targets, seed, trees, tried), held_out

    @classmethod
    def grown(
        cls, features: Features, targets: Values, seed: int, trees: int = 200, tried: float = 0.1
    ) -> "TreesRegressor":
        """Grow the regressor that `fit` returns, without growing any on folds."""
        return cls(_grow_regressor(features, targets, seed, trees, tried))

    @classmethod
    def fit_held(
        cls, features: Features, targets: Values, seed: int, held: Features, tried: float = 0.1
    ) -> tuple["TreesRegressor", Values]:
        """Grow trees without folds, and predict (M, F) held-out examples."""
        regressor = cls.grown(features, targets, seed, tried=tried)
        return regressor, regressor.outputs(held)

    def outputs(self, features: Features) -> Values:
        """Return (N, K) numbers."""
        return self.forest(features)

    def arrays(self) -> Arrays:
        """What `from_arrays` needs."""
        return self.forest.arrays()

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "TreesRegressor":
        """Make a regressor from its `arrays`."""
        return cls(Forest.from_arrays(arrays))


def _scores(votes: Values) -> Values:
    return np.log(np.maximum(votes, 1e-3))


def _grow_classifier(
    features: Features, labels: NDArray[np.int64], classes: int, seed: int, trees: int, tried: float
) -> Forest:
    present, numbers = np.unique(labels, return_inverse=True)
    each = min(max(int(tried * features.shape[1]), 1), MOST_TRIED)
    features, powers = _enlarged(features)
    grown = grow(features, numbers.astype(np.int32), len(present), tried=each, trees=trees, seed=seed)
    if grown is None:
        from sklearn.ensemble import ExtraTreesClassifier

        forest = ExtraTreesClassifier(trees, criterion="entropy", max_features=each, random_state=seed)
        with warnings.catch_warnings():
            # Classes of one or two examples are meant: scikit-learn takes them for numbers by mistake.
            warnings.filterwarnings("ignore", message="The number of unique classes is greater than 50%")
            grown = end_to_end(forest.fit(features, labels))
    return Forest.of(_for_original(grown, powers), present, classes)


def _grow_regressor(features: Features, targets: Values, seed: int, trees: int, tried: float) -> Forest:
    each, outputs = min(max(int(tried * features.shape[1]), 1), MOST_TRIED_OF_NUMBERS), targets.shape[1]
    said = np.clip(targets, -LARGEST, LARGEST)
    numbers = rounded(said)
    features, powers = _enlarged(features)
    grown = grow(features, numbers, outputs, tried=each, trees=trees, seed=seed, said=said)
    if grown is None:
        from sklearn.ensemble import ExtraTreesRegressor

        forest = ExtraTreesRegressor(trees, max_features=each, random_state=seed)
        forest.fit(features, numbers if outputs > 1 else numbers[:, 0])
        grown = end_to_end(forest)._replace(values=means(forest, features, said))
    return Forest.of(_for_original(grown, powers), None, outputs)


def _enlarged(features: Features) -> tuple[Features, NDArray[np.int32]]:
    """Scale each feature of tiny numbers by a power of two, so that the largest is 1 or more; return the powers too.

    Trees take a feature for constant if its values differ by 1e-7 or less, whatever its unit.
    """
    largest = np.maximum(features.max(axis=0), -features.min(axis=0))
    powers = np.where((largest > 0) & (largest < _TINY), 1 - np.frexp(largest)[1], 0)
    return (np.ldexp(features, powers) if powers.any() else features), powers


def _for_original(grown: Trees, powers: NDArray[np.int32]) -> Trees:
    """Rescale the thresholds of trees grown on `_enlarged` features to the original features."""
    return grown._replace(threshold=np.ldexp(grown.threshold, -powers[grown.feature]))


def rounded(targets: Values) -> NDArray[np.int32]:
    """Round (N, K) targets, `LARGEST` at most, to whole numbers (N, K) of steps from their median.

    Steps are the smallest that keep sums of the numbers and of their squares exact, so that splits do not depend on the
    order of rows. The squares of all K have about the same sum, so that targets in different units count alike.

    A few targets may be so far from the rest that such steps are too large for the rest: fewer than `FINEST` are the
    median distance of the targets that differ from the median. Then distances beyond a bound, found by halving, grow
    like their logarithms only: far targets are closer, but still apart.

    Example:
        >>> rounded(np.array([[0.5], [1.5], [-1.0], [0.5], [3e38]])).ravel().tolist()
        [0, 1058, -1587, 0, 94906263]
    """
    radius = math.sqrt(2**53 / targets.shape[1]) - math.sqrt(len(targets)) / 2 - 1  # rounding adds half a step to each
    numbers = np.zeros(targets.shape, np.int32)
    for output, column in enumerate(targets.T):
        distances = column - np.median(column)
        apart = distances[distances != 0]
        if len(apart) == 0:
            continue
        with np.errstate(over="ignore"):
            distances = np.clip(distances / np.median(np.abs(apart)), -FARTHEST, FARTHEST)
        near, straight = distances, radius / FINEST
        while _norm(near) > radius / FINEST:
            near = _bent(distances, straight)
            straight /= 2
        numbers[:, output] = np.rint(near * (radius / _norm(near)))
    return numbers


def _norm(numbers: Values) -> float:
    return math.sqrt(math.fsum(numbers * numbers))  # the same in any order


def _bent(distances: Values, straight: float) -> Values:
    times = np.maximum(np.abs(distances) / straight, 1.0)
    near: Values = np.clip(distances, -straight, straight) * (1 + np.log(times))
    return near


def means(forest: "ExtraTreesRegressor", features: Features, numbers: Values) -> Values:
    """The means of (N, K) numbers over the rows (N, F) at each of the M nodes of scikit-learn's trees, (M, K)."""
    each: list[Values] = [
        tree.decision_path(features).T @ numbers / tree.tree_.n_node_samples[:, np.newaxis]
        for tree in forest.estimators_
    ]
    return np.concatenate(each)


def end_to_end(forest: "ExtraTreesClassifier | ExtraTreesRegressor") -> Trees:
    """The trees of a scikit-learn forest, concatenated."""
    trees = [estimator.tree_ for estimator in forest.estimators_]
    roots = np.cumsum([0] + [tree.node_count for tree in trees])

    def children(side: str) -> NDArray[np.int32]:
        moved = [getattr(tree, side) + root for tree, root in zip(trees, roots, strict=False)]
        return np.concatenate(moved).astype(np.int32)

    return Trees(
        roots[:-1].astype(np.int32),
        np.concatenate([np.where(tree.children_left < 0, -1, tree.feature) for tree in trees]).astype(np.int32),
        np.concatenate([tree.threshold for tree in trees]),
        children("children_left"),
        children("children_right"),
        np.concatenate([tree.value.reshape(tree.node_count, -1) for tree in trees]),
    )

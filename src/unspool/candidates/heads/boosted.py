"""Gradient-boosted trees on features, grown by scikit-learn over histograms, saved and used without it.

Source: J. Friedman, "Greedy function approximation: a gradient boosting machine" (2001); G. Ke et al., "LightGBM: a
highly efficient gradient boosting decision tree" (2017).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from unspool import cores
from unspool.candidates.heads.calibration import Temperature, Values
from unspool.candidates.heads.linear import Arrays, Features
from unspool.candidates.heads.trees import FOLDS, LARGEST, Forest, stratified
from unspool.candidates.pace import UNHURRIED, Pace

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

ROUNDS = 50
"""Trees for each output."""
MOST_CLASSES = 30
"""Each class has its own trees, whose nodes hold a number for every class."""
MOST_NUMBERS = 2**26
"""Features of all rows together: about 900 MiB with scikit-learn's copies."""
MOST_WORK = 1e10
"""Rows times features times trees, of all fits together: about 100 seconds of processor time."""
WORTH_THREADS = 2**22
"""All cores are used for this many rows times features or more; with fewer, threads wait longer than they work."""

_RATE, _LEAVES, _SHRUNK = 0.2, 63, 1.0
_FITS = FOLDS  # the work of four fits to three quarters of the rows each, and one to all rows

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BoostedTrees:
    """Trees whose sum is the answer.

    Attributes:
        base: (K,) float64, the answer before the first tree.
        forest: the trees, each for one of K outputs.
    """

    base: Values
    forest: Forest = field(repr=False)

    def __call__(self, features: Features) -> Values:
        """Return (N, K) for (N, F) features."""
        return self.base + self.forest.sums(features)

    def arrays(self) -> Arrays:
        """All that `from_arrays` needs."""
        return {**self.forest.arrays(), "base": self.base}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "BoostedTrees":
        """The same trees again.

        Raises:
            ValueError: the arrays are no such trees.
        """
        forest, base = Forest.from_arrays(arrays), arrays["base"].astype(np.float64)
        if base.shape != forest.values.shape[1:]:
            raise ValueError("the trees and their base have different numbers of outputs")
        if not np.isfinite(base).all() or not np.isfinite(forest.values).all():
            raise ValueError("the trees hold numbers that are not finite")
        return cls(base, forest)


@dataclass(frozen=True, slots=True, eq=False)
class BoostedClassifier:
    """Boosted trees whose scores are calibrated to probabilities."""

    trees: BoostedTrees
    temperature: Temperature

    @classmethod
    def fit(
        cls, features: Features, labels: Labels, classes: int, seed: int, pace: Pace = UNHURRIED
    ) -> tuple["BoostedClassifier", Values]:
        """Grow trees on (N, F) features and (N,) labels from 0 to `classes` - 1.

        Args:
            features: (N, F).
            labels: (N,).
            classes: K.
            seed: of the trees and of the folds.
            pace: judges the fit after each fold.

        Returns:
            The classifier, and (N, K) probabilities from trees grown without the example's fold.

        Example:
            >>> x = np.random.RandomState(0).normal(size=(400, 5)).astype(np.float32)
            >>> y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
            >>> classifier, held_out = BoostedClassifier.fit(x, y, 2, seed=0)
            >>> bool((classifier.outputs(x).argmax(axis=1) == y).all())
            True
        """
        scores, most = np.zeros((len(labels), classes)), most_rows(features.shape[1], classes, fits=_FITS)
        folds = stratified(labels, seed)
        for number, (rest, held) in enumerate(folds, start=1):
            rows = _some(rest, most, seed)
            scores[held] = _grow_classifier(features[rows], labels[rows], classes, seed)(features[held])
            pace.judge(number / (len(folds) + 1))
        temperature = Temperature.fit(scores, labels)
        rows = _some(np.arange(len(labels)), most, seed)
        trees = _grow_classifier(features[rows], labels[rows], classes, seed)
        return cls(trees, temperature), temperature.probabilities(scores)

    @classmethod
    def fit_held(
        cls, features: Features, labels: Labels, classes: int, seed: int, held: Features, held_labels: Labels
    ) -> tuple["BoostedClassifier", Values]:
        """Grow trees without folds, and calibrate them on (M, F) held-out examples.

        Returns:
            The classifier, and its probabilities (M, K) of the held-out examples.
        """
        trees = _grow_classifier(features, labels, classes, seed)
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
        cls, features: Features, targets: Values, seed: int, pace: Pace = UNHURRIED
    ) -> tuple["BoostedRegressor", Values]:
        """Grow trees on (N, F) features and (N, K) numbers; also returns (N, K) held-out predictions."""
        from sklearn.model_selection import KFold

        held_out, most = np.zeros_like(targets), most_rows(features.shape[1], targets.shape[1], fits=_FITS)
        folds = KFold(min(FOLDS, len(targets)), shuffle=True, random_state=seed)
        for number, (rest, held) in enumerate(folds.split(features), start=1):
            rows = _some(rest, most, seed)
            held_out[held] = _grow_regressor(features[rows], targets[rows], seed)(features[held])
            pace.judge(number / (folds.n_splits + 1))
        rows = _some(np.arange(len(targets)), most, seed)
        return cls(_grow_regressor(features[rows], targets[rows], seed)), held_out

    @classmethod
    def fit_held(
        cls, features: Features, targets: Values, seed: int, held: Features
    ) -> tuple["BoostedRegressor", Values]:
        """Grow trees without folds, and predict (M, F) held-out examples."""
        trees = _grow_regressor(features, targets, seed)
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


def most_rows(width: int, outputs: int, *, fits: int = 1) -> int:
    """How many rows of `width` features trees for K `outputs` can be grown on, within time and memory.

    Example:
        >>> most_rows(50, 10), most_rows(50, 1), most_rows(50, 10, fits=4)
        (400000, 1342177, 100000)
    """
    return max(min(MOST_NUMBERS // width, int(MOST_WORK / (width * outputs * ROUNDS * fits))), 100)


def forest_of(trees: Iterable[tuple[NDArray[Any], int]], width: int, scale: Values | None = None) -> Forest:
    """Concatenate trees that scikit-learn grew over histograms.

    Args:
        trees: for each tree, its nodes and the output to which its numbers belong.
        width: how many outputs there are, K.
        scale: (K,) what the numbers are multiplied by.
    """
    each, columns = zip(*trees, strict=True)
    sizes = [len(one) for one in each]
    roots, nodes = np.cumsum([0, *sizes])[:-1], np.concatenate(each)
    leaf, moved, column = nodes["is_leaf"].astype(bool), np.repeat(roots, sizes), np.repeat(columns, sizes)
    numbers = np.where(leaf, nodes["value"], 0.0)
    if scale is not None:
        numbers = np.clip(numbers * scale[column], -LARGEST, LARGEST)
    values = np.zeros((len(nodes), width), np.float32)
    values[np.arange(len(nodes)), column] = numbers

    def children(side: str) -> NDArray[np.int32]:
        return np.where(leaf, -1, nodes[side].astype(np.int64) + moved).astype(np.int32)

    return Forest(
        roots.astype(np.int32),
        np.where(leaf, -1, nodes["feature_idx"]).astype(np.int32),
        nodes["num_threshold"].astype(np.float64),
        children("left"),
        children("right"),
        values,
    )


def nodes_of(grown: "HistGradientBoostingClassifier | HistGradientBoostingRegressor") -> list[tuple[NDArray[Any], int]]:
    """The nodes of each tree, and its place in its round; scikit-learn has no public name for them."""
    return [(one.nodes, place) for round_ in grown._predictors for place, one in enumerate(round_)]


def base_of(grown: "HistGradientBoostingClassifier | HistGradientBoostingRegressor") -> Values:
    """(k,), the prediction before the first tree."""
    base: Values = np.asarray(grown._baseline_prediction, np.float64)[0]
    return base


def _some(rows: Labels, most: int, seed: int) -> Labels:
    """All of the rows, or `most` of them, in rising order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])


def _grow_classifier(features: Features, labels: Labels, classes: int, seed: int) -> BoostedTrees:
    present, counts = np.unique(labels, return_counts=True)
    if len(present) == 1:
        return BoostedTrees(_unseen(present, counts, 0.0, classes), _nothing(classes))
    from sklearn.ensemble import HistGradientBoostingClassifier

    grown = _grown(HistGradientBoostingClassifier(**_how(seed)), features, labels)
    said, own = base_of(grown), present
    if len(present) == 2:  # with two classes, trees compare the second with the first
        said, own = np.array([0.0, said[0]]), present[1:]
    base = _unseen(present, counts, said, classes)
    return BoostedTrees(base, forest_of(((nodes, own[place]) for nodes, place in nodes_of(grown)), classes))


def _unseen(present: Labels, counts: Labels, said: Values | float, classes: int) -> Values:
    """(K,), the scores `said` of the classes that are `present`; the others' as if each had half an example."""
    logarithms = np.log(counts)
    base: Values = np.full(classes, np.mean(said - logarithms) + np.log(0.5))
    base[present] = said
    return base


def _nothing(width: int) -> Forest:
    """One leaf that adds nothing."""
    none = np.full(1, -1, np.int32)
    return Forest(np.zeros(1, np.int32), none, np.zeros(1), none, none, np.zeros((1, width), np.float32))


def _grow_regressor(features: Features, targets: Values, seed: int) -> BoostedTrees:
    from sklearn.ensemble import HistGradientBoostingRegressor

    outputs, known = targets.shape[1], np.clip(targets, -LARGEST, LARGEST)
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    base, trees = np.zeros(outputs), []
    for output, column in enumerate(((known - mean) / scale).T):  # gradients are float32
        grown = _grown(HistGradientBoostingRegressor(**_how(seed)), features, column)
        base[output] = base_of(grown)[0]
        trees += [(nodes, output) for nodes, _ in nodes_of(grown)]
    return BoostedTrees(mean + scale * base, forest_of(trees, outputs, scale))


def _how(seed: int) -> dict[str, Any]:
    return {
        "learning_rate": _RATE,
        "max_iter": ROUNDS,
        "max_leaf_nodes": _LEAVES,
        "l2_regularization": _SHRUNK,
        "early_stopping": False,
        "random_state": seed,
    }


def _grown(model: Any, features: Features, targets: NDArray[Any]) -> Any:
    """Fit with all cores if that is worth it; their number changes no bit, as each feature has its own histogram.

    On a busy machine, one core is used: threads that wait for each other at each node took many times as long there.
    """
    worth = features.size >= WORTH_THREADS and not cores.busy()
    with threadpool_limits(cores.usable() if worth else 1, "openmp"):
        return model.fit(features, targets)

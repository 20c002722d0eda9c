"""Gradient-boosted trees on features, grown by scikit-learn over histograms, saved and used without it.

Source: J. Friedman, "Greedy function approximation: a gradient boosting machine" (2001); G. Ke et al., "LightGBM: a
highly efficient gradient boosting decision tree" (2017).
"""

import threading
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from unspool import cores
from unspool.candidates.heads.calibration import Values
from unspool.candidates.heads.linear import Arrays, Features
from unspool.candidates.heads.trees import LARGEST, Forest

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

ROUNDS = 50
"""Trees for each output."""
WORK = 1e9
"""Rows times features read times trees, in one fit that may read more than `FEWEST` features: about 10 seconds of
processor time."""
FEWEST = 128
"""Features that are read however many rows there are, if there are as many; a few small trees choose them (LOG.md)."""
MOST_NUMBERS = 2**26
"""Features of all rows together: about 900 MiB with scikit-learn's copies."""
MOST_WORK = 1e10
"""Rows times features read times trees, in all fits together: about 100 seconds of processor time."""
WORTH_THREADS = 2**22
"""All cores are used for this many rows times features or more; with fewer, threads wait longer than they work."""

_RATE, _LEAVES, _BINS, _SHRUNK = 0.2, 63, 63, 1.0
_FIRST_ROWS, _FIRST_TREES, _FIRST_ROUNDS = 1000, 50, 5  # what the few small trees are grown on, and how many at least
_FIRST = {"learning_rate": 0.3, "max_leaf_nodes": 15, "max_bins": 31}
_FITTING = threading.Lock()
"""Held while scikit-learn fits trees and changes the warning filters of the process."""

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

    def averaged(self) -> Forest:
        """Trees whose mean is the answer."""
        values = len(self.forest.roots) * self.forest.values.astype(np.float64) + self.base
        return replace(self.forest, values=np.clip(values, -LARGEST, LARGEST).astype(np.float32))

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


def most_rows(width: int, outputs: int, *, fits: int = 1) -> int:
    """How many rows of `width` features trees for K `outputs` can be grown on, within time and memory.

    Example:
        >>> most_rows(50, 10), most_rows(50, 1), most_rows(50, 10, fits=4), most_rows(1000, 10, fits=4)
        (400000, 1342177, 100000, 39062)
    """
    read = min(width, FEWEST)
    return max(min(MOST_NUMBERS // width, int(MOST_WORK / (read * outputs * ROUNDS * fits))), 100)


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


def some(rows: Labels, most: int, seed: int) -> Labels:
    """All rows if there are at most `most`, else that many, drawn at random and in rising order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])


def grow_classifier(features: Features, labels: Labels, classes: int, seed: int, **how: Any) -> BoostedTrees:
    """Grow trees on (N, F) features that give scores of K `classes`, from (N,) labels from 0 on.

    Args:
        features: (N, F).
        labels: (N,).
        classes: K.
        seed: of everything random.
        how: settings of scikit-learn's trees that replace the usual ones.
    """
    present, first, counts = np.unique(labels, return_index=True, return_counts=True)
    if len(present) == 1:
        return BoostedTrees(_unseen(present, counts, 0.0, classes), _nothing(classes))
    from sklearn.ensemble import HistGradientBoostingClassifier

    said, nodes = _grown(HistGradientBoostingClassifier(**_how(seed) | how), features, labels, first)
    own = present
    if len(present) == 2:  # with two classes, trees compare the second with the first
        said, own = np.array([0.0, said[0]]), present[1:]
    base = _unseen(present, counts, said, classes)
    return BoostedTrees(base, forest_of(((tree, own[place]) for tree, place in nodes), classes))


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


def grow_answers(features: Features, wanted: Values, seed: int, **how: Any) -> BoostedTrees:
    """Like `grow_classifier`, for K yes-or-no questions: answers (N, K) are 0 or 1, and scores are log-odds of 1."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    count, outputs = wanted.shape
    base, trees = np.zeros(outputs), []
    for output, column in enumerate(wanted.astype(np.int64).T):
        present, first = np.unique(column, return_index=True)
        if len(present) == 1:
            base[output] = np.log((column.sum() + 0.5) / (count - column.sum() + 0.5))
            continue
        said, nodes = _grown(HistGradientBoostingClassifier(**_how(seed) | how), features, column, first)
        base[output] = said[0]
        trees += [(tree, output) for tree, _ in nodes]
    return BoostedTrees(base, forest_of(trees, outputs) if trees else _nothing(outputs))


def grow_regressor(features: Features, targets: Values, seed: int, **how: Any) -> BoostedTrees:
    """Like `grow_classifier`, for K numbers: targets are (N, K)."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    outputs, known = targets.shape[1], np.clip(targets, -LARGEST, LARGEST)
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1.0)
    base, trees = np.zeros(outputs), []
    for output, column in enumerate(((known - mean) / scale).T):  # gradients are float32
        said, nodes = _grown(HistGradientBoostingRegressor(**_how(seed) | how), features, column)
        base[output] = said[0]
        trees += [(tree, output) for tree, _ in nodes]
    return BoostedTrees(mean + scale * base, forest_of(trees, outputs, scale))


def _how(seed: int) -> dict[str, Any]:
    return {
        "learning_rate": _RATE,
        "max_iter": ROUNDS,
        "max_leaf_nodes": _LEAVES,
        "max_bins": _BINS,
        "l2_regularization": _SHRUNK,
        "early_stopping": False,
        "random_state": seed,
    }


def _grown(
    model: Any, features: Features, targets: NDArray[Any], always: Sequence[int] | Labels = ()
) -> tuple[Values, list[tuple[NDArray[Any], int]]]:
    """Grow trees on the most useful features.

    Args:
        model: of scikit-learn.
        features: (N, F).
        targets: (N,).
        always: rows that the choice of features reads in any case.

    Returns:
        The prediction before the first tree, and the nodes of each tree with its place in its round.
    """
    read = _telling(model, features, targets, always)
    grown = _fitted(model, features[:, read], targets)
    nodes = nodes_of(grown)
    for tree, _ in nodes:
        tree["feature_idx"] = read[tree["feature_idx"]]
    return base_of(grown), nodes


def _telling(model: Any, features: Features, targets: NDArray[Any], always: Sequence[int] | Labels) -> Labels:
    """The features, rising, that a few small trees on some rows find most useful; all if that is not too much work."""
    (count, width), outputs = features.shape, max(len(always), 1)
    most = max(int(WORK / (count * outputs * model.max_iter)), FEWEST)
    if width <= most:
        return np.arange(width)
    from sklearn.base import clone

    rows = np.union1d(some(np.arange(len(targets)), _FIRST_ROWS, model.random_state), np.asarray(always, np.int64))
    rounds = max(_FIRST_TREES // outputs, _FIRST_ROUNDS)
    small = clone(model).set_params(**_FIRST, max_iter=rounds)
    gains = np.zeros(width)
    for tree, _ in nodes_of(_fitted(small, features[rows], targets[rows])):
        inside = tree[tree["is_leaf"] == 0]
        np.add.at(gains, inside["feature_idx"], inside["gain"])
    return np.sort(np.argsort(-gains, kind="stable")[:most])


def _fitted(model: Any, features: Features, targets: NDArray[Any]) -> Any:
    """Fit with all cores if that is worth it; their number changes no bit, as each feature has its own histogram.

    On a busy machine, one core is used: threads that wait for each other at each node took many times as long there.
    """
    worth = features.size >= WORTH_THREADS and not cores.busy()
    with threadpool_limits(cores.usable() if worth else 1, "openmp"):
        return fit_trees(model, features, targets)


def fit_trees(model: Any, features: Features, targets: NDArray[Any]) -> Any:
    """Fit trees of scikit-learn, one model at a time, without warnings; the process's filters stay as they were.

    Each of scikit-learn's threads replaces the process's filters, so another may find none and warn, although nothing
    is wrong. All warnings are therefore dropped during the fit: `action="ignore"` drops them while the filters are in
    place, and `record=True` catches those that find no filter.
    """
    with _FITTING, warnings.catch_warnings(record=True, action="ignore"):
        return model.fit(features, targets)

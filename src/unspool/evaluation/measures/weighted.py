"""Measures as functions of how often each example counts: what makes thousands of resamples cheap.

Each function here prepares a measure once and returns a function from counts (rows, N) to figures (rows,). A row that
leaves the measure undefined gets NaN.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from unspool.evaluation.resampling import Counts

Figure = Callable[[Counts], NDArray[np.float64]]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.integer | np.bool_]

_ROUNDING = 1e-12
_LEAST_PROBABILITY = np.finfo(np.float64).eps  # as scikit-learn's log loss has it


def mean(figures: Floats) -> Figure:
    """The mean of figures, (N,).

    Example:
        >>> mean(np.array([0.0, 1.0]))(np.array([[1.0, 3.0]])).tolist()
        [0.75]
    """
    return lambda counts: np.asarray(np.einsum("rn,n->r", counts, figures) / counts.sum(axis=1))


def ratio(above: Floats, below: Floats) -> Figure:
    """The sum of figures, (N,), divided by that of others: each example may hold several of what is counted.

    Example:
        >>> ratio(np.array([1.0, 0.0]), np.array([2.0, 4.0]))(np.array([[3.0, 1.0]])).tolist()
        [0.3]
    """
    columns = np.stack([above, below])
    return lambda counts: _ratio(*np.einsum("rn,fn->fr", counts, columns))


def root_mean(squares: Floats) -> Figure:
    """The root of the mean of squares, (N,)."""
    of_squares = mean(squares)
    return lambda counts: np.sqrt(of_squares(counts))


@dataclass(frozen=True)
class MeanOfClasses:
    """The mean over classes, or labels, of a figure of each between 0 and 1.

    A class without an example in a row takes its figure on all examples: if it were left out, a row's mean would rise
    to 100% where a model never finds a rare class. So the figure of a class with a single example is the same in all
    rows; `sizes` serves to estimate what they hide, see `intervals.hidden`.

    Attributes:
        classes: gives (rows, K), NaN for a class without an example in a row.
        sides: (N, K) each: whether an example is of a class, and, where that matters, whether it is not.
    """

    classes: Callable[[Counts], Floats]
    sides: Sequence[Flags]

    def __call__(self, counts: Counts) -> Floats:
        """(rows,) of counts (rows, N)."""
        return _mean_of_defined(self.by_class(counts))

    def by_class(self, counts: Counts) -> Floats:
        """(rows, K)."""
        found = self.classes(counts)
        return np.where(np.isnan(found), self.of_all, found)

    @cached_property
    def of_all(self) -> Floats:
        """(1, K) on all examples."""
        return self.classes(np.ones((1, len(self.sides[0]))))

    def sizes(self, units: NDArray[np.int64]) -> NDArray[np.int64]:
        """(K,) how many examples, or groups numbered by `units` (N,), each class has; of two sides, the smaller."""
        return np.asarray(np.min([_units_of(side, units) for side in self.sides], axis=0))


def _units_of(flags: Flags, units: NDArray[np.int64]) -> NDArray[np.int64]:
    rows, columns = np.nonzero(flags)
    pairs = np.unique(units[rows] * flags.shape[1] + columns)
    return np.asarray(np.bincount(pairs % flags.shape[1], minlength=flags.shape[1]))


def macro_recall(truth: Flags, answers: Flags) -> MeanOfClasses:
    """The mean of the classes' recalls.

    Args:
        truth: (N, K) whether an example is of a class.
        answers: (N, K) whether it is predicted to be.
    """
    tallies = _tallies(truth & answers, truth)

    def recalls(counts: Counts) -> Floats:
        correct, actual = tallies(counts)
        return _ratio(correct, actual)

    return MeanOfClasses(recalls, [truth])


def macro_f1(correct: Numbers, actual: Numbers, predicted: Numbers) -> MeanOfClasses:
    """The mean of the F1 of the classes that examples have.

    Args:
        correct: (N, K) how often each is present and predicted in an example.
        actual: (N, K) how often it is present.
        predicted: (N, K) how often it is predicted.
    """
    tallies = _tallies(correct, actual, predicted)

    def scores(counts: Counts) -> Floats:
        correct, actual, predicted = tallies(counts)
        return np.where(actual > 0, _ratio(2 * correct, actual + predicted), np.nan)

    return MeanOfClasses(scores, [actual > 0])


def micro_f1(truth: Flags, answers: Flags) -> Figure:
    """The F1 of all decisions together; arguments as for `macro_recall`."""
    correct, either = (truth & answers).sum(axis=1), truth.sum(axis=1) + answers.sum(axis=1)
    return ratio((2 * correct).astype(np.float64), either.astype(np.float64))


def auc(positive: Flags, scores: Floats) -> Figure:
    """The area under the ROC curve of scores, (N,): the share of pairs in the right order, a tie counting half.

    See `mean_auc` for how.

    Example:
        >>> auc(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.35, 0.8]))(np.ones((1, 4))).tolist()
        [0.75]
    """
    by_class = mean_auc(positive[:, np.newaxis], scores[:, np.newaxis]).classes
    return lambda counts: by_class(counts)[:, 0]


def mean_auc(truth: Flags, scores: Floats) -> MeanOfClasses:
    """The area under the ROC curve of each class against the rest, averaged over the classes.

    Scores are sorted once. From then on an example of the larger side (of the class, or of the rest) is known only by
    which two scores of the smaller side it lies between, or which it equals. So each resample needs the counts summed
    within these bins, for all classes by one sparse product, and running sums over the bins of the smaller side alone.
    Counts are whole numbers, whose sums are exact: the AUC is that of the resampled examples, not an approximation.

    With two classes, both AUCs compare the same pairs of examples, so their mean is the AUC of either: treated as two
    independent figures, they would give too narrow an interval.

    Args:
        truth: (N, K) whether an example is of a class.
        scores: (N, K) of each class.

    Example:
        >>> truth = np.array([[True, False], [True, False], [False, True]])
        >>> mean_auc(truth, np.array([[0.9, 0.1], [0.4, 0.6], [0.5, 0.5]]))(np.ones((1, 3))).tolist()
        [0.5]
    """
    ranked = [_Ranked(one, of_one) for one, of_one in zip(truth.T, scores.T, strict=True)]
    bins = sparse.vstack([one.bins for one in ranked], format="csr")
    ends = np.cumsum([one.bins.shape[0] for one in ranked])[:-1]

    def areas(counts: Counts) -> Floats:
        sums = np.split(bins @ np.ascontiguousarray(counts.T), ends)
        found = np.stack([one.auc(of_one) for one, of_one in zip(ranked, sums, strict=True)], axis=1)
        return found.mean(axis=1, keepdims=True) if len(ranked) == 2 else found

    sides = truth[:, :1] if len(ranked) == 2 else truth
    return MeanOfClasses(areas, [sides, ~sides])


class _Ranked:
    """Which bin each example falls into, where the M different scores of the smaller side part the larger one.

    `bins` is (2M + 1 + M, N): below the lowest score, equal to it, between it and the next, ...; then, of the smaller
    side itself, equal to each score.
    """

    def __init__(self, positive: Flags, scores: Floats) -> None:
        self._few_are_positive = 2 * int(positive.sum()) <= len(positive)
        is_few = positive if self._few_are_positive else ~positive
        few, many = np.flatnonzero(is_few), np.flatnonzero(~is_few)
        different, place = np.unique(scores[few], return_inverse=True)
        between = sum(np.searchsorted(different, scores[many], side=side) for side in ("left", "right"))
        self._many = 2 * len(different) + 1
        rows, columns = np.concatenate([between, self._many + place]), np.concatenate([many, few])
        shape = (self._many + len(different), len(scores))
        self.bins = sparse.csr_array((np.ones(len(scores)), (rows, columns)), shape=shape)

    def auc(self, sums: Floats) -> Floats:
        """(rows,) from the counts in each bin, (bins, rows)."""
        running, few = np.cumsum(sums[: self._many], axis=0), sums[self._many :]
        ordered = np.einsum("mr,mr->r", few, running[:-1:2] + running[1::2]) / 2
        pairs = few.sum(axis=0) * running[-1]
        return _ratio(ordered if self._few_are_positive else pairs - ordered, pairs)


def mean_average_precision(truth: Flags, scores: Floats) -> MeanOfClasses:
    """The average precision of each label, averaged; arguments as for `mean_auc`."""
    figures = [average_precision(one, of_one) for one, of_one in zip(truth.T, scores.T, strict=True)]
    return MeanOfClasses(lambda counts: np.stack([figure(counts) for figure in figures], axis=1), [truth])


def average_precision(positive: Flags, scores: Floats) -> Figure:
    """Precision at each score, (N,), weighted by what of the recall it adds; equal scores are one step."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    flags = positive[order]

    def figure(counts: Counts) -> Floats:
        ordered = counts[:, order]
        retrieved = np.cumsum(ordered, axis=1)[:, ends]
        correct = np.cumsum(ordered * flags, axis=1)[:, ends]
        gained = np.diff(correct, axis=1, prepend=0.0)
        precision = np.nan_to_num(_ratio(correct, retrieved))  # before the first drawn example nothing is gained either
        return _ratio((gained * precision).sum(axis=1), correct[:, -1])

    return figure


def log_losses(targets: NDArray[np.int64], outputs: Floats) -> Floats:
    """(N,) minus the logarithm of the probability of each example's class; `outputs` (N, C)."""
    shares = outputs[np.arange(len(targets)), targets] / outputs.sum(axis=1)
    losses: Floats = -np.log(np.clip(shares, _LEAST_PROBABILITY, 1.0))
    return losses


def r2(targets: Floats, outputs: Floats) -> Figure:
    """The coefficient of determination."""
    centred = targets - targets.mean()  # sums of squares lose their digits far from zero
    columns = np.stack([(targets - outputs) ** 2, centred**2, centred])

    def figure(counts: Counts) -> Floats:
        errors, squares, sums = np.einsum("rn,fn->fr", counts, columns)
        spread = squares - sums**2 / counts.sum(axis=1)
        return 1 - _ratio(errors, np.where(spread > _ROUNDING * squares, spread, np.nan))  # equal numbers have none

    return figure


def spearman(targets: Floats, outputs: Floats) -> Figure:
    """The correlation of ranks; equal numbers share the mean of their ranks."""
    ranks = _ranks(targets), _ranks(outputs)

    def figure(counts: Counts) -> Floats:
        total = counts.sum(axis=1, keepdims=True)
        one, other = (rank(counts) - (total + 1) / 2 for rank in ranks)  # the mean rank is known
        products = (np.einsum("rn,rn,rn->r", counts, *pair) for pair in ((one, other), (one, one), (other, other)))
        covariance, first, second = products
        return _ratio(covariance, np.sqrt(first * second))

    return figure


def _ranks(values: Floats) -> Callable[[Counts], Floats]:
    """The rank of each of N values among those drawn."""
    different, place = np.unique(values, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(different)))

    def ranks(counts: Counts) -> Floats:
        here = np.add.reduceat(counts[:, order], starts, axis=1)
        return (np.cumsum(here, axis=1) - here / 2 + 0.5)[:, place]

    return ranks


def _tallies(*flags: Numbers) -> Callable[[Counts], list[Floats]]:
    """Counts of several kinds of example, (rows, K) each. Most are zero, so that they are kept sparse."""
    columns = sparse.csr_array(np.concatenate(flags, axis=1).astype(np.float64))
    return lambda counts: np.split(np.asarray(counts @ columns), len(flags), axis=1)


def _ratio(above: Floats, below: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0 is NaN, and means: undefined on this resample
        return np.asarray(above / below)


def _mean_of_defined(figures: Floats) -> Floats:
    """(rows, K) to (rows,)."""
    return _ratio(np.nansum(figures, axis=1), (~np.isnan(figures)).sum(axis=1).astype(np.float64))

"""The ROC curve, the threshold read off it, and the reliability curve."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import roc_curve

from unspool.evaluation.checks import checked_labels, checked_probabilities

_BINS = 10  # of a reliability curve
_ROUNDING = 1e-12  # rates that differ by less are equal: they are quotients of counts, rounded


@dataclass(frozen=True, slots=True)
class RocCurve:
    """The points of a ROC curve, from (0, 0) to (1, 1).

    Attributes:
        false_positive_rates: (P,) share of the examples of label 0 that are read as 1, rising.
        true_positive_rates: (P,) share of the examples of label 1 that are read as 1, rising.
    """

    false_positive_rates: NDArray[np.float64]
    true_positive_rates: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """Whether a predicted probability means what it says, in bins of equal width; empty bins are left out.

    Attributes:
        predicted: (B,) mean predicted probability in the bin.
        observed: (B,) share of label 1 among its examples.
        low: (B,) lower end of the 95% interval of `observed` (Wilson 1927, examples taken as independent).
        high: (B,) its upper end.
        examples: (B,) how many fell into it.
    """

    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    examples: NDArray[np.int64]


def youden_threshold(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Finds the threshold that maximises TPR - FPR, where "at or above" is read as label 1.

    A maximum is reached anywhere between two neighbouring predicted probabilities; the threshold is half way, so that
    new examples have room on both sides. Of several maxima the highest is taken: the one that reads the fewest
    examples as 1. Where every example is best read as 1, the threshold is the lowest predicted probability. It is
    always finite, and as precise as the probabilities: single precision gives a threshold of single precision.

    Args:
        labels: (N,) 0 or 1, both present.
        probabilities: (N,) in [0, 1].

    Raises:
        UserError: as for `checks.checked_labels`.

    Source: W. J. Youden, "Index for rating diagnostic tests", Cancer 3 (1950), 32-35.

    Example:
        >>> youden_threshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.8])
        0.4
    """
    truth = checked_labels(labels)
    predicted = checked_probabilities(probabilities, len(truth))
    false_positive_rates, true_positive_rates, thresholds = roc_curve(truth, predicted, drop_intermediate=False)
    # The first point is (0, 0), at an infinite threshold; the last is (1, 1), so no maximum is lost by leaving it out.
    difference = (true_positive_rates - false_positive_rates)[1:]
    best = 1 + int(np.argmax(difference >= difference.max() - _ROUNDING))
    above = thresholds[best]
    if best == len(thresholds) - 1:
        return float(above)
    below = thresholds[best + 1]
    precision = np.result_type(np.asarray(probabilities), np.float32)
    middle = float(((above + below) / 2).astype(precision))
    return middle if middle > below else float(above)


def accuracy_threshold(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Finds the threshold with the most right answers, where "at or above" is read as label 1.

    As for `youden_threshold`, it lies half way between two neighbouring predicted probabilities. Of several maxima, of
    which few examples have many, the one nearest to one half is taken.

    Args:
        labels: (N,) 0 or 1, both present.
        probabilities: (N,) in [0, 1].

    Raises:
        UserError: as for `checks.checked_labels`.

    Example:
        >>> accuracy_threshold([0, 0, 0, 1, 1], [0.1, 0.2, 0.55, 0.6, 0.8])
        0.575
    """
    truth = checked_labels(labels)
    predicted = checked_probabilities(probabilities, len(truth))
    different = np.unique(predicted)
    cuts = np.concatenate([[different[0]], (different[1:] + different[:-1]) / 2, [np.nextafter(different[-1], 2)]])
    negatives, positives = np.sort(predicted[truth == 0]), np.sort(predicted[truth == 1])
    right = (
        np.searchsorted(negatives, cuts, side="left") + len(positives) - np.searchsorted(positives, cuts, side="left")
    )
    best = cuts[right == right.max()]
    return float(best[np.argmin(np.abs(best - 0.5))])


def f1_threshold(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Finds the one threshold for several labels that maximises micro F1, where "at or above" is a yes.

    As for `youden_threshold`, it lies half way between two neighbouring predicted probabilities, and of several maxima
    the highest is taken. One half where no example has a label.

    Args:
        labels: (N, L) 0 or 1.
        probabilities: (N, L) in [0, 1].

    Source: Z. C. Lipton, C. Elkan and B. Naryanaswamy, "Optimal thresholding of classifiers to maximize F1 measure",
    ECML PKDD 2014.

    Example:
        >>> f1_threshold([[1, 0], [1, 1]], [[0.8, 0.1], [0.6, 0.4]])
        0.25
    """
    truth, predicted = np.asarray(labels).ravel(), np.asarray(probabilities, dtype=np.float64).ravel()
    if not truth.any():
        return 0.5
    order = np.argsort(-predicted, kind="stable")
    falling, right = predicted[order], np.cumsum(truth[order])
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    f1 = 2 * right[ends] / (ends + 1 + truth.sum())
    best = int(np.argmax(f1 >= f1.max() - _ROUNDING))
    above = falling[ends[best]]
    return float((above + falling[ends[best + 1]]) / 2) if best + 1 < len(ends) else float(above)


def roc_points(labels: ArrayLike, probabilities: ArrayLike) -> RocCurve:
    """Gives the corners of the ROC curve.

    Args:
        labels: (N,) 0 or 1, both present.
        probabilities: (N,) in [0, 1].

    Raises:
        UserError: as for `checks.checked_labels`.

    Example:
        >>> roc_points([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).true_positive_rates.tolist()
        [0.0, 0.5, 0.5, 1.0, 1.0]
    """
    truth = checked_labels(labels)
    false_positive_rates, true_positive_rates, _ = roc_curve(truth, checked_probabilities(probabilities, len(truth)))
    return RocCurve(false_positive_rates, true_positive_rates)


def reliability_points(labels: ArrayLike, probabilities: ArrayLike) -> ReliabilityCurve:
    """Compares predicted probabilities, in ten bins of equal width, with what happened.

    Args:
        labels: (N,) 0 or 1, both present.
        probabilities: (N,) in [0, 1].

    Raises:
        UserError: as for `checks.checked_labels`.

    Example:
        >>> curve = reliability_points([0, 0, 1, 1], [0.1, 0.1, 0.1, 0.8])
        >>> curve.predicted.round(2).tolist(), curve.observed.round(2).tolist(), curve.examples.tolist()
        ([0.1, 0.8], [0.33, 1.0], [3, 1])
    """
    truth = checked_labels(labels)
    predicted = checked_probabilities(probabilities, len(truth))
    observed, means = calibration_curve(truth, predicted, n_bins=_BINS)
    # scikit-learn does not say how many examples each point stands for; these are its own edges and sides.
    bin_of_example = np.searchsorted(np.linspace(0, 1, _BINS + 1)[1:-1], predicted)
    examples = np.bincount(bin_of_example, minlength=_BINS)
    examples = examples[examples > 0]
    ends = [
        binomtest(int(ones), int(total)).proportion_ci(method="wilson")
        for ones, total in zip(np.rint(observed * examples), examples, strict=True)
    ]
    return ReliabilityCurve(
        predicted=means,
        observed=observed,
        low=np.array([end.low for end in ends]),
        high=np.array([end.high for end in ends]),
        examples=examples,
    )

"""The ROC curve, the threshold read off it, and the reliability curve."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit

from unspool.evaluation.checks import checked_labels, checked_probabilities
from unspool.lazy_module import LazyModule

calibration = LazyModule("sklearn.calibration")
metrics = LazyModule("sklearn.metrics")
stats = LazyModule("scipy.stats")

_BINS = 10  # of a reliability curve
_LEAST_PROBABILITY = 1e-6  # that is not taken for certain
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
    """Find the threshold that maximises TPR - FPR, where "at or above" is read as label 1.

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
    false_positive_rates, true_positive_rates, thresholds = metrics.roc_curve(truth, predicted, drop_intermediate=False)
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
    """Find the threshold from which on label 1 is the likelier one, where "at or above" is read as label 1.

    It is where a logistic regression of the labels over the log-odds of the probabilities says one half. The threshold
    with the most right answers on these very examples follows their noise, and costs several times as many right
    answers on others. Where label 1 does not become likelier with its probability, all examples are read as the more
    frequent label.

    Args:
        labels: (N,) 0 or 1, both present.
        probabilities: (N,) in [0, 1].

    Raises:
        UserError: as for `checks.checked_labels`.

    Source: J. Platt, "Probabilistic outputs for support vector machines and comparisons to regularized likelihood
    methods", Advances in Large Margin Classifiers (1999), with its targets for few examples.

    Example:
        >>> round(accuracy_threshold([0, 0, 1, 0, 1, 1], [0.5, 0.6, 0.65, 0.75, 0.8, 0.9]), 2)
        0.72
    """
    from sklearn.linear_model import LogisticRegression

    truth = checked_labels(labels)
    predicted = checked_probabilities(probabilities, len(truth))
    log_odds = logit(np.clip(predicted, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY).astype(np.float64))
    middle, spread = float(log_odds.mean()), float(log_odds.std())
    ones = int(np.sum(truth == 1))
    likely = np.where(truth == 1, (ones + 1) / (ones + 2), 1 / (len(truth) - ones + 2))
    if spread > _ROUNDING:
        # Each example once with label 1 and once with 0, as likely as each is.
        twice = np.tile((log_odds - middle) / spread, 2)[:, np.newaxis]
        regression = LogisticRegression(C=1e6, tol=1e-8, max_iter=1000)
        regression.fit(twice, np.repeat([1, 0], len(truth)), sample_weight=np.concatenate([likely, 1 - likely]))
        slope, offset = float(regression.coef_[0, 0]), float(regression.intercept_[0])
        if slope > 0:
            return float(expit(middle - spread * offset / slope))
    return 0.0 if 2 * ones > len(truth) else float(np.nextafter(1, 2))


def f1_threshold(labels: ArrayLike, probabilities: ArrayLike) -> float:
    """Find the one threshold for several labels that maximises micro F1, where "at or above" is a yes.

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
    above = float(falling[ends[best]])
    if best + 1 == len(ends):
        return above
    below = float(falling[ends[best + 1]])
    middle = (above + below) / 2
    return middle if middle > below else above


def roc_points(labels: ArrayLike, probabilities: ArrayLike) -> RocCurve:
    """Return the corners of the ROC curve.

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
    false_positive_rates, true_positive_rates, _ = metrics.roc_curve(
        truth, checked_probabilities(probabilities, len(truth))
    )
    return RocCurve(false_positive_rates, true_positive_rates)


def reliability_points(labels: ArrayLike, probabilities: ArrayLike) -> ReliabilityCurve:
    """Compare predicted probabilities, in ten bins of equal width, with what happened.

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
    observed, means = calibration.calibration_curve(truth, predicted, n_bins=_BINS)
    # scikit-learn does not say how many examples each point stands for; these are its own edges and sides.
    bin_of_example = np.searchsorted(np.linspace(0, 1, _BINS + 1)[1:-1], predicted)
    examples = np.bincount(bin_of_example, minlength=_BINS)
    examples = examples[examples > 0]
    ends = [
        stats.binomtest(int(ones), int(total)).proportion_ci(method="wilson")
        for ones, total in zip(np.rint(observed * examples), examples, strict=True)
    ]
    return ReliabilityCurve(
        predicted=means,
        observed=observed,
        low=np.array([end.low for end in ends]),
        high=np.array([end.high for end in ends]),
        examples=examples,
    )

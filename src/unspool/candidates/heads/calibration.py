"""Scores to probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.lazy_module import LazyModule

optimize = LazyModule("scipy.optimize")

Values = NDArray[np.float64]

SHARPEST = 1e3
"""The largest factor: with it, a score that is one better is as good as certain."""


def softmax(scores: Values) -> Values:
    """Probabilities (N, K) of scores (N, K), which may be large.

    Example:
        >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist()
        [[0.5, 0.5], [1.0, 0.0]]
    """
    shifted: Values = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Values = shifted / shifted.sum(axis=1, keepdims=True)
    return found


def log_loss(probabilities: Values, targets: Values) -> float:
    """Mean cross-entropy in nats of (N, K) probabilities against (N, K) target probabilities."""
    return float(-(targets * np.log(np.maximum(probabilities, 1e-15))).sum(axis=1).mean())


def smoothed(labels: NDArray[np.int64], classes: int) -> Values:
    """Targets (N, K) that are not quite certain, as Platt (1999) has them: the fewer examples of a class, the less.

    An example of a class with n examples counts as (n + 1) / (n + 2) of it, the rest equally of the others.

    Example:
        >>> smoothed(np.array([0, 0, 1]), 3).round(3).tolist()
        [[0.75, 0.125, 0.125], [0.75, 0.125, 0.125], [0.167, 0.667, 0.167]]
    """
    counts = np.bincount(labels, minlength=classes)[labels]
    rest = 1 / (counts + 2)
    targets = np.repeat(rest[:, None] / max(classes - 1, 1), classes, axis=1)
    targets[np.arange(len(labels)), labels] = (counts + 1) * rest
    return targets


def sigmoid(scores: Values) -> Values:
    """The sigmoid of each score.

    Example:
        >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
        [0.5, 0.0, 1.0]
    """
    found: Values = 0.5 * (1 + np.tanh(0.5 * scores))
    return found


def sigmoid_factor(scores: Values, targets: Values) -> float:
    """The factor of (N, K) scores that minimises the cross-entropy of their sigmoids.

    Args:
        scores: of examples that the model was not fitted on.
        targets: (N, K) probabilities.

    Example:
        >>> round(sigmoid_factor(np.array([[4.0], [-4.0]]), np.array([[0.75], [0.25]])), 3)
        0.275
    """

    def loss(logarithm: float) -> float:
        scaled = np.exp(logarithm) * scores
        return float((np.logaddexp(0, scaled) - targets * scaled).mean())

    found = optimize.minimize_scalar(loss, bounds=(np.log(1e-3), np.log(SHARPEST)), method="bounded")
    return float(np.exp(found.x))


@dataclass(frozen=True, slots=True)
class Temperature:
    """Probabilities as softmax(factor * scores).

    Guo et al., "On calibration of modern neural networks", 2017; targets smoothed as by Platt, 1999.
    """

    factor: float

    @classmethod
    def fit(cls, scores: Values, labels: NDArray[np.int64], *, unknown: float = 1.0) -> "Temperature":
        """Choose the factor with the least cross-entropy on scores of examples that the model was not fitted on.

        Args:
            scores: (N, K); rows of NaN do not count.
            labels: (N,) from 0 to K - 1.
            unknown: the factor if all rows are NaN.

        Example:
            >>> scores = np.array([[1.0, 0.0], [0.0, 1.0], [0.2, 0.0], [0.1, 0.3]])
            >>> Temperature.fit(scores, np.array([0, 1, 1, 0])).factor < Temperature.fit(
            ...     scores, np.array([0, 1, 0, 1])).factor
            True
        """
        known = ~np.isnan(scores[:, 0])
        if not known.any():
            return cls(unknown)
        scores, targets = scores[known], smoothed(labels[known], scores.shape[1])

        def loss(logarithm: float) -> float:
            return log_loss(softmax(np.exp(logarithm) * scores), targets)

        found = optimize.minimize_scalar(loss, bounds=(np.log(1e-3), np.log(SHARPEST)), method="bounded")
        return cls(float(np.exp(found.x)))

    def probabilities(self, scores: Values) -> Values:
        """Turn (N, K) scores into (N, K) probabilities."""
        return softmax(self.factor * scores)

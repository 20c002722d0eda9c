"""The four scores of a binary classifier as functions of how often each example counts.

This is what makes thousands of resamples cheap: probabilities are sorted once, and each resample is then a few sums.
"""

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.resampling import Counts, Statistic

SCORE_NAMES = ("auc", "balanced_accuracy", "accuracy", "brier")


def weighted_scores(labels: NDArray[np.int64], probabilities: NDArray[np.float64], threshold: float) -> Statistic:
    """Prepares the scores named in `SCORE_NAMES`.

    Args:
        labels: (N,) 0 or 1.
        probabilities: (N,) in [0, 1].
        threshold: a probability at or above it is read as 1.

    Returns:
        A function from counts (rows, N) to scores (4, rows). A row that lacks a class gets NaN for the first two.

    Example:
        >>> scores = weighted_scores(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]), 0.5)
        >>> scores(np.ones((1, 4))).round(3).ravel().tolist()
        [0.75, 0.75, 0.75, 0.158]
    """
    auc = weighted_auc(labels, probabilities)
    positive = labels == 1
    right = (probabilities >= threshold) == positive
    columns = np.stack([right & positive, right & ~positive, positive, ~positive], axis=1).astype(np.float64)
    squares = (probabilities - labels) ** 2

    def scores(counts: Counts) -> NDArray[np.float64]:
        true_positives, true_negatives, positives, negatives = (counts @ columns).T
        examples = positives + negatives
        with np.errstate(invalid="ignore"):  # 0 / 0 is NaN, and means: this resample lacks the class
            recalls = true_positives / positives, true_negatives / negatives
        return np.stack(
            [
                auc(counts),
                (recalls[0] + recalls[1]) / 2,
                (true_positives + true_negatives) / examples,
                counts @ squares / examples,
            ]
        )

    return scores


def weighted_auc(labels: NDArray[np.int64], probabilities: NDArray[np.float64]) -> Statistic:
    """Prepares the area under the ROC curve: the share of (0, 1) pairs in the right order, a tie counting half."""
    negatives, positives = np.flatnonzero(labels == 0), np.flatnonzero(labels == 1)
    negatives = negatives[np.argsort(probabilities[negatives], kind="stable")]
    below = np.searchsorted(probabilities[negatives], probabilities[positives], side="left")
    not_above = np.searchsorted(probabilities[negatives], probabilities[positives], side="right")

    def auc(counts: Counts) -> NDArray[np.float64]:
        running = np.zeros((len(counts), len(negatives) + 1))
        np.cumsum(counts[:, negatives], axis=1, out=running[:, 1:])
        weights = counts[:, positives]
        pairs = weights.sum(axis=1) * running[:, -1]
        ordered = np.einsum("rp,rp->r", weights, running[:, below] + running[:, not_above]) / 2
        with np.errstate(invalid="ignore"):
            return np.asarray(ordered / pairs)

    return auc

"""How good binary predictions are, each figure with its 95% interval."""

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from unspool.errors import UserError
from unspool.evaluation.checks import checked_labels, checked_probabilities, checked_units
from unspool.evaluation.resampling import bootstrap_distribution, percentile_interval
from unspool.evaluation.result import BinaryScores, Predictions, Score
from unspool.evaluation.weighted import SCORE_NAMES, weighted_scores


def binary_scores(predictions: Predictions, threshold: float, *, resamples: int = 2000, seed: int = 0) -> BinaryScores:
    """Scores predictions, with 95% percentile bootstrap intervals.

    The intervals say how far a score of this one trained model would move on other test examples of the same kind.
    They do not say how far it would move had the model been trained again: for that, see `compare_recipes`. Where
    there are groups, whole groups are drawn.

    Args:
        predictions: (N,) labels of both classes, probabilities and perhaps groups.
        threshold: a probability at or above it is read as label 1.
        resamples: how many bootstrap resamples.
        seed: of the resamples.

    Raises:
        UserError: one class only, a probability that is NaN or outside [0, 1] (the message names the first row),
            arrays of different lengths, one group only.

    Example:
        >>> predictions = Predictions(labels=np.array([0, 0, 1, 1]), probabilities=np.array([0.1, 0.4, 0.35, 0.8]))
        >>> scores = binary_scores(predictions, threshold=0.5)
        >>> scores.auc.value, scores.accuracy.value, scores.confusion_matrix
        (0.75, 0.75, ((2, 0), (1, 1)))
    """
    labels = checked_labels(predictions.labels)
    probabilities = checked_probabilities(predictions.probabilities, len(labels))
    units = checked_units(predictions.groups, len(labels))
    if not np.isfinite(threshold):
        raise UserError(f"the threshold must be a finite number; it is {threshold}")

    answers = (probabilities >= threshold).astype(np.int64)
    values = {
        "auc": metrics.roc_auc_score(labels, probabilities),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, answers),
        "accuracy": metrics.accuracy_score(labels, answers),
        "brier": metrics.brier_score_loss(labels, probabilities),
    }
    distribution = bootstrap_distribution(
        weighted_scores(labels, probabilities, threshold), units, resamples=resamples, seed=seed
    )
    scores = {
        name: Score(float(values[name]), percentile_interval(distribution[row])) for row, name in enumerate(SCORE_NAMES)
    }
    return BinaryScores(
        examples=len(labels),
        threshold=float(threshold),
        confusion_matrix=_confusion_matrix(labels, answers),
        **scores,
    )


def _confusion_matrix(labels: NDArray[np.int64], answers: NDArray[np.int64]) -> tuple[tuple[int, int], tuple[int, int]]:
    (true_0_as_0, true_0_as_1), (true_1_as_0, true_1_as_1) = metrics.confusion_matrix(labels, answers, labels=[0, 1])
    return (int(true_0_as_0), int(true_0_as_1)), (int(true_1_as_0), int(true_1_as_1))

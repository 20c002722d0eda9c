"""How good predictions are class by class, or label by label, and which classes are taken for which."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.result import Predictions
from unspool.evaluation.scoring import cut_at
from unspool.lazy_module import LazyModule

metrics = LazyModule("sklearn.metrics")


@dataclass(frozen=True, slots=True)
class LabelScores:
    """One class or label on the test set.

    Attributes:
        label: its number.
        examples: how many have it.
        precision: share of the examples said to have it that do; 0 where none is said to.
        recall: share of the examples that have it which are said to; 0 where none has it.
        f1: the harmonic mean of the two.
        average_precision: how far up its examples stand when all are ranked by its probability; None where none has it.
    """

    label: int
    examples: int
    precision: float
    recall: float
    f1: float
    average_precision: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often which class was taken for which.

    Attributes:
        labels: (K,) the numbers of the classes; -1 stands for all others.
        matrix: (K, K) how many examples of a row's class were read as a column's.
    """

    labels: NDArray[np.int64]
    matrix: NDArray[np.int64]

    def mistakes(self, most: int) -> list[tuple[int, int, int]]:
        """The most frequent ones: the true class, the one it was read as, how many."""
        off = self.matrix * (1 - np.eye(len(self.labels), dtype=np.int64))
        order = np.argsort(-off, axis=None, kind="stable")[:most]
        pairs = zip(*np.unravel_index(order, off.shape), strict=True)
        return [
            (int(self.labels[row]), int(self.labels[column]), int(off[row, column]))
            for row, column in pairs
            if off[row, column]
        ]


def label_scores(predictions: Predictions, threshold: float | None) -> list[LabelScores]:
    """Score each class or label separately, in their order.

    Args:
        predictions: of several classes (targets (N,)) or several labels at once (targets (N, L)).
        threshold: for several labels at once; None takes one half.

    Example:
        >>> predictions = Predictions(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
        >>> [(one.examples, one.precision, one.recall) for one in label_scores(predictions, None)]
        [(1, 0.5, 1.0), (2, 1.0, 0.5)]
    """
    outputs = predictions.outputs
    labels = np.arange(outputs.shape[1])
    if predictions.targets.ndim == 1:
        truth = predictions.targets[:, np.newaxis] == labels
        answers = outputs.argmax(axis=1)[:, np.newaxis] == labels
    else:
        truth, answers = predictions.targets == 1, outputs >= cut_at(threshold)
    found = []
    for label in labels.tolist():
        has = truth[:, label].astype(int)
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(
            has, answers[:, label].astype(int), average="binary", zero_division=0.0
        )
        ranked = float(metrics.average_precision_score(has, outputs[:, label])) if has.any() else None
        found.append(LabelScores(label, int(has.sum()), float(precision), float(recall), float(f1), ranked))
    return found


def confusion(predictions: Predictions, most: int) -> Confusion:
    """Count how often each class is predicted as each class.

    Args:
        predictions: of several classes.
        most: classes to tell apart; where there are more, the most frequent ones are kept and the others are one.

    Example:
        >>> predictions = Predictions(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
        >>> confusion(predictions, most=10).matrix.tolist()
        [[1, 0], [1, 1]]
    """
    classes = predictions.outputs.shape[1]
    targets, answers = np.asarray(predictions.targets, dtype=np.int64), predictions.outputs.argmax(axis=1)
    whole = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(whole, (targets, answers), 1)
    if classes <= most:
        return Confusion(np.arange(classes), whole)
    kept = np.sort(np.argsort(-whole.sum(axis=1), kind="stable")[: most - 1])
    place = np.full(classes, most - 1)
    place[kept] = np.arange(most - 1)
    matrix = np.zeros((most, most), dtype=np.int64)
    np.add.at(matrix, (place[:, np.newaxis], place), whole)
    return Confusion(np.append(kept, -1), matrix)

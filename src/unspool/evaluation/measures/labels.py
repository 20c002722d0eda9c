"""How classes and labels are judged: one of several for each example, or several at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.measures.measure import Outputs, Targets
from unspool.lazy_module import LazyModule

metrics = LazyModule("sklearn.metrics")

MOST_RANKED = 1_000_000
"""Examples times labels up to which measures that rest on a ranking are computed: 2,000 resamples take time."""


def classes_of(targets: Targets) -> NDArray[np.int64]:
    """The classes that occur: one that does not cannot be scored."""
    return np.unique(targets)


def labels_of(targets: Targets) -> NDArray[np.int64]:
    """The labels that some example has."""
    return np.flatnonzero(targets.any(axis=0))


def of_rarest(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many examples, or groups of them, the rarest class or label that occurs has.

    The chance that all of n examples of one class rank above all m of another, m being fewer, is at most that of m
    independent pairs, which is the AUC to the power of m.

    Example:
        >>> of_rarest(np.array([0, 1, 1]), np.arange(3)), of_rarest(np.array([[1, 1], [0, 1]]), np.arange(2))
        (1, 1)
    """
    return min((len(np.unique(units[has])) for has in _has(targets)), default=0)


def of_all_as_of_rarest(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many they would be if all classes had as few as the rarest.

    The chance that all examples of K classes are right, of which the rarest has m, is at most their mean recall to the
    power of K m.

    Example:
        >>> of_all_as_of_rarest(np.array([0, 0, 0, 1, 1]), np.arange(5))
        4
    """
    return len(_has(targets)) * of_rarest(targets, units)


def of_any_label(targets: Targets, units: NDArray[np.int64]) -> int:
    """How many examples, or groups of them, have a label.

    Example:
        >>> of_any_label(np.array([[1, 1], [0, 1], [0, 0]]), np.arange(3))
        2
    """
    return len(np.unique(units[targets.any(axis=1)]))


def _has(targets: Targets) -> list[NDArray[np.bool_]]:
    """Which examples, (N,), each class or label that occurs has."""
    if targets.ndim > 1:
        return [targets[:, label] == 1 for label in labels_of(targets)]
    return [targets == one for one in classes_of(targets)]


def mean_auc(targets: Targets, outputs: Outputs, _: float) -> float:
    """The AUC of each class against the rest, averaged; NaN of one class, or of too many to rank."""
    classes = classes_of(targets)
    if len(classes) < 2 or len(classes) * len(targets) > MOST_RANKED:
        return float("nan")
    return float(np.mean([metrics.roc_auc_score(targets == one, outputs[:, one]) for one in classes]))


def macro_f1(targets: Targets, outputs: Outputs, _: float) -> float:
    """The F1 of each class that occurs, averaged."""
    answers, classes = outputs.argmax(axis=1), classes_of(targets)
    return float(metrics.f1_score(targets, answers, labels=classes, average="macro", zero_division=0.0))


def macro_recall(targets: Targets, outputs: Outputs, _: float) -> float:
    """The recall of each class that occurs, averaged."""
    # Not `balanced_accuracy_score`, which warns where an answer is a class that no example has.
    answers, classes = outputs.argmax(axis=1), classes_of(targets)
    return float(metrics.recall_score(targets, answers, labels=classes, average="macro", zero_division=0.0))


def log_loss(targets: Targets, outputs: Outputs, _: float) -> float:
    """Minus the mean logarithm of the probability of the true class."""
    shares = outputs / outputs.sum(axis=1, keepdims=True)
    return float(metrics.log_loss(targets, shares, labels=np.arange(outputs.shape[1])))


def label_f1(average: str) -> Callable[[Targets, Outputs, float], float]:
    """The F1 over all decisions ("micro"), or of each label, averaged ("macro"); NaN where no example has a label."""

    def value(targets: Targets, outputs: Outputs, threshold: float) -> float:
        there = labels_of(targets)
        if not len(there):
            return float("nan")  # nothing could be found
        labels = there if average == "macro" else np.arange(targets.shape[1])
        truth, yes = targets[:, labels].astype(int), (outputs[:, labels] >= threshold).astype(int)
        return float(
            np.mean([metrics.f1_score(*pair, zero_division=0.0) for pair in zip(truth.T, yes.T, strict=True)])
            if average == "macro"
            else metrics.f1_score(truth.ravel(), yes.ravel(), zero_division=0.0)
        )

    return value


def mean_average_precision(targets: Targets, outputs: Outputs, _: float) -> float:
    """The average precision of each label that occurs, averaged; NaN where there are too many to rank."""
    labels = labels_of(targets)
    if not len(labels) or targets.size > MOST_RANKED:
        return float("nan")
    scores = [metrics.average_precision_score(targets[:, label], outputs[:, label]) for label in labels]
    return float(np.mean(scores))


def found_of(truth: NDArray[np.bool_], answers: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], ...]:
    """(N, K) of each class or label: whether it is present and predicted, whether present, and whether predicted."""
    return truth & answers, truth, answers


def one_hot(targets: Targets, outputs: Outputs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N, K), which of the occurring classes each example has, and which is predicted."""
    classes = classes_of(targets)
    return targets[:, np.newaxis] == classes, outputs.argmax(axis=1)[:, np.newaxis] == classes


def both_labels(yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N, 2) which of two labels each example has, from whether it has the second."""
    return np.stack([~yes, yes], axis=1)

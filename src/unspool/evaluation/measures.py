"""What the predictions of each task are judged by: each measure's name, its meaning, and how it is computed.

A measure's value comes from scikit-learn or SciPy. Its interval needs it thousands of times, on resamples; for that
each has a second form, a function of how often each example counts (see `resampling`), which sorts once and then only
sums.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics

from unspool.data.task import Task
from unspool.evaluation import weighted_measures as weighted
from unspool.evaluation.resampling import Counts
from unspool.evaluation.wording import (
    difference_with_interval,
    percent,
    points_with_interval,
    significant,
    significant_with_interval,
    three_decimals,
)

MOST_RANKED = 1_000_000
"""Examples times labels up to which measures that rest on a ranking are computed: 2,000 resamples take time."""

Targets = NDArray[Any]
Outputs = NDArray[np.float64]
Figure = Callable[[Counts], NDArray[np.float64]]
"""Gives (rows,) figures from counts (rows, N)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to judge predictions.

    Attributes:
        title: what it is called in a table, and in a sentence.
        meaning: in a few words.
        value: of targets, outputs and threshold; NaN where it is undefined.
        prepare: the same as a function of counts.
        say: a figure as people read it.
        say_difference: a difference of two, with its interval and, where it is not 95%, the interval's level.
        higher_is_better: whether it is.
    """

    title: str
    meaning: str
    value: Callable[[Targets, Outputs, float], float]
    prepare: Callable[[Targets, Outputs, float], Figure]
    say: Callable[[float], str] = significant
    say_difference: Callable[..., str] = significant_with_interval
    higher_is_better: bool = True


def _classes(targets: Targets) -> NDArray[np.int64]:
    """The classes that occur: one that does not cannot be scored."""
    return np.unique(targets)


def _labels(targets: Targets) -> NDArray[np.int64]:
    """The labels that some example has."""
    return np.flatnonzero(targets.any(axis=0))


def _auc(targets: Targets, outputs: Outputs, _: float) -> float:
    classes = _classes(targets)
    if len(classes) < 2 or len(classes) * len(targets) > MOST_RANKED:
        return float("nan")
    return float(np.mean([metrics.roc_auc_score(targets == one, outputs[:, one]) for one in classes]))


def _macro_f1(targets: Targets, outputs: Outputs, _: float) -> float:
    answers, classes = outputs.argmax(axis=1), _classes(targets)
    return float(metrics.f1_score(targets, answers, labels=classes, average="macro", zero_division=0.0))


def _recall(targets: Targets, outputs: Outputs, _: float) -> float:
    # Not `balanced_accuracy_score`, which warns where an answer is a class that no example has.
    answers, classes = outputs.argmax(axis=1), _classes(targets)
    return float(metrics.recall_score(targets, answers, labels=classes, average="macro", zero_division=0.0))


def _log_loss(targets: Targets, outputs: Outputs, _: float) -> float:
    shares = outputs / outputs.sum(axis=1, keepdims=True)
    return float(metrics.log_loss(targets, shares, labels=np.arange(outputs.shape[1])))


def _label_f1(average: str) -> Callable[[Targets, Outputs, float], float]:
    def value(targets: Targets, outputs: Outputs, threshold: float) -> float:
        there = _labels(targets)
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


def _average_precision(targets: Targets, outputs: Outputs, _: float) -> float:
    labels = _labels(targets)
    if not len(labels) or targets.size > MOST_RANKED:
        return float("nan")
    scores = [metrics.average_precision_score(targets[:, label], outputs[:, label]) for label in labels]
    return float(np.mean(scores))


def _r2(targets: Targets, outputs: Outputs, _: float) -> float:
    return float(metrics.r2_score(targets, outputs)) if np.ptp(targets) > 0 else float("nan")


def _spearman(targets: Targets, outputs: Outputs, _: float) -> float:
    if not (np.ptp(targets) > 0 and np.ptp(outputs) > 0):
        return float("nan")
    return float(stats.spearmanr(targets, outputs).statistic)


MEASURES: Mapping[Task, dict[str, Measure]] = {
    "binary": {
        "accuracy": Measure(
            "accuracy",
            "right answers among all examples",
            lambda y, p, threshold: float(metrics.accuracy_score(y, p >= threshold)),
            lambda y, p, threshold: weighted.mean(((p >= threshold) == (y == 1)).astype(np.float64)),
            percent,
            points_with_interval,
        ),
        "balanced_accuracy": Measure(
            "balanced accuracy",
            "right answers among each label’s examples, averaged over the two labels",
            lambda y, p, threshold: float(metrics.balanced_accuracy_score(y, p >= threshold)),
            lambda y, p, threshold: weighted.macro_recall(_both(y == 1), _both(p >= threshold)),
            percent,
            points_with_interval,
        ),
        "auc": Measure(
            "AUC",
            "how often an example of the second label gets a higher probability of it than one of the first; 0.5 is "
            "guessing",
            lambda y, p, _: float(metrics.roc_auc_score(y, p)),
            lambda y, p, _: weighted.auc(y == 1, p),
            three_decimals,
            difference_with_interval,
        ),
    },
    "multiclass": {
        "accuracy": Measure(
            "accuracy",
            "right answers among all examples",
            lambda y, p, _: float(metrics.accuracy_score(y, p.argmax(axis=1))),
            lambda y, p, _: weighted.mean((p.argmax(axis=1) == y).astype(np.float64)),
            percent,
            points_with_interval,
        ),
        "balanced_accuracy": Measure(
            "balanced accuracy",
            "right answers among each class’s examples, averaged over the classes",
            _recall,
            lambda y, p, _: weighted.macro_recall(*_one_hot(y, p)),
            percent,
        ),
        "macro_f1": Measure(
            "macro F1",
            "the harmonic mean of precision and recall of each class, averaged over the classes",
            _macro_f1,
            lambda y, p, _: weighted.macro_f1(*_one_hot(y, p)),
            three_decimals,
        ),
        "auc": Measure(
            "AUC, one against the rest",
            "how often an example of a class gets a higher probability of it than one of another class, averaged over "
            "the classes; 0.5 is guessing",
            _auc,
            lambda y, p, _: weighted.mean_of([weighted.auc(y == one, p[:, one]) for one in _classes(y)]),
            three_decimals,
        ),
        "log_loss": Measure(
            "log loss",
            "minus the logarithm of the probability of the true class; lower is better",
            _log_loss,
            lambda y, p, _: weighted.mean(weighted.log_losses(y, p)),
            higher_is_better=False,
        ),
    },
    "multilabel": {
        "micro_f1": Measure(
            "micro F1",
            "the harmonic mean of precision and recall over all decisions, each label of each example being one",
            _label_f1("micro"),
            lambda y, p, threshold: weighted.micro_f1(y == 1, p >= threshold),
            three_decimals,
            difference_with_interval,
        ),
        "macro_f1": Measure(
            "macro F1",
            "the same of each label, averaged over the labels",
            _label_f1("macro"),
            lambda y, p, threshold: weighted.macro_f1((y == 1)[:, _labels(y)], (p >= threshold)[:, _labels(y)]),
            three_decimals,
        ),
        "average_precision": Measure(
            "average precision",
            "how far up a label’s examples stand when all are ranked by its probability, averaged over the labels; a "
            "label’s share of the examples is guessing",
            _average_precision,
            lambda y, p, _: weighted.mean_of(
                [weighted.average_precision(y[:, label] == 1, p[:, label]) for label in _labels(y)]
            ),
            three_decimals,
        ),
        "subset_accuracy": Measure(
            "all labels right",
            "examples whose labels are all right, and none too many",
            lambda y, p, threshold: float(np.mean(((p >= threshold) == (y == 1)).all(axis=1))),
            lambda y, p, threshold: weighted.mean(((p >= threshold) == (y == 1)).all(axis=1).astype(np.float64)),
            percent,
        ),
    },
    "regression": {
        "rmse": Measure(
            "root mean squared error",
            "in the unit of the number, large errors counting more; lower is better",
            lambda y, p, _: float(metrics.root_mean_squared_error(y, p)),
            lambda y, p, _: weighted.root_mean((y - p) ** 2),
            higher_is_better=False,
        ),
        "mae": Measure(
            "mean absolute error",
            "in the unit of the number, all errors counting as large as they are; lower is better",
            lambda y, p, _: float(metrics.mean_absolute_error(y, p)),
            lambda y, p, _: weighted.mean(np.abs(y - p)),
            higher_is_better=False,
        ),
        "r2": Measure(
            "R²",
            "the share of the numbers’ variance that is explained; always saying their mean scores 0",
            _r2,
            lambda y, p, _: weighted.r2(y, p),
            three_decimals,
        ),
        "spearman": Measure(
            "Spearman’s rank correlation",
            "whether larger numbers are said of larger ones; 1 is the same order, 0 no relation",
            _spearman,
            lambda y, p, _: weighted.spearman(y, p),
            three_decimals,
        ),
    },
}
"""By task and name, the one that a verdict rests on first.

Accuracy, because it is what people ask for. Micro F1, because it counts
each decision the same: to have all labels right at once is out of reach where there are many, and macro F1 rests on
rare ones. The root mean squared error, because model and baseline are both fitted to squared errors.
"""


def headline(task: Task) -> str:
    """The name of the measure that a verdict rests on.

    Example:
        >>> headline("regression")
        'rmse'
    """
    return next(iter(MEASURES[task]))


def _one_hot(targets: Targets, outputs: Outputs) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N, K) which of the occurring classes each example has, and which is said of it."""
    classes = _classes(targets)
    return targets[:, np.newaxis] == classes, outputs.argmax(axis=1)[:, np.newaxis] == classes


def _both(yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N, 2) which of two labels each example has, from whether it has the second."""
    return np.stack([~yes, yes], axis=1)

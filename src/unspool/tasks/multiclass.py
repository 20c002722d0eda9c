"""Multiclass classification: one of several labels."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import mostly
from unspool.data.labels import Label, as_number, shown
from unspool.data.tables.comma_numbers import comma_words, has_decimal_comma
from unspool.errors import AdvisedError, UserError
from unspool.evaluation.baselines.linear import fit_classes
from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.labels import (
    classes_of,
    found_of,
    log_loss,
    macro_f1,
    macro_recall,
    mean_auc,
    of_all_as_of_rarest,
    of_rarest,
    one_hot,
)
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.wording import percent, points_with_interval, three_decimals
from unspool.lazy_module import LazyModule
from unspool.tasks.base import Outputs
from unspool.tasks.one_label import OneLabel
from unspool.tasks.other_answers import labels_of_answers

metrics = LazyModule("sklearn.metrics")

MOST_CLASSES = 1000
MOST_NUMBERED_CLASSES = 20
"""Different whole numbers that are taken as classes; with more of them, the label is a quantity."""


@dataclass(frozen=True)
class Multiclass(OneLabel):
    """One of several labels; outputs are (N, C) the probability of each.

    Example:
        >>> task = Multiclass.learn(["b", "a", "c"])
        >>> task.decide(np.array([[0.2, 0.7, 0.1]]), None)
        (['b'], [0.7])
    """

    name = "multiclass"
    title = "multiclass classification"
    pipeline_of_texts = "text-classification"
    measures = {  # noqa: RUF012
        "accuracy": Measure(
            "accuracy",
            "right answers among all examples",
            lambda y, p, _: float(metrics.accuracy_score(y, p.argmax(axis=1))),
            lambda y, p, _: weighted.mean((p.argmax(axis=1) == y).astype(np.float64)),
            percent,
            points_with_interval,
            share=True,
            decisions=lambda y, p, _: p.argmax(axis=1) == y,
        ),
        "balanced_accuracy": Measure(
            "balanced accuracy",
            "right answers among each class’s examples, averaged over the classes",
            macro_recall,
            lambda y, p, _: weighted.macro_recall(*one_hot(y, p)),
            percent,
            points_with_interval,
            trials=of_all_as_of_rarest,
            decisions=lambda y, p, _: p.argmax(axis=1) == y,
        ),
        "macro_f1": Measure(
            "macro F1",
            "the harmonic mean of precision and recall of each class, averaged over the classes that occur",
            macro_f1,
            lambda y, p, _: weighted.macro_f1(*found_of(*one_hot(y, p))),
            three_decimals,
            trials=of_all_as_of_rarest,
            decisions=lambda y, p, _: p.argmax(axis=1),
        ),
        "auc": Measure(
            "AUC, one against the rest",
            "how often an example of a class gets a higher probability of it than one of another class, averaged over "
            "the classes; 0.5 is guessing",
            mean_auc,
            lambda y, p, _: weighted.mean_auc(y[:, np.newaxis] == classes_of(y), p[:, classes_of(y)]),
            three_decimals,
            of_probabilities=True,
            trials=of_rarest,
        ),
        "log_loss": Measure(
            "log loss",
            "minus the logarithm of the probability of the true class; lower is better",
            log_loss,
            lambda y, p, _: weighted.mean(weighted.log_losses(y, p)),
            higher_is_better=False,
            bounds=(0.0, np.inf),
            of_probabilities=True,
        ),
    }
    compared = ("log_loss", "macro_f1", "balanced_accuracy", "accuracy")
    activation = "softmax"
    loss = "sparse_categorical_crossentropy"
    metrics = ("accuracy",)
    figures = ("headline", "loss", "example", "confusion-matrix")
    sections = ("classes.html.j2",)

    def __post_init__(self) -> None:
        if len(self.names) < 2:
            raise ValueError(f"{len(self.names)} names do not suit the task multiclass")

    @classmethod
    def recognise(cls, counts: Counter[Label]) -> str:
        """A few whole numbers, or texts that recur."""
        if any(isinstance(label, tuple) for label in counts):
            return ""
        numbers = [as_number(label) for label in counts]
        if all(number is not None and number == int(number) for number in numbers):
            few = len(counts) <= MOST_NUMBERED_CLASSES
            why = f"labels are only {len(counts)} different whole numbers; --task regression reads them as quantities"
            return why if few else ""
        if len(counts) > MOST_NUMBERED_CLASSES and mostly(has_decimal_comma, counts):
            raise UserError(f"the column of labels {comma_words(list(counts))}.")
        if len(counts) > MOST_CLASSES or 2 * len(counts) > counts.total():
            raise AdvisedError(
                f"{counts.total():,} examples have {len(counts):,} different labels, such as "
                f"{shown(next(iter(counts)))}: too few of each for classes, and they are not numbers such as 1234.5.",
                "Give more examples of each label, or name another label column; or, if these are texts to write, both "
                "columns of a translation (--source, --target); of two lists in Python, give task='translation'.",
            )
        return f"there are {len(counts)} different labels"

    @property
    def outputs(self) -> int:
        """A probability for each class."""
        return len(self.names)

    def of_classes(self, answers: Outputs) -> Outputs:
        """Probabilities that sum to 1 in double precision, too."""
        shares: Outputs = answers / answers.sum(axis=1, keepdims=True)
        return shares

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[list[Any], list[Any]]:
        """The most probable label."""
        return self.decode(outputs.argmax(axis=1)), outputs.max(axis=1).tolist()

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """1 for the label, 0 for all others."""
        numbers = self._encode(labels_of_answers(self, answers))
        outputs = np.zeros((len(numbers), len(self.names)))
        outputs[np.arange(len(numbers)), numbers] = 1
        return outputs

    def explained_score(self, output: Any, threshold: float | None) -> tuple[int, float]:
        """The score of the most probable label, before the softmax."""
        return int(np.argmax(output)), 1.0

    def score_in(self, output: Any, index: int) -> float:
        """The logarithm of the probability, less the mean of all logarithms."""
        logarithms = np.log(np.maximum(output, np.finfo(np.float32).tiny))
        return float(logarithms[index] - logarithms.mean())

    def most_frequent(
        self, training: NDArray[Any], validation: NDArray[Any], test: NDArray[Any], measure: str | None = None
    ) -> SimpleModel:
        """The share of each class in training."""
        shares = np.bincount(training, minlength=len(self.names)) / len(training)
        outputs = np.broadcast_to(shares, (len(test), len(shares))).copy()
        return SimpleModel("most-frequent-class", "the most frequent class", outputs, None, 0.0)

    def fit_linear(self, features: Any, targets: NDArray[Any]) -> Callable[[Any], Outputs]:
        """A logistic regression."""
        return fit_classes(features, targets, len(self.names))

"""Binary classification: one of two labels."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, shown
from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError
from unspool.evaluation.baselines.linear import fit_one_label
from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.evaluation.checks import checked_labels, checked_probabilities
from unspool.evaluation.curves import accuracy_threshold, youden_threshold
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.labels import both_labels, of_all_as_of_rarest, of_rarest
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Predictions, Scores
from unspool.evaluation.scoring import cut_at
from unspool.evaluation.wording import (
    difference_with_interval,
    percent,
    points_with_interval,
    probability,
    three_decimals,
)
from unspool.lazy_module import LazyModule
from unspool.tasks.base import Outputs
from unspool.tasks.one_label import OneLabel
from unspool.tasks.other_answers import UnusableAnswer, labels_of_answers, probability_of

metrics = LazyModule("sklearn.metrics")

HOLD_OUT_OTHERS = (
    "Hold out others, by another column or --seed, or more, as in --set data.test_fraction=0.3 --set "
    "data.validation_fraction=0.2. Files given with --test or --validation need such examples themselves."
)


@dataclass(frozen=True)
class Binary(OneLabel):
    """One of two labels; outputs are (N,) the probability of the second.

    Example:
        >>> task = Binary.learn(["pos", "neg", "neg"])
        >>> task.names, task.encode(["neg", "pos"]).tolist(), task.decide(np.array([0.25, 0.75]), 0.5)
        (('neg', 'pos'), [0, 1], (['neg', 'pos'], [0.75, 0.75]))
    """

    picks_threshold = True

    name = "binary"
    title = "binary classification"
    pipeline_of_texts = "text-classification"
    measures = {  # noqa: RUF012
        "accuracy": Measure(
            "accuracy",
            "right answers among all examples",
            lambda y, p, threshold: float(metrics.accuracy_score(y, p >= threshold)),
            lambda y, p, threshold: weighted.mean(((p >= threshold) == (y == 1)).astype(np.float64)),
            percent,
            points_with_interval,
            share=True,
            decisions=lambda y, p, threshold: p >= threshold,
        ),
        "balanced_accuracy": Measure(
            "balanced accuracy",
            "right answers among each label’s examples, averaged over the two labels",
            lambda y, p, threshold: float(metrics.balanced_accuracy_score(y, p >= threshold)),
            lambda y, p, threshold: weighted.macro_recall(both_labels(y == 1), both_labels(p >= threshold)),
            percent,
            points_with_interval,
            by_label=True,
            trials=of_all_as_of_rarest,
            decisions=lambda y, p, threshold: p >= threshold,
        ),
        "auc": Measure(
            "AUC",
            "area under the ROC curve: how often a random example of the second label gets a higher probability of it "
            "than one of the first; 0.5 is guessing",
            lambda y, p, _: float(metrics.roc_auc_score(y, p)),
            lambda y, p, _: weighted.auc(y == 1, p),
            three_decimals,
            difference_with_interval,
            of_probabilities=True,
            by_label=True,
            trials=of_rarest,
        ),
        "brier": Measure(
            "Brier score",
            "mean squared error of the probability; 0 is best, always predicting one half scores 0.25",
            lambda y, p, _: float(metrics.brier_score_loss(y, p)),
            lambda y, p, _: weighted.mean((p - y) ** 2),
            three_decimals,
            difference_with_interval,
            higher_is_better=False,
            of_probabilities=True,
        ),
    }
    compared = ("brier", "auc", "balanced_accuracy", "accuracy")
    activation = "sigmoid"
    loss = "binary_crossentropy"
    metrics = ("accuracy",)
    figures = ("headline", "loss", "example", "roc", "confusion-of-two", "reliability", "probabilities")
    sections = ("binary.html.j2",)

    def __post_init__(self) -> None:
        if len(self.names) != 2:
            raise ValueError(f"{len(self.names)} names do not suit the task binary")

    @classmethod
    def recognise(cls, counts: Counter[Label]) -> str:
        """Two different labels."""
        if len(counts) != 2:
            return ""
        first, second = sorted(map(shown, counts))
        return f"there are two labels, {first} and {second}"

    @classmethod
    def refuse(cls, counts: Counter[Label]) -> None:
        """Refuse lists, and more or fewer than two labels."""
        super().refuse(counts)
        if len(counts) != 2:
            raise UserError(f"The task binary asks for two labels, but there are {len(counts):,}. Use multiclass.")

    @property
    def outputs(self) -> int:
        """One probability."""
        return 1

    def answers(self, outputs: NDArray[Any]) -> Outputs:
        """(N, 1) to (N,)."""
        return outputs[:, 0].astype(np.float64)

    def pick_threshold(self, targets: NDArray[Any], outputs: Outputs, measure: str | None = None) -> float | None:
        """Where the second label is likelier, if accuracy is asked for; else where TPR - FPR is the largest.

        If all targets have the same label, as in a short validation period, 0.5.
        """
        if len(np.unique(targets)) < 2:
            return 0.5
        return (accuracy_threshold if measure == "accuracy" else youden_threshold)(targets, outputs)

    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[list[Any], list[Any]]:
        """The second label where its probability reaches the threshold."""
        yes = outputs >= cut_at(threshold)
        return self.decode(yes.astype(np.int64)), np.where(yes, outputs, 1 - outputs).tolist()

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """1 for the second label, 0 for the first."""
        return self._encode(labels_of_answers(self, answers)).astype(np.float64)

    def shares(self, decided: Outputs, probabilities: Sequence[Any]) -> Outputs:
        """Both, from the probability of the predicted label.

        Raises:
            UnusableAnswer: one is not a probability, or no threshold gives these predictions, so that they cannot be
                the probabilities of the predicted labels.
        """
        given = np.array([probability_of(cell, position) for position, cell in enumerate(probabilities)])
        second = np.where(decided == 1, given, 1 - given)
        highest_no = max(second[decided == 0], default=0.0)
        low = np.flatnonzero((decided == 1) & (second < highest_no))
        if len(low):
            raise UnusableAnswer(
                int(low[0]),
                "no threshold gives these predictions: a column probability is read as that of the predicted label. If "
                f"it is always that of {shown(self.names[1])}, name the column {self.names[1]}",
            )
        return np.column_stack([1 - second, second])

    def from_shares(self, shares: Outputs) -> Outputs:
        """(N,) that of the second label."""
        return shares[:, 1]

    def of_classes(self, answers: Outputs) -> Outputs:
        """The probability of each of the two, from (N, 1) of the second."""
        return np.column_stack([1 - answers[:, 0], answers[:, 0]])

    def answers_in_words(self, threshold: float | None) -> str:
        """The second label, and from which probability on."""
        return f"{self.names[1]} where its probability is at least {probability(cut_at(threshold))}"

    def explained_score(self, output: Any, threshold: float | None) -> tuple[int, float]:
        """The log-odds of the second label, or against it."""
        return 0, 1.0 if output >= cut_at(threshold) else -1.0

    def score_in(self, output: Any, index: int) -> float:
        """The log-odds, of at most 14 either way: nearer to 0 or 1, single precision leaves too few digits."""
        share = np.clip(output, 1e-6, 1 - 1e-6)
        return float(np.log(share / (1 - share)))

    def check(self, targets: NDArray[Any], what: str) -> None:
        """Both labels must be there."""
        super().check(targets, what)
        if len(np.unique(targets)) == 1:
            raise UserError(
                f"All {len(targets):,} {what} examples have the label {self.names[int(targets[0])]}: "
                f"scores of two labels need examples of both. {HOLD_OUT_OTHERS}"
            )

    def scores(self, predictions: Predictions, threshold: float | None, *, resamples: int = 2000) -> Scores:
        """Score probabilities; one label alone cannot be scored."""
        labels = checked_labels(predictions.targets)
        checked_probabilities(predictions.outputs, len(labels))
        return super().scores(
            Predictions(labels, predictions.outputs, predictions.groups), threshold, resamples=resamples
        )

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """The confusion matrix: ((true 0 read as 0, as 1), (true 1 read as 0, as 1))."""
        answers = predictions.outputs >= cut_at(threshold)
        matrix = metrics.confusion_matrix(predictions.targets, answers.astype(np.int64), labels=[0, 1])
        return {"confusion_matrix": matrix.tolist()}

    def most_frequent(
        self, training: NDArray[Any], validation: NDArray[Any], test: NDArray[Any], measure: str | None = None
    ) -> SimpleModel:
        """The majority class: the share of the second label as everybody's probability."""
        share = float(training.mean(dtype=np.float64))
        return SimpleModel("majority-class", "the majority class", np.full(len(test), share), 0.5, 0.0)

    def fit_linear(self, features: Any, targets: NDArray[Any]) -> Callable[[Any], Outputs]:
        """A logistic regression."""
        return fit_one_label(features, targets)

    published_measures = ("auc", "balanced_accuracy")

    def published(self, figures: PublishedFigures, measure: str) -> str:
        """The chapter's AUC and balanced accuracy."""
        known = {"auc": f"{figures.auc:g}", "balanced_accuracy": f"{100 * figures.balanced_accuracy:.4g}%"}
        return known.get(measure, "")

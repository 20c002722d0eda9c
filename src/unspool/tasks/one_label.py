"""What the tasks have in common in which an example has one label of a few: binary and multiclass."""

from abc import ABC
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from unspool.data.balance import are_unequal, class_weights
from unspool.data.labels import Label, Targets, in_order, shown, unknown_label
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.texts.side_encoder import value_of
from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.evaluation.wording import percent
from unspool.tasks.base import Outputs
from unspool.tasks.whole import WholeTask

_MOST_NAMED = 3
_ONE_SIDED = 0.9
"""If the most frequent label has this share or more, always predicting it gives a high accuracy."""


@lru_cache
def _by_value(names: tuple[str, ...]) -> dict[str, str]:
    """The names that no other one writes differently, by what they mean."""
    counts = Counter(map(value_of, names))
    return {value_of(name): name for name in names if counts[value_of(name)] == 1}


def on_the_only(names: Sequence[str], targets: NDArray[Any], called: str) -> str:
    """Say so where all labels or tags are the same; otherwise empty.

    Args:
        names: of the labels.
        targets: their numbers, of any shape; those below 0 are not there.
        called: what they are called, in the plural.

    Example:
        >>> on_the_only(["idle", "busy"], np.array([[1, 1], [1, -1]]), "tags")
        'All 3 scored tags are busy: the scores do not show whether the model tells tags apart.'
    """
    there = targets[targets >= 0]
    if not len(there) or there.min() < there.max():
        return ""
    only = shown(names[int(there[0])])
    return (
        f"All {len(there):,} scored {called} are {only}: the scores do not show whether the model tells {called} apart."
    )


@dataclass(frozen=True)
class OneLabel(WholeTask, ABC):
    """One label an example, of those in `names`; targets are their numbers, (N,)."""

    chooses_among_labels = True

    @classmethod
    def refuse(cls, counts: Counter[Label]) -> None:
        """Refuse lists."""
        if any(isinstance(label, tuple) for label in counts):
            raise UserError(f"The task {cls.name} asks for one label an example, but labels are lists. Use multilabel.")

    @classmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Learn the names of the labels."""
        return cls(in_order(set(labels)))

    def flaw(self, label: Label) -> Flaw | None:
        """A list, or a label that does not occur in training."""
        if isinstance(label, tuple):
            return Flaw(Reason.TYPE, "the label is a list, and one label was expected")
        if self._name(label) not in self.names:
            return Flaw(Reason.UNKNOWN_LABEL, unknown_label(label, self.names))
        return None

    def _encode(self, labels: Sequence[Label]) -> Targets:
        number_of = {name: number for number, name in enumerate(self.names)}
        texts = list(map(str, labels))
        number = {text: number_of[self._name(text)] for text in {*texts}}
        return np.array([number[text] for text in texts], dtype=np.int64)

    def decode(self, targets: Any) -> list[Any]:
        """The names of N numbers."""
        return [self.names[int(target)] for target in targets]

    def indices(self, label: Label) -> tuple[int, ...]:
        """The one number."""
        return (self.names.index(self._name(label)),)

    def _name(self, label: Label) -> str:
        """The name of a label, as training wrote it.

        A boolean is `true` in a data frame, and `True` or `TRUE` in many a file; where labels are missing, pandas
        writes 1 as 1.0.
        """
        text = str(label)
        return text if text in self.names else _by_value(self.names).get(value_of(text), text)

    def caution(self, predictions: Predictions, threshold: float | None, measure: str | None = None) -> str:
        """Name the labels of test examples that are never predicted, and say if accuracy says little."""
        counts = Counter(predictions.targets.tolist())
        sentences = [self._never_predicted(counts, predictions.outputs, threshold)]
        (target, count), total = counts.most_common(1)[0], counts.total()
        if measure == "accuracy" and _ONE_SIDED * total <= count < total:
            sentences.append(
                f"Accuracy says little here, as {percent(count / total)} of the test examples are "
                f"{shown(self.names[target])}. To judge by balanced accuracy, train with --set "
                "evaluation.measure=balanced_accuracy."
            )
        return " ".join(filter(None, (super().caution(predictions, threshold, measure), *sentences)))

    def on_one_label(self, targets: NDArray[Any]) -> str:
        """Name the only label."""
        return on_the_only(self.names, targets, "labels")

    def _never_predicted(self, counts: Counter[int], outputs: Outputs, threshold: float | None) -> str:
        predicted = {*self.decide(outputs, threshold)[0]}
        never = {self.names[target]: count for target, count in sorted(counts.items())}
        never = {name: count for name, count in never.items() if name not in predicted}
        if not never:
            return ""
        if len(never) > _MOST_NAMED:
            return f"It never predicts {len(never):,} of the {len(counts):,} labels that test examples have."
        examples = (f"{shown(name)} ({count:,} test example{'s' * (count > 1)})" for name, count in never.items())
        return f"It never predicts {', '.join(examples)}."

    def strata(self, labels: Sequence[Label]) -> NDArray[Any] | None:
        """The labels themselves."""
        return np.array(labels, dtype=object)

    def weights(self, targets: Targets) -> NDArray[np.float64] | None:
        """N / (classes * examples of the class) for each example; None where classes are about equally frequent."""
        classes = np.asarray(targets, dtype=np.int64)
        counts = np.bincount(classes, minlength=len(self.names))
        return class_weights(classes, len(self.names))[classes] if are_unequal(counts) else None

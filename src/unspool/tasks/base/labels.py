"""The labels of a task: how they are recognised, encoded as targets, and decoded again."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, Targets, checked_label
from unspool.data.tables.problems import Flaw
from unspool.errors import UserError

ShownLabels: TypeAlias = list[Any]


class TaskLabels(ABC):
    """Labels to targets and back."""

    with_answer: ClassVar[str] = "labelled"
    """The word for an example with its answer, as in "labelled"."""
    chooses_among_labels: ClassVar[bool] = False
    """Whether each example has exactly one label, so that accuracy and balanced accuracy are defined."""
    counts_labels: ClassVar[bool] = True
    """Whether labels are counted before training, so that examples with only one can be refused."""
    predicts_numbers: ClassVar[bool] = False
    """Whether each example has one number, which other programs may have rounded."""
    needs_labels: ClassVar[bool] = True
    """Whether examples need labels to be scored."""

    @classmethod
    def recognise(cls, counts: Counter[Label]) -> str:
        """Say why labels with these counts call for this task; empty if they do not.

        Most tasks are only chosen by name.
        """
        return ""

    @classmethod
    def refuse(cls, counts: Counter[Label]) -> None:
        """Check that this task, which was asked for, can have labels with these counts.

        Raises:
            UserError: it cannot; says why, and what to do.
        """

    @classmethod
    @abstractmethod
    def learn(cls, labels: Sequence[Label]) -> Self:
        """Make a task that encodes labels like these training labels."""

    def flaw(self, label: Label) -> Flaw | None:
        """Return why a label cannot be encoded; None if it can."""
        return None

    def flaw_in_truth(self, label: Label) -> Flaw | None:
        """Return why answers cannot be scored against a label; None if they can."""
        return self.flaw(label)

    def encode(self, labels: Sequence[object]) -> Targets:
        """Turn N labels into targets.

        Raises:
            UserError: a label is missing, was not known in training, or is not a number where one is needed.
        """
        plain = [self._checked(label, position) for position, label in enumerate(labels, start=1)]
        for position, label in enumerate(plain, start=1):
            flaw = self.flaw(label)
            if flaw is not None:
                raise UserError(f"Label {position}: {flaw.detail}.")
        return self._encode(plain)

    def _checked(self, value: object, position: int) -> Label:
        return checked_label(value, position)

    @abstractmethod
    def _encode(self, labels: Sequence[Label]) -> Targets: ...

    @abstractmethod
    def decode(self, targets: Any) -> ShownLabels:
        """Turn targets from `encode` back into labels."""

    def as_in_a_file(self, targets: Any) -> ShownLabels:
        """The same in the form of cells of a file, which `encode` reads back."""
        return self.decode(targets)

    @property
    def no_labels(self) -> str | None:
        """How a cell shows that an example has none of the labels; None where each has one."""
        return None

    def indices(self, label: Label) -> tuple[int, ...]:
        """The indices in `names` of what a label holds."""
        return ()

    def strata(self, labels: Sequence[Label]) -> NDArray[Any] | None:
        """The class of each of N examples for a stratified split; None if it is not to be stratified."""
        return None

    def truth(self, targets: Targets) -> NDArray[Any]:
        """Targets in the form in which they are scored."""
        return np.asarray(targets, dtype=np.int64)

    def true_labels(self, truth: NDArray[Any]) -> ShownLabels:
        """N targets, as they are scored, as labels."""
        return self.decode(truth)

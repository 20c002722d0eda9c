"""The decisions of a task: from the outputs of a model to the labels and probabilities that it returns."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray

from unspool.evaluation.scoring import cut_at
from unspool.tasks.base.labels import ShownLabels
from unspool.tasks.base.network import Outputs


class TaskDecisions(ABC):
    """Outputs to labels and probabilities."""

    picks_threshold: ClassVar[bool] = False
    """Whether decisions depend on a threshold, which `pick_threshold` finds."""
    has_probabilities: ClassVar[bool] = True
    """Whether `decide` returns probabilities."""
    no_probabilities: ClassVar[str] = ""
    """Why `Model.probabilities` is not available, and what to use instead; empty if it is."""
    without_others: ClassVar[str] = ""
    """Why answers of other programs cannot be compared; empty if they can."""
    explainable: ClassVar[bool] = True
    """Whether an answer depends on one score, which can be attributed to parts of the input."""

    def pick_threshold(self, targets: NDArray[Any], outputs: Outputs, measure: str | None = None) -> float | None:
        """Pick the threshold of probabilities on validation examples; None if the task has none.

        Args:
            targets: as they are scored.
            outputs: of the same examples.
            measure: the name of the measure to pick it by; None follows the task's own rule.
        """
        return None

    @abstractmethod
    def decide(self, outputs: Outputs, threshold: float | None) -> tuple[ShownLabels, list[Any]]:
        """Turn outputs into labels.

        Returns:
            N labels, and their N probabilities; an empty list if the task has none.
        """

    def answers_in_words(self, threshold: float | None) -> str:
        """How outputs are turned into an answer, in words."""
        return "the label of the highest probability"

    def cell(self, label: Any) -> Any:
        """A label in the form of a table's cell."""
        return label

    def cells(self, label: Any, probability: Any) -> tuple[Any, Any]:
        """A label and its probability as the cells of a table hold them."""
        return self.cell(label), probability

    def of_classes(self, answers: Outputs) -> Outputs:
        """Answers as (N, K) probabilities, one for each of `names`, as scikit-learn has them."""
        return answers

    def decided(self, answers: Sequence[Any], truth: NDArray[Any]) -> Outputs:
        """The decisions of another model on N examples, as outputs from which `decide` returns them at one half.

        Args:
            answers: N labels, as the cells of a table hold them.
            truth: targets of the same examples, as they are scored.

        Raises:
            UnusableAnswer: one cannot be used.
        """
        raise NotImplementedError

    def shares(self, decided: Outputs, probabilities: Sequence[Any]) -> Outputs | None:
        """The probability of each of `names`, (N, K); None if they do not follow from what `predict` writes.

        Args:
            decided: what `decided` gave.
            probabilities: of the same N examples, as `cells` gives them.

        Raises:
            UnusableAnswer: one is not a probability, or does not fit its answer.
        """
        return None

    def from_shares(self, shares: Outputs) -> Outputs:
        """(N, K) probabilities, one for each of `names`, as they are scored."""
        return shares

    def explained_score(self, output: Any, threshold: float | None) -> tuple[int, float]:
        """The index of the head's output that an answer depends on, and the factor to multiply it by."""
        return 0, 1.0

    def score_in(self, output: Any, index: int) -> float:
        """The head's output `index` before its activation, recovered from one of `answers`.

        A softmax hides a constant that is added to all outputs: there, it is the output less the mean of all.
        """
        raise NotImplementedError

    @property
    def unit(self) -> float:
        """How large outputs are; computed elsewhere, they may differ by a small share of it."""
        return 1.0

    def portable(self, threshold: float | None) -> dict[str, Any]:
        """What a portable model keeps of the task besides its name and labels."""
        return {"threshold": cut_at(threshold)} if self.picks_threshold else {}

    def golden(self, model: Any, inputs: Any) -> tuple[ShownLabels, Outputs]:
        """The labels and outputs for N inputs that a portable model is checked against.

        Args:
            model: a trained model with the methods `outputs` and `decide`.
            inputs: in the form in which it reads them.
        """
        outputs = model.outputs(inputs)
        return model.decide(outputs)[0], outputs

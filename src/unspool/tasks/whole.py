"""What the tasks have in common that answer with a label, several, or a number for a whole example."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from unspool.evaluation.baselines.simple_models import SimpleModel
from unspool.tasks.base import Outputs, Task


@dataclass(frozen=True)
class WholeTask(Task, ABC):
    """One answer for each example: simple models of it need the targets, and features of the raw examples, alone."""

    @abstractmethod
    def most_frequent(
        self, training: NDArray[Any], validation: NDArray[Any], test: NDArray[Any], measure: str | None = None
    ) -> SimpleModel:
        """The answers of a model that ignores its input, given the targets of the three parts as they are scored.

        Args:
            training: the targets that it is computed from.
            validation: the targets that a threshold is chosen on.
            test: the targets; each gets the same answer.
            measure: the one that the verdict rests on; None for the task's own.
        """

    @abstractmethod
    def fit_linear(self, features: Any, targets: NDArray[Any]) -> Callable[[Any], Outputs]:
        """Fit a linear model to (N, F) features, perhaps sparse, and return what turns features into outputs."""

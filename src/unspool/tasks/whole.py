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
        """What a model says that looks at no input: the targets as they are scored, of the three parts.

        Args:
            training: what it is counted over.
            validation: where a threshold is picked.
            test: for each of which it says the same.
            measure: that the verdict rests on; None for the task's own.
        """

    @abstractmethod
    def fit_linear(self, features: Any, targets: NDArray[Any]) -> Callable[[Any], Outputs]:
        """Fit a linear model to (N, F) features, perhaps sparse, and return what turns features into outputs."""

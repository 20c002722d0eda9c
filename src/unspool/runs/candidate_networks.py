"""A network among models that are compared on the validation examples."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from unspool.candidates.outcome import Tried
from unspool.evaluation.measures.measure import Measure

if TYPE_CHECKING:
    import keras

DIVERGED = "its training diverged"


class TrainedNetwork(NamedTuple):
    """A network that was trained.

    Attributes:
        model: with the weights of its best epoch.
        outputs: for the validation examples.
        seconds: that it took.
        stopped: the epoch after which its training was stopped, as the budget was spent; None if it was not.
    """

    model: "keras.Model"
    outputs: Any
    seconds: float
    stopped: int | None = None

    @property
    def note(self) -> str:
        """What is to be known of its training; empty if there is nothing."""
        if self.stopped is None:
            return ""
        epochs = f"{self.stopped} epoch{'s' * (self.stopped > 1)}"
        return f"training of the network was stopped after {epochs}, as the budget was spent"


def best_of(tried: Sequence[Tried], by: Measure) -> tuple[str, str]:
    """The name of the best, of equal ones the first, and why it is.

    Example:
        >>> from unspool.tasks import Reconstruction
        >>> by = Reconstruction(likelihood="gaussian").measures["mse"]
        >>> best_of([Tried("pca", 0.2, 1.0), Tried("network", 0.1, 9.0)], by)
        ('network', 'its mean squared error on the validation examples is the best')
    """
    reached = {one.name: one.score * (1 if by.higher_is_better else -1) for one in tried if one.score is not None}
    best = max(reached, key=lambda name: np.nan_to_num(reached[name], nan=-np.inf))
    return best, f"its {by.title} on the validation examples is the best" if len(reached) > 1 else ""

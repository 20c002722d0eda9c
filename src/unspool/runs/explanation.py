"""What one prediction for a text rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one prediction rests on.

    Attributes:
        tokens: of a network, as it read them; of another model, what stands between white space in the text.
        weights: for each, how much it speaks for the prediction (against it, where negative): in log-odds for one of
            two labels, in the score before the softmax for one of several, for a number in its unit, or in that of its
            square root or logarithm where the model has learned these.
        error: by how much the weights' sum misses what they should add up to: the score of the text less that of an
            empty one, of a network less that of the same text with all words unknown. Small beside that difference, or
            the weights mean little.
    """

    tokens: tuple[str, ...]
    weights: tuple[float, ...]
    error: float

    @property
    def pairs(self) -> list[dict[str, Any]]:
        """Token and weight side by side, as a cell holds them."""
        return [
            {"token": token, "weight": round(weight, 6)}
            for token, weight in zip(self.tokens, self.weights, strict=True)
        ]


class Attributor(Protocol):
    """Explains the predictions of one model of texts."""

    def explain(self, inputs: Any, outputs: NDArray[np.float64]) -> Iterator[Explanation]:
        """Explain N predictions, one after the other.

        Args:
            inputs: N texts as the model reads them.
            outputs: of the model for them (`TrainedModel.outputs`).
        """

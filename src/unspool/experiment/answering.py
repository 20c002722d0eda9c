"""A model as its checks see it: rectangles of inputs in, one row of numbers each out."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.evaluation.certificate import DECODED_ROUNDING, ROUNDING
from unspool.models.series import present_steps
from unspool.training import predict

Inputs: TypeAlias = Ragged | NDArray[np.float32]
"""N sequences of ids, or N series (N, T, D) with NaN where one has no step."""

Padding = Literal["masked", "read", "none"]


@dataclass(frozen=True, eq=False)
class Answering:
    """What turns inputs into answers.

    Attributes:
        networks: each reads what the one before it gives; an answer is what all of them give, side by side.
        padding: whether the model masks padding, reads it as if it were data, or never sees any.
    """

    networks: tuple[keras.Model, ...]
    padding: Padding

    @property
    def rounding(self) -> float:
        """By how much answers may differ that are computed in another order."""
        return DECODED_ROUNDING if len(self.networks) > 1 else ROUNDING

    @property
    def has_kernels(self) -> bool:
        """Whether a layer of it is recurrent: only these are computed by kernels."""
        layers = (layer for network in self.networks for layer in network._flatten_layers(include_self=False))
        return any(isinstance(layer, keras.layers.RNN) for layer in layers)

    def __call__(self, inputs: Ragged | NDArray[Any], batch_size: int) -> NDArray[np.float32]:
        """N inputs, ids (N, T) or series (N, T, D), to (N, ...) numbers; a Ragged in batches of near length."""
        given: Any = inputs
        found = []
        for network in self.networks:
            if len(network.inputs) > 1 and isinstance(inputs, np.ndarray):
                given = [given, present_steps(inputs)]  # a decoder of series that may have different lengths
            given = predict(network, given, batch_size=batch_size)
            found.append(given.reshape(len(given), -1))
        return np.concatenate(found, axis=1)

    def rectangle(self, inputs: Inputs) -> NDArray[Any]:
        """The inputs as one array: texts padded in front to the model's length, or else to the longest."""
        if not isinstance(inputs, Ragged):
            return inputs
        return pad(inputs, self.networks[0].input_shape[1] or max(1, int(inputs.lengths.max())))

    def of_any_length(self) -> "Answering":
        """The same layers and weights for inputs of any length; for a model of one network."""
        (network,) = self.networks
        one = network.inputs[0]
        free = keras.Input((None, *one.shape[2:]), dtype=one.dtype, name=one.name)
        clone = keras.models.clone_model(network, input_tensors=free)
        clone.set_weights(network.get_weights())
        return Answering((clone,), self.padding)


def masked_or_read(mask_padding: bool) -> Padding:
    """How a model of sequences that may be padded takes the padding, by its description."""
    return "masked" if mask_padding else "read"

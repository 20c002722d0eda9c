"""From the states of all steps to one vector, padding left out."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="unspool")
class MeanMaxPooling1D(keras.layers.Layer):  # type: ignore[misc]
    """The mean and the maximum over the steps that are there, side by side (Howard and Ruder, 2018, section 3.3).

    Keras's own maximum takes no mask: padding would take part in it. Where no step is there, both are 0.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import MeanMaxPooling1D
        >>> x = np.array([[[1.0], [-3.0], [9.0]]], "float32")
        >>> np.asarray(MeanMaxPooling1D()(x, mask=np.array([[True, True, False]]))).tolist()
        [[-1.0, 1.0]]
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """(B, T, D), and which steps are there, (B, T), to (B, 2 D)."""
        if mask is None:
            return ops.concatenate([ops.mean(inputs, axis=1), ops.max(inputs, axis=1)], axis=-1)
        there = ops.expand_dims(mask, -1)
        count = ops.sum(ops.cast(there, inputs.dtype), axis=1)
        mean = ops.sum(ops.where(there, inputs, 0.0), axis=1) / ops.maximum(count, 1.0)
        highest = ops.max(ops.where(there, inputs, -float("inf")), axis=1)
        return ops.concatenate([mean, ops.where(count > 0, highest, 0.0)], axis=-1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """There is no time left to mask."""
        return None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(B, T, D) to (B, 2 D)."""
        return input_shape[0], 2 * input_shape[2]

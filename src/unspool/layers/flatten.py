"""From all steps of a sequence to one vector that holds every number, padding left out."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="unspool")
class FlattenSteps(keras.layers.Layer):  # type: ignore[misc]
    """The differences from a mean sequence, all side by side; 0 where a step is not there.

    The mean is 0 unless weights are set: it is not trained. A step that is not there then counts like one at the mean.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import FlattenSteps
        >>> x = np.array([[[1.0], [-3.0], [9.0]]], "float32")
        >>> np.asarray(FlattenSteps()(x, mask=np.array([[True, True, False]]))).tolist()
        [[1.0, -3.0, 0.0]]
    """

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """The mean, (T, D)."""
        self.mean = self.add_weight(shape=input_shape[1:], initializer="zeros", trainable=False, name="mean")

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """(B, T, D), and which steps are there, (B, T), to (B, T * D)."""
        left = inputs - self.mean
        if mask is not None:
            left = ops.where(ops.expand_dims(mask, -1), left, 0.0)
        return ops.reshape(left, (-1, self.mean.shape[0] * self.mean.shape[1]))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """There is no time left to mask."""
        return None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(B, T, D) to (B, T * D)."""
        return input_shape[0], input_shape[1] * input_shape[2]

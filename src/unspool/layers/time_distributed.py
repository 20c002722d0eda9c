"""A layer at every time step; a Dense layer in one product, where Keras takes one per step."""

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="unspool")
class TimeDistributed(keras.layers.TimeDistributed):  # type: ignore[misc]
    """`keras.layers.TimeDistributed`, faster around a Dense layer: the same arguments, weights, files and results.

    Dense acts on the last axis, so all steps are rows of one matrix product. Every other layer takes Keras's path.

    Example:
        >>> import keras, numpy as np
        >>> from unspool.layers import TimeDistributed
        >>> TimeDistributed(keras.layers.Dense(4))(np.zeros((2, 5, 3), "float32")).shape
        (2, 5, 4)
    """

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """(B, T, ...) to (B, T, ...)."""
        if type(self.layer) is keras.layers.Dense:
            return self.layer.call(inputs)
        return super().call(inputs, training=training, mask=mask)

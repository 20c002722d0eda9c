"""Keras's dropout with a cheaper source of random numbers."""

from typing import Any

import keras

from unspool.kernels.dropout import dropout


@keras.saving.register_keras_serializable(package="unspool")
class Dropout(keras.layers.Dropout):  # type: ignore[misc]
    """`keras.layers.Dropout`, whose mask costs a tenth of the time on a CPU: the same arguments, other random numbers.

    It draws its key from the same seed generator, so a seed reproduces its masks, and no two steps share one.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import Dropout
        >>> y = Dropout(0.5, seed=1)(np.ones((100, 100), "float32"), training=True)
        >>> 0.45 < float((y == 0).mean()) < 0.55
        True
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Drop in training, pass through otherwise."""
        if not training or self.rate == 0:
            return inputs
        if keras.backend.backend() != "jax":
            return super().call(inputs, training=training)
        noise_shape = self.noise_shape
        if noise_shape is not None:
            noise_shape = tuple(n if n is not None else d for n, d in zip(noise_shape, inputs.shape, strict=True))
        return dropout(inputs, self.rate, self.seed_generator.next(), noise_shape)

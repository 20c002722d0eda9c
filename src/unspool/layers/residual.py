"""A residual connection with dropout."""

from typing import Any

import jax.numpy as jnp
import keras

from unspool.kernels.residual import add_dropped
from unspool.layers.dropout import Dropout


@keras.saving.register_keras_serializable(package="unspool")
class ResidualDropout(keras.layers.Layer):  # type: ignore[misc]
    """Adds a sublayer's output to its input, with dropout in training (Vaswani et al., 2017, section 5.4).

    The result is that of `x + Dropout(rate)(branch)`, but a stack of such sums is faster: none is computed twice.

    Args:
        rate: the share of `branch` that is dropped, at least 0 and less than 1.
        seed: of the random numbers.

    Example:
        >>> import numpy as np
        >>> ones = np.ones((2, 3), "float32")
        >>> np.asarray(ResidualDropout(0.5)(ones, ones)).tolist()
        [[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]]
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed
        self.dropout = Dropout(rate, seed=seed, dtype=self.dtype_policy)
        self.supports_masking = True

    def call(self, inputs: Any, branch: Any, training: bool = False) -> Any:
        """Add two arrays (B, ..., D) of the same shape, in training with dropout on `branch`."""
        if not training or keras.backend.backend() != "jax":
            return inputs + self.dropout(branch, training=training)
        key = self.dropout.seed_generator.next() if self.rate else jnp.zeros(2, "uint32")
        return add_dropped(inputs, branch, self.rate, key)

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}

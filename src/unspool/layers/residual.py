"""A residual connection with dropout."""

from typing import Any

import keras
import numpy as np

from unspool.kernels.residual import add_dropped
from unspool.layers.dropout import Dropout


@keras.saving.register_keras_serializable(package="unspool")
class ResidualDropout(Dropout):
    """Adds to an input what a part of the network found, in training with dropout (Vaswani et al., 2017, section 5.4).

    The result is that of `x + Dropout(rate)(branch)`; a stack of such sums takes less time, see `kernels.add_dropped`.

    Example:
        >>> import numpy as np
        >>> ones = np.ones((2, 3), "float32")
        >>> np.asarray(ResidualDropout(0.5)(ones, ones)).tolist()
        [[2.0, 2.0, 2.0], [2.0, 2.0, 2.0]]
    """

    def call(self, inputs: Any, branch: Any, training: bool = False) -> Any:
        """Arrays (B, ..., D) of the same shape to their sum, in training with part of `branch` dropped."""
        if not training or keras.backend.backend() != "jax":
            return inputs + super().call(branch, training=training)
        key = self.seed_generator.next() if self.rate else np.zeros(2, np.uint32)
        return add_dropped(inputs, branch, self.rate, key)

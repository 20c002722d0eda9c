"""The loss of models that write sequences: cross-entropy, perhaps with smoothed labels."""

from typing import Any

import jax.numpy as jnp
import keras
from jax import Array
from jax.nn import logsumexp


@keras.saving.register_keras_serializable(package="unspool")
class SmoothedCrossentropy(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy of ids, where a share of the probability is wanted evenly from all ids (Szegedy et al., 2016).

    A model that is never to be wholly sure of a token translates better (Vaswani et al., 2017, section 5.4).

    Args:
        smoothing: the share, from 0 to below 1.

    Example:
        >>> import numpy as np
        >>> loss = SmoothedCrossentropy(0.1)
        >>> round(float(loss(np.array([[1]]), np.array([[[0.0, 2.0]]], "float32"))), 4)
        0.2269
    """

    def __init__(self, smoothing: float = 0.0, name: str = "smoothed_crossentropy", **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if not 0 <= smoothing < 1:
            raise ValueError(f"smoothing is {smoothing}: it must be from 0 to below 1")
        self.smoothing = smoothing

    def call(self, y_true: Any, y_pred: Any) -> Array:
        """Ids (...) and logits (..., V) to the loss of each, (...)."""
        ids = jnp.asarray(y_true, "int32")
        wanted = jnp.take_along_axis(y_pred, ids[..., None], axis=-1)[..., 0]
        if self.smoothing:
            wanted = (1 - self.smoothing) * wanted + self.smoothing * y_pred.mean(axis=-1)
        return logsumexp(y_pred, axis=-1) - wanted

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {**super().get_config(), "smoothing": self.smoothing}

"""Dropout of whole words."""

from typing import Any

import jax.numpy as jnp
import keras
from keras import ops

from unspool.kernels.dropout import random_bits


@keras.saving.register_keras_serializable(package="unspool")
class TokenDropout(keras.layers.Layer):  # type: ignore[misc]
    """In training, puts the unknown token in the place of a share of the tokens (Dai and Le, 2015, section 2).

    The model learns what an unknown word means, and not to hang on single words.

    Args:
        rate: the share, at least 0 and less than 1.
        unknown: the id that is put in.
        keep_below: ids below this one stay: padding, the start.
        seed: of the random numbers.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import TokenDropout
        >>> dropped = TokenDropout(0.5, seed=1)(np.full((10, 100), 7), training=True)
        >>> 0.4 < float((np.asarray(dropped) == 2).mean()) < 0.6
        True
    """

    def __init__(self, rate: float, unknown: int = 2, keep_below: int = 4, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate is {rate}: it must be at least 0 and less than 1")
        self.rate, self.unknown, self.keep_below, self.seed = rate, unknown, keep_below, seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        """(B, T) ids of any integer type to int32 ids; of (B, T, K) forms, only the first of a word is dropped."""
        ids = ops.cast(inputs, "int32")
        if not training or self.rate == 0:
            return ids
        bits = random_bits(self.seed_generator.next(), ids.shape)
        dropped = ops.logical_and(bits < jnp.uint32(round(self.rate * 2**32)), ids >= self.keep_below)
        if len(ids.shape) == 3:
            dropped = ops.logical_and(dropped, ops.arange(ids.shape[-1]) == 0)
        return ops.where(dropped, self.unknown, ids)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The same."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        own = {"rate": self.rate, "unknown": self.unknown, "keep_below": self.keep_below, "seed": self.seed}
        return {**super().get_config(), **own}

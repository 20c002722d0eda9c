"""Pairs of neighbouring tokens."""

from typing import Any

import jax.numpy as jnp
import keras

from unspool.data.tokenizers.vocabulary import PAD, UNKNOWN


@keras.saving.register_keras_serializable(package="unspool")
class HashedBigrams(keras.layers.Layer):  # type: ignore[misc]
    """Gives each place the number of the pair that its token makes with the one before (Joulin et al., 2017: fastText).

    There are far more pairs than a table has room for, so their numbers are hashed (by MurmurHash3's last steps,
    Appleby, 2011): pairs that share a number share what is learnt of it. A pair with padding or an unknown token in it
    is none, and its number 0, which an embedding with `mask_zero` leaves out.

    Args:
        buckets: how many numbers there are, 0 among them; at least 2.

    Raises:
        ValueError: there are fewer.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import HashedBigrams
        >>> pairs = np.asarray(HashedBigrams(1000)(np.array([[0, 1, 7, 9, 2, 9], [0, 0, 0, 7, 9, 7]], "int32")))
        >>> (pairs > 0).astype(int).tolist(), bool(pairs[0, 3] == pairs[1, 4]), bool(pairs[1, 4] == pairs[1, 5])
        ([[0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1]], True, False)
    """

    def __init__(self, buckets: int, **kwargs: Any):
        super().__init__(**kwargs)
        if buckets < 2:
            raise ValueError(f"buckets is {buckets}: at least 2 are needed")
        self.buckets = buckets

    def call(self, inputs: Any) -> Any:
        """(B, T) ids to (B, T) numbers below `buckets`."""
        right = inputs.astype("int32")
        left = jnp.pad(right[:, :-1], ((0, 0), (1, 0)), constant_values=PAD)
        pair = left.astype("uint32") * jnp.uint32(0x9E3779B1) + right.astype("uint32") * jnp.uint32(0x85EBCA77)
        pair = (pair ^ (pair >> 16)) * jnp.uint32(0x85EBCA6B)
        pair = (pair ^ (pair >> 13)) * jnp.uint32(0xC2B2AE35)
        number = (pair ^ (pair >> 16)) % jnp.uint32(self.buckets - 1)
        known = (left != PAD) & (left != UNKNOWN) & (right != PAD) & (right != UNKNOWN)
        return jnp.where(known, number.astype("int32") + 1, 0)

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {**super().get_config(), "buckets": self.buckets}

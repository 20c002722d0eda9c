"""Attention: a weighted mean over what was read, weighted by how well each step of it answers a query."""

from typing import Any, Literal

import jax.numpy as jnp
import keras
from jax import Array
from keras import ops

from unspool.kernels.attention import attend, masked_softmax, weights_of
from unspool.layers.positions import rotate

KeysValues = tuple[Array, Array]
"""Of the steps that may be looked at: (B, H, S, D / H) each."""


@keras.saving.register_keras_serializable(package="unspool")
class MultiHeadAttention(keras.layers.Layer):  # type: ignore[misc]
    """Scaled dot-product attention in several heads (Vaswani et al., 2017, section 3.2).

    Each head looks with a query of its own at keys of its own, and takes a mean of values of its own:
    softmax(Q K^T / sqrt(d)) V. Keys and values are made apart from the attending, so that a decoder can keep them.

    Args:
        width: D of queries and results, divisible by `heads`.
        heads: H.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import MultiHeadAttention
        >>> attention, x = MultiHeadAttention(8, heads=2), np.ones((3, 5, 8), "float32")
        >>> attention(x, attention.keys_values(x), look=np.ones((3, 1, 5, 5), bool)).shape
        (3, 5, 8)
    """

    def __init__(self, width: int, heads: int, **kwargs: Any):
        super().__init__(**kwargs)
        if width % heads:
            raise ValueError(f"width is {width}, which {heads} heads cannot share evenly")
        self.width, self.heads = width, heads
        self.queries, self.keys, self.values, self.result = (
            keras.layers.Dense(width, name=name, dtype=self.dtype_policy)
            for name in ("queries", "keys", "values", "result")
        )
        self.supports_masking = True

    def keys_values(self, memory: Any, places: Any = None) -> KeysValues:
        """What queries look at: (B, S, D), and for rotary positions their places (B, S), to keys and values."""
        return self._heads(self.keys(memory), places), self._heads(self.values(memory))

    def call(self, inputs: Any, memory: KeysValues, look: Any, places: Any = None) -> Any:
        """Attend.

        Args:
            inputs: (B, T, D), from which the queries are made.
            memory: keys and values of S steps.
            look: which step may look at which, booleans that broadcast to (B, H, T, S).
            places: (B, T) of the queries, for rotary positions.

        Returns:
            (B, T, D).
        """
        return self.result(attend(self._heads(self.queries(inputs), places), *memory, look))

    def weights_of(self, inputs: Any, keys: Array, look: Any, places: Any = None) -> Array:
        """What each query takes of each step, (B, H, T, S); arguments as in `call`, of `memory` the keys alone."""
        return weights_of(self._heads(self.queries(inputs), places), keys, look)

    def _heads(self, x: Any, places: Any = None) -> Array:
        """(B, T, D) to (B, H, T, D / H), rotated where places (B, T) are given."""
        x = jnp.reshape(x, (*x.shape[:2], self.heads, -1))
        return jnp.swapaxes(x if places is None else rotate(x, places), 1, 2)

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {**super().get_config(), "width": self.width, "heads": self.heads}


Score = Literal["additive", "dot"]


@keras.saving.register_keras_serializable(package="unspool")
class Attention(keras.layers.Layer):  # type: ignore[misc]
    """Attention of a recurrent decoder: v tanh(W q + U m) (Bahdanau et al., 2015) or q U m (Luong et al., 2015).

    Args:
        units: D of the queries.
        score: "additive" or "dot".

    Example:
        >>> import numpy as np
        >>> from unspool.layers import Attention
        >>> attention, memory = Attention(4), np.ones((2, 5, 3), "float32")
        >>> context = attention(np.ones((2, 6, 4), "float32"), memory, attention.keys(memory), np.ones((2, 5), bool))
        >>> context.shape
        (2, 6, 3)
    """

    def __init__(self, units: int, score: Score = "additive", **kwargs: Any):
        super().__init__(**kwargs)
        if score not in ("additive", "dot"):
            raise ValueError(f'score is {score!r}: it must be "additive" or "dot"')
        self.units, self.score = units, score
        self.keys = keras.layers.Dense(units, use_bias=False, name="keys", dtype=self.dtype_policy)
        self.supports_masking = True
        if score == "additive":
            self.query = keras.layers.Dense(units, name="query", dtype=self.dtype_policy)
            self.sum = keras.layers.Dense(1, use_bias=False, name="sum", dtype=self.dtype_policy)

    def call(self, inputs: Any, memory: Any, keys: Any, present: Any) -> Any:
        """Queries (B, T, D), memory (B, S, M), its keys (B, S, D), and which of its steps are there, to (B, T, M)."""
        return jnp.einsum("bts,bsm->btm", self.weights_of(inputs, keys, present), memory)

    def weights_of(self, queries: Any, keys: Any, present: Any) -> Array:
        """What each query takes of each step: (B, T, S), rows that sum to 1."""
        if self.score == "additive":
            sums = jnp.tanh(self.query(queries)[:, :, None] + keys[:, None])
            scores = ops.squeeze(self.sum(sums), -1)
        else:
            scores = jnp.einsum("btd,bsd->bts", queries, keys)
        return masked_softmax(scores, present[:, None])

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        return {**super().get_config(), "units": self.units, "score": self.score}

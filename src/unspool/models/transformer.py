"""The Transformer: sequences read and written by attention alone (Vaswani et al., 2017)."""

import math
from typing import Any

import jax.numpy as jnp
import keras
from jax import Array, lax

from unspool import layers
from unspool.descriptions.inputs import Tokens
from unspool.descriptions.networks import Transformer
from unspool.layers.attention import KeysValues, MultiHeadAttention
from unspool.layers.positions import places_of, sinusoids
from unspool.models.encoding_decoding import PAD, Memory, SequenceToSequence, State


def transformer(config: Transformer, source: Tokens, target: Tokens) -> "TransformerModel":
    """Build the Keras model of a description.

    Args:
        config: the description.
        source: the ids that are read.
        target: the ids that are written.

    Returns:
        A model of (sources (B, S), targets (B, T)) to logits (B, T, target.size), which `decode` can search.

    Example:
        >>> import numpy as np
        >>> model = transformer(Transformer(layers=1, width=8, heads=2), Tokens(20), Tokens(30))
        >>> model((np.ones((2, 5), "int32"), np.ones((2, 7), "int32"))).shape
        (2, 7, 30)
    """
    model = TransformerModel(config, source.size, target.size)
    model.build()
    return model


class Block(keras.layers.Layer):  # type: ignore[misc]
    """Attention to one's own sequence, in a decoder also to what was read, then two Dense layers at each step.

    Each part reads its input normalised and adds to it what it finds ("pre-norm", Xiong et al., 2020).
    """

    def __init__(self, config: Transformer, reads_memory: bool, **kwargs: Any):
        super().__init__(**kwargs)
        dtype = self.dtype_policy
        self.attention = MultiHeadAttention(config.width, config.heads, dtype=dtype)
        if reads_memory:
            self.to_memory = MultiHeadAttention(config.width, config.heads, dtype=dtype)
        self.hidden = keras.layers.Dense(config.feed_forward, "relu", dtype=dtype)
        self.result = keras.layers.Dense(config.width, dtype=dtype)
        norms = 3 if reads_memory else 2
        self.norms = [keras.layers.LayerNormalization(epsilon=1e-6, dtype=dtype) for _ in range(norms)]
        self.add = layers.ResidualDropout(config.dropout, dtype=dtype)

    def call(
        self,
        inputs: Array,
        look: Array,
        places: Array | None = None,
        memory: tuple[KeysValues, Array] | None = None,
        cache: tuple[KeysValues, Array] | None = None,
        training: bool = False,
    ) -> tuple[Array, KeysValues]:
        """Run the block.

        Args:
            inputs: (B, T, D).
            look: which step may look at which, booleans that broadcast to (B, H, T, S).
            places: (B, T), of rotary positions.
            memory: keys and values of what was read, and which of them may be looked at, likewise.
            cache: keys and values of the steps before, and how many these are: those of `inputs` go behind them.
            training: whether dropout acts.

        Returns:
            (B, T, D), and the keys and values that the attention looked at.
        """
        x = self.norms[0](inputs)
        keys_values = self.attention.keys_values(x, places)
        if cache is not None:
            kept, count = cache
            pairs = zip(kept, keys_values, strict=True)
            keys, values = (lax.dynamic_update_slice_in_dim(old, new, count, axis=2) for old, new in pairs)
            keys_values = keys, values
        found = self.attention(x, keys_values, look, places)
        x = self.add(inputs, found, training=training)
        if memory is not None:
            found = self.to_memory(self.norms[1](x), *memory)
            x = self.add(x, found, training=training)
        found = self.result(self.hidden(self.norms[-1](x)))
        return self.add(x, found, training=training), keys_values

    def memory_weights(
        self, inputs: Array, look: Array, places: Array | None, memory: tuple[KeysValues, Array]
    ) -> Array:
        """How much each step takes of each step of what was read, (B, H, T, S); arguments as in `call`."""
        x = self.norms[0](inputs)
        x = inputs + self.attention(x, self.attention.keys_values(x, places), look, places)
        (keys, _), present = memory
        return self.to_memory.weights_of(self.norms[1](x), keys, present)


@keras.saving.register_keras_serializable(package="unspool")
class TransformerModel(SequenceToSequence):
    """See `transformer`."""

    def __init__(self, config: Transformer | dict[str, Any], source_size: int, target_size: int, **kwargs: Any):
        config = Transformer(**config) if isinstance(config, dict) else config
        super().__init__(config, source_size, target_size, config.width, config.shared, config.tied, **kwargs)
        dtype = self.dtype_policy
        self.encoder = [Block(config, False, name=f"encoder_{n}", dtype=dtype) for n in range(config.layers)]
        self.decoder = [Block(config, True, name=f"decoder_{n}", dtype=dtype) for n in range(config.layers)]
        self.encoder_norm, self.decoder_norm = (
            keras.layers.LayerNormalization(epsilon=1e-6, dtype=dtype) for _ in range(2)
        )
        self.dropout = layers.Dropout(config.dropout, dtype=dtype)

    def encode(self, source: Array, training: bool = False) -> Memory:
        """(B, S) ids to the keys and values that each decoder block looks at, and which of them are there."""
        present = source != PAD
        places = places_of(present)
        x = self._embedded(self.source_embedding, source, places, training)
        look = present[:, None, None]
        for block in self.encoder:
            x, _ = block(x, look, self._rotary(places), training=training)
        x = self.encoder_norm(x)
        return {"present": present, "keys_values": [block.to_memory.keys_values(x) for block in self.decoder]}

    def hidden(self, memory: Memory, target: Array, training: bool = False) -> Array:
        """(B, T) ids to (B, T, width): each step looks at those before it and at itself."""
        places, look = _looking_back(target)
        x = self._embedded(self.target_embedding, target, places, training)
        for block, read in zip(self.decoder, self._read(memory), strict=True):
            x, _ = block(x, look, self._rotary(places), read, training=training)
        normalised: Array = self.decoder_norm(x)
        return normalised

    def memory_weights(self, memory: Memory, target: Array) -> Array:
        """(B, T) ids to what each step takes of each source step, (B, T, S): the mean over blocks and heads."""
        places, look = _looking_back(target)
        x = self._embedded(self.target_embedding, target, places, training=False)
        found = []
        for block, read in zip(self.decoder, self._read(memory), strict=True):
            found.append(block.memory_weights(x, look, self._rotary(places), read).mean(axis=1))
            x, _ = block(x, look, self._rotary(places), read)
        return jnp.stack(found).mean(axis=0)

    def start(self, memory: Memory, steps: int) -> State:
        """Room for the keys and values of as many steps."""
        keys, _ = memory["keys_values"][0]
        rows, heads, _, width = keys.shape
        empty = jnp.zeros((rows, heads, steps, width), keys.dtype)
        return {"count": jnp.zeros(rows, "int32"), "keys_values": [(empty, empty) for _ in self.decoder]}

    def grown(self, state: State, steps: int) -> State:
        """The same keys and values, with room behind them."""

        def longer(kept: Array) -> Array:
            return jnp.pad(kept, ((0, 0), (0, 0), (0, steps - kept.shape[2]), (0, 0)))

        return {**state, "keys_values": [(longer(keys), longer(values)) for keys, values in state["keys_values"]]}

    def step(self, memory: Memory, state: State, token: Array) -> tuple[Array, State]:
        """(B,) ids to logits (B, V): one row of what `decode` computes, from keys and values that were kept."""
        places = state["count"][:, None]
        count = state["count"][0]  # of all rows alike
        x = self._embedded(self.target_embedding, token[:, None], places, training=False)
        steps = state["keys_values"][0][0].shape[2]
        look = jnp.arange(steps) <= count
        kept = []
        for block, read, cache in zip(self.decoder, self._read(memory), state["keys_values"], strict=True):
            x, keys_values = block(x, look, self._rotary(places), read, (cache, count))
            kept.append(keys_values)
        return self.logits(self.decoder_norm(x))[:, 0], {"count": state["count"] + 1, "keys_values": kept}

    def _read(self, memory: Memory) -> list[tuple[KeysValues, Array]]:
        look = memory["present"][:, None, None]
        return [(keys_values, look) for keys_values in memory["keys_values"]]

    def _embedded(self, embedding: Any, ids: Array, places: Array, training: bool) -> Array:
        x: Array = embedding(ids) * math.sqrt(self.width)
        if self.config.positions == "sinusoidal":
            x = x + sinusoids(places, self.width)
        dropped: Array = self.dropout(x, training=training)
        return dropped

    def _rotary(self, places: Array) -> Array | None:
        return places if self.config.positions == "rotary" else None


def _looking_back(target: Array) -> tuple[Array, Array]:
    """(B, T) ids to their places, (B, T), and which step may look at which: at itself and those before it."""
    present = target != PAD
    before = jnp.tril(jnp.ones((target.shape[1], target.shape[1]), bool))
    return places_of(present), before & present[:, None, None]

"""A recurrent encoder and a recurrent decoder that attends to it (Bahdanau et al., 2015; Luong et al., 2015)."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
from jax import Array, lax

from unspool import layers
from unspool.descriptions.inputs import Steps, Tokens
from unspool.descriptions.networks import EncoderDecoder
from unspool.layers.attention import Attention
from unspool.models.encoding_decoding import PAD, Memory, SequenceToSequence, State
from unspool.models.recurrent import CELLS


def encoder_decoder(config: EncoderDecoder, source: Tokens | Steps, target: Tokens) -> "EncoderDecoderModel":
    """Build the Keras model of a description.

    Args:
        config: the description.
        source: the ids, or the series, that are read.
        target: the ids that are written.

    Returns:
        A model of (sources (B, S) or (B, S, features), targets (B, T)) to logits (B, T, target.size), which `decode`
        can search.

    Example:
        >>> import numpy as np
        >>> model = encoder_decoder(EncoderDecoder(units=8, width=6), Tokens(20), Tokens(30))
        >>> model((np.ones((2, 5), "int32"), np.ones((2, 7), "int32"))).shape
        (2, 7, 30)
    """
    if isinstance(source, Steps):
        model = EncoderDecoderModel(config, 0, target.size, features=source.features)
    else:
        model = EncoderDecoderModel(config, source.size, target.size)
    model.build()
    return model


@keras.saving.register_keras_serializable(package="unspool")
class EncoderDecoderModel(SequenceToSequence):
    """See `encoder_decoder`."""

    def __init__(self, config: EncoderDecoder | dict[str, Any], source_size: int, target_size: int, **kwargs: Any):
        config = EncoderDecoder(**config) if isinstance(config, dict) else config
        super().__init__(config, source_size, target_size, config.width, config.shared, config.tied, **kwargs)
        cell, numbers, dtype = CELLS[config.cell], range(config.layers), self.dtype_policy
        self.encoder = [
            layers.Bidirectional(
                cell(config.units, return_sequences=True, return_state=True, dtype=dtype),
                name=f"encoder_{number}",
                dtype=dtype,
            )
            for number in numbers
        ]
        self.decoder = [
            cell(config.units, return_sequences=True, name=f"decoder_{number}", dtype=dtype) for number in numbers
        ]
        count = 2 if config.cell == "lstm" else 1
        self.first_states = [
            [keras.layers.Dense(config.units, "tanh", name=f"first_{number}_{n}", dtype=dtype) for n in range(count)]
            for number in numbers
        ]
        self.attention = Attention(config.units, config.attention, dtype=dtype)
        self.found = keras.layers.Dense(config.width, "tanh", name="found", dtype=dtype)
        self.dropout = layers.Dropout(config.dropout, dtype=dtype)

    def encode(self, source: Array, training: bool = False) -> Memory:
        """Sources to the encoder's states at all steps, their keys, and the decoder's first states."""
        present, x = self.read(source)
        x = self.dropout(x, training=training)
        first = []
        for layer, denses in zip(self.encoder, self.first_states, strict=True):
            x, *ends = layer(x, mask=present, training=training)
            half = len(ends) // 2  # forward's h (and c), then backward's
            pairs = zip(ends[:half], ends[half:], denses, strict=True)
            first.append([dense(jnp.concatenate([f, b], axis=-1)) for f, b, dense in pairs])
            x = self.dropout(x, training=training)
        return {"present": present, "values": x, "keys": self.attention.keys(x), "first": first}

    def hidden(self, memory: Memory, target: Array, training: bool = False) -> Array:
        """(B, T) ids to (B, T, width)."""
        present = target != PAD
        x = self.dropout(self.target_embedding(target), training=training)
        if self.config.input_feeding:
            found = self._fed(memory, x, present)
        else:
            found = self._attend(memory, self._states(memory, x, present, training))
        dropped: Array = self.dropout(found, training=training)
        return dropped

    def memory_weights(self, memory: Memory, target: Array) -> Array | None:
        """(B, T) ids to what each step takes of each source step, (B, T, S); None with `input_feeding`."""
        if self.config.input_feeding:
            return None
        states = self._states(memory, self.target_embedding(target), target != PAD, training=False)
        return self.attention.weights_of(states, memory["keys"], memory["present"])

    def _states(self, memory: Memory, x: Array, present: Array, training: bool) -> Array:
        """The decoder's states at all steps, from embeddings (B, T, width)."""
        for layer, first in zip(self.decoder, memory["first"], strict=True):
            # Handed over by name: Keras forgets the mask of a layer that is given a state.
            x = self.dropout(layer(x, initial_state=first, mask=present, training=training), training=training)
        return x

    def start(self, memory: Memory, steps: int) -> State:
        """The decoder's first states, and nothing found yet."""
        rows = memory["present"].shape[0]
        return {"states": memory["first"], "found": jnp.zeros((rows, self.width), memory["values"].dtype)}

    def step(self, memory: Memory, state: State, token: Array) -> tuple[Array, State]:
        """(B,) ids to logits (B, V)."""
        found, state = self._step(memory, state, self.target_embedding(token))
        return self.logits(found), state

    def _step(self, memory: Memory, state: State, x: Array) -> tuple[Array, State]:
        """One step from its embedding (B, width)."""
        if self.config.input_feeding:
            x = jnp.concatenate([x, state["found"]], axis=-1)
        states = []
        for layer, before in zip(self.decoder, state["states"], strict=True):
            x, after = layer.cell(x, before)
            states.append(list(after) if isinstance(after, list | tuple) else [after])
        found = self._attend(memory, x[:, None])[:, 0]
        return found, {"states": states, "found": found}

    def _fed(self, memory: Memory, x: Array, present: Array) -> Array:
        """All steps, one after the other: (B, T, width) to the same; a step that is not there changes nothing."""

        def one(state: State, now: tuple[Array, Array]) -> tuple[State, Array]:
            embedded, there = now
            found, after = self._step(memory, state, embedded)
            return _where(there, after, state), found

        state = self.start(memory, x.shape[1])
        if not self.decoder[0].built:
            self._step(memory, state, x[:, 0])
        _, found = lax.scan(one, state, (jnp.swapaxes(x, 0, 1), jnp.swapaxes(present, 0, 1)))
        return jnp.swapaxes(found, 0, 1)

    def _attend(self, memory: Memory, states: Array) -> Array:
        """The decoder's states (B, T, units) to what it makes of them and of what it looks at: (B, T, width)."""
        context = self.attention(states, memory["values"], memory["keys"], memory["present"])
        found: Array = self.found(jnp.concatenate([context, states], axis=-1))
        return found


def _where(there: Array, after: State, before: State) -> State:
    return jax.tree.map(lambda new, old: jnp.where(there[:, None], new, old), after, before)

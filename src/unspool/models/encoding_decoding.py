"""What models that turn one sequence of tokens into another have in common, and what a search needs of them."""

from dataclasses import asdict
from typing import Any, Protocol

import jax.numpy as jnp
import keras
from jax import Array
from keras import ops

from unspool import layers
from unspool.keras_internals import compiled_loss
from unspool.models.label_smoothing import SmoothedCrossentropy

PAD = 0

Memory = Any
"""Nested arrays (B, ...): what was read, which never changes while an answer is written."""

State = Any
"""Nested arrays (B, ...): what was written so far."""


class Decodes(Protocol):
    """What a search needs of a model, whatever its architecture. Ids are from 1 on; 0 is padding."""

    def encode(self, source: Array, training: bool = False) -> Memory:
        """Read sources, (B, S) ids."""
        ...

    def start(self, memory: Memory, steps: int) -> State:
        """The state before the first token, with room for so many steps."""
        ...

    def grown(self, state: State, steps: int) -> State:
        """The same state with room for more steps."""
        ...

    def step(self, memory: Memory, state: State, token: Array) -> tuple[Array, State]:
        """Write one token, (B,) ids: the logits of the next, (B, V), and the state after it."""
        ...

    def decode(self, memory: Memory, target: Array, training: bool = False) -> Array:
        """Write whole targets, (B, T) ids, at once: the logits of what follows each token, (B, T, V)."""
        ...


class SequenceToSequence(keras.Model):  # type: ignore[misc]
    """A Keras model of (sources, targets) to logits, which is `Decodes` too.

    The targets that it reads begin with a start token; what it is to say in each step is the next one (teacher
    forcing).

    Args:
        config: its description.
        source_size: ids of a source are smaller.
        target_size: those of a target.
        width: of an embedding.
        shared: whether targets are of the sources' vocabulary, its first `target_size` ids, with one embedding.
        tied: whether the logits are products with the target's embedding (Press and Wolf, 2017).
        features: numbers of each step of a source that is a series, NaN beyond its end; 0 for sources of ids.
    """

    def __init__(
        self,
        config: Any,
        source_size: int,
        target_size: int,
        width: int,
        shared: bool,
        tied: bool,
        features: int = 0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if shared and (features or source_size < target_size):
            raise ValueError(f"a shared vocabulary of {source_size} ids has no {target_size} to write")
        self.config, self.source_size, self.target_size, self.width = config, source_size, target_size, width
        self.features = features
        initial = keras.initializers.RandomNormal(stddev=width**-0.5)
        read_back, dtype = source_size if shared else target_size, self.dtype_policy
        self.target_embedding = layers.Embedding(read_back, width, initial, name="target_embedding", dtype=dtype)
        if features:
            self.source_embedding = keras.layers.Dense(width, name="source_embedding", dtype=dtype)
        elif shared:
            self.source_embedding = self.target_embedding
        else:
            self.source_embedding = layers.Embedding(source_size, width, initial, name="source_embedding", dtype=dtype)
        self.head = None if tied else keras.layers.Dense(target_size, name="head", dtype=dtype)
        self._last_hidden: Array | None = None
        """What the loss of the same step is computed from."""

    def call(self, inputs: Any, training: bool = False) -> Array:
        """Sources (B, S) and targets (B, T) to the logits of what follows each step of the targets, (B, T, V)."""
        source, target = inputs
        self._last_hidden = self.hidden(self.encode(source, training=training), target, training=training)
        return self.logits(self._last_hidden)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Array:
        """Keras's loss; that of `SmoothedCrossentropy` without the whole logits, see `output_loss`.

        The logits `y_pred` of the same step are then never computed, unless a metric asks for them. Steps whose answer
        is an id that the model cannot write count nothing.
        """
        hidden, self._last_hidden = self._last_hidden, None
        loss = compiled_loss(self)
        reduction = getattr(self.loss, "reduction", None)
        covered = isinstance(self.loss, SmoothedCrossentropy) and reduction not in (None, "none")
        if hidden is None or not covered or not loss.built:
            found: Array = super().compute_loss(x, y, y_pred, sample_weight, training)
            return found
        ids = jnp.asarray(y, "int32").reshape(-1)
        weights = jnp.ones(y.shape) if sample_weight is None else jnp.broadcast_to(sample_weight, y.shape)
        can_be_written = jnp.where(ids < self.target_size, weights.reshape(-1), 0)
        rows, *output = (jnp.asarray(one, "float32") for one in (hidden.reshape(len(ids), -1), *self._output()))
        total = layers.output_loss(rows, layers.LastLayer(*output), ids, can_be_written, self.loss.smoothing)
        if reduction == "sum":
            return total
        mean: Array = ops.divide_no_nan(total, weights.sum() if reduction == "mean_with_sample_weight" else len(ids))
        return mean

    def encode(self, source: Array, training: bool = False) -> Memory:
        """See `Decodes`."""
        raise NotImplementedError

    def decode(self, memory: Memory, target: Array, training: bool = False) -> Array:
        """See `Decodes`."""
        return self.logits(self.hidden(memory, target, training=training))

    def grown(self, state: State, steps: int) -> State:
        """See `Decodes`; a state that is as large after many steps as before the first need not grow."""
        return state

    def hidden(self, memory: Memory, target: Array, training: bool = False) -> Array:
        """(B, T) ids to what the last layer makes the logits of, (B, T, width)."""
        raise NotImplementedError

    def memory_weights(self, memory: Memory, target: Array) -> Array | None:
        """How much each step of a target, (B, T) ids, takes of each step of its source: (B, T, S), or None."""
        return None

    def build(self, input_shape: Any = None) -> None:
        """Make the weights: their shapes do not depend on the lengths of what is read."""
        self.built = True
        source = keras.KerasTensor((1, 2, self.features)) if self.features else keras.KerasTensor((1, 2), "int32")
        self((source, keras.KerasTensor((1, 2), "int32")))

    def read(self, source: Array) -> tuple[Array, Array]:
        """Sources, ids (B, S) or numbers (B, S, features), to which of their steps are there and what these become.

        Returns:
            (B, S) booleans, and (B, S, width).
        """
        if not self.features:
            return source != PAD, self.source_embedding(source)
        missing = jnp.isnan(source)
        return ~missing.all(axis=-1), self.source_embedding(jnp.where(missing, 0.0, source))

    def logits(self, x: Array) -> Array:
        """(..., width) to (..., V)."""
        if self.head is not None:
            found: Array = self.head(x)
            return found
        return x @ self._output().table.T

    def _output(self) -> layers.LastLayer:
        """The last layer."""
        if self.head is not None:
            return layers.LastLayer(jnp.asarray(self.head.kernel).T, jnp.asarray(self.head.bias))
        return layers.LastLayer(
            jnp.asarray(self.target_embedding.embeddings)[: self.target_size], jnp.zeros(self.target_size)
        )

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes, the description as its fields."""
        sizes = {"source_size": self.source_size, "target_size": self.target_size}
        sizes |= {"features": self.features} if self.features else {}
        dtype = keras.dtype_policies.serialize(self.dtype_policy)
        return {"config": asdict(self.config), **sizes, "name": self.name, "dtype": dtype}

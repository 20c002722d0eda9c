"""What models that turn one sequence of tokens into another have in common, and what a search needs of them."""

from dataclasses import asdict
from typing import Any, Protocol

import jax.numpy as jnp
import keras
from jax import Array

from unspool import layers

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
        """The state before the first token; `steps` is how many there will be at most."""
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
        shared: whether sources and targets have one vocabulary, and one embedding.
        tied: whether the logits are products with the target's embedding (Press and Wolf, 2017).
    """

    def __init__(
        self, config: Any, source_size: int, target_size: int, width: int, shared: bool, tied: bool, **kwargs: Any
    ):
        super().__init__(**kwargs)
        if shared and source_size != target_size:
            raise ValueError(f"a shared vocabulary has one size, not {source_size} and {target_size}")
        self.config, self.source_size, self.target_size, self.width = config, source_size, target_size, width
        initial = keras.initializers.RandomNormal(stddev=width**-0.5)
        self.target_embedding = layers.Embedding(target_size, width, initial, name="target_embedding")
        self.source_embedding = (
            self.target_embedding if shared else layers.Embedding(source_size, width, initial, name="source_embedding")
        )
        self.head = None if tied else keras.layers.Dense(target_size, name="head")

    def call(self, inputs: Any, training: bool = False) -> Array:
        """Sources (B, S) and targets (B, T) to the logits of what follows each step of the targets, (B, T, V)."""
        source, target = inputs
        return self.decode(self.encode(source, training=training), target, training=training)

    def encode(self, source: Array, training: bool = False) -> Memory:
        """See `Decodes`."""
        raise NotImplementedError

    def decode(self, memory: Memory, target: Array, training: bool = False) -> Array:
        """See `Decodes`."""
        raise NotImplementedError

    def memory_weights(self, memory: Memory, target: Array) -> Array | None:
        """How much each step of a target, (B, T) ids, takes of each step of its source: (B, T, S), or None."""
        return None

    def build(self, input_shape: Any = None) -> None:
        """Make the weights: their shapes do not depend on the lengths of what is read."""
        self.built = True
        self((keras.KerasTensor((1, 2), "int32"), keras.KerasTensor((1, 2), "int32")))

    def logits(self, x: Array) -> Array:
        """(..., width) to (..., V)."""
        if self.head is not None:
            found: Array = self.head(x)
            return found
        return x @ jnp.transpose(jnp.asarray(self.target_embedding.embeddings))

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes, the description as its fields."""
        sizes = {"source_size": self.source_size, "target_size": self.target_size}
        return {"config": asdict(self.config), **sizes, "name": self.name}

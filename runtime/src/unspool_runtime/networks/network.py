"""A network as a list of layers, each reading what the one before it gives."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.networks.layers import Forms, Recurrent, Shape, read_layer
from unspool_runtime.networks.program import Program, Steps
from unspool_runtime.networks.recurrent import Floats32, State
from unspool_runtime.node import Node

Batches = Iterator[tuple[NDArray[np.int64], Steps]]
"""Which of N examples, and what a network takes of them."""


class Network:
    """Layers, one after the other.

    Args:
        node: its "layers".
        width: numbers that a step of the input has; for tokens 0.
        of_vectors: whether it reads one vector for an example, not a sequence.

    Attributes:
        width: numbers that the last layer gives.
        tokens: how many tokens it knows; 0 where it reads numbers.
        times: steps that it makes of a vector; 0 where it reads sequences.
        flattened: steps that it reads at most, as it flattens them; 0 where it reads any number.
        gives_sequences: whether it answers at every step that it reads, not once.
        reads_forms: whether its tokens are forms of words.
    """

    def __init__(self, node: Node, width: int, of_vectors: bool = False):
        node.choice("kind", "network")
        shape = Shape(width, not of_vectors)
        layers = [read_layer(one, shape) for one in node.nodes("layers")]
        self._forms = next((one for one in layers[:1] if isinstance(one, Forms)), None)
        self._layers = layers[1:] if self._forms else layers
        if shape.waiting or shape.embedded or not shape.width:
            raise node.wrong("the layers do not fit each other")
        if shape.times and shape.sequence and not of_vectors:
            raise node.wrong("its steps are not those that it reads")
        self.width, self.tokens, self.times = shape.width, shape.tokens, shape.times
        self.flattened = shape.flattened
        self._pools, self._input = shape.pools, self._forms.width if self._forms else width
        self.gives_sequences, self.reads_forms = shape.sequence, shape.reads_forms

    @cached_property
    def program(self) -> Program | None:
        """All layers in one native call; None where NumPy computes."""
        return Program.of(self._layers, self._input)

    def __call__(self, steps: Steps) -> Floats32:
        """(B, ...) what the last layer gives."""
        if self._forms:
            steps = self._forms(steps)
        if self.program is not None:
            return self.program(steps)
        for layer in self._layers:
            steps = layer(steps)
        return steps.values

    def of_text(self, words: bytes, text: Any) -> Floats32 | None:
        """(1, K) of one text in ASCII, read by native code: see `Vocabulary.packed`. None of what it does not read."""
        program = self.program
        if program is None or not program.gives_vectors or not isinstance(text, str) or not text.isascii():
            return None
        return program.of_text(words, text)

    @property
    def streams(self) -> bool:
        """Whether it can read step by step: nothing looks ahead, and nothing is pooled over all steps."""
        recurrent = [layer for layer in self._layers if isinstance(layer, Recurrent)]
        pooled = self.times or self.flattened or self._pools
        return bool(recurrent) and not pooled and all(len(layer.directions) == 1 for layer in recurrent)

    def start(self, batch: int) -> list[State]:
        """The state of each recurrent layer before the first step."""
        units = [layer.directions[0].units for layer in self._layers if isinstance(layer, Recurrent)]
        return [(np.zeros((batch, size), np.float32), np.zeros((batch, size), np.float32)) for size in units]

    def step(self, values: Floats32, states: list[State]) -> tuple[Floats32, list[State]]:
        """Read one step more, (B, 1, D): what the last layer gives, and the states after it."""
        steps, after = Steps(values), list[State]()
        for layer in self._layers:
            if isinstance(layer, Recurrent):
                steps, state = layer.step(steps, states[len(after)])
                after.append(state)
            else:
                steps = layer(steps)
        return steps.values, after

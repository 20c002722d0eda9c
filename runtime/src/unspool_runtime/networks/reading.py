"""A network behind its reader."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.networks.network import Batches, Network
from unspool_runtime.node import Node


class Reader(Protocol):
    """What a network needs of its reader: see `unspool_runtime.readers`."""

    reads: str
    tokens: int
    width: int

    @property
    def words(self) -> bytes | None:
        """How native code reads its texts; None where it does not."""

    def batches(self, examples: list[Any]) -> Batches:
        """All examples, some at a time: which they are, and what the network takes."""


def checked_network(node: Node, reader: Reader) -> Network:
    """A network that reads what a reader gives.

    Raises:
        ModelError: it does not.
    """
    network = Network(node, reader.width)
    fits = network.tokens >= reader.tokens and bool(network.tokens) == bool(reader.tokens)
    if network.flattened not in (0, getattr(reader, "length", 0)):
        raise node.wrong(f"it reads {network.flattened:,} steps, and its reader gives another number")
    if not fits or network.reads_forms != (reader.reads == "words"):
        raise node.wrong("it does not read what its reader gives")
    return network


def computed(network: Network, reader: Reader, examples: list[Any]) -> NDArray[np.float32]:
    """What a network gives for N examples, (N, ...), in their order."""
    found = None
    if len(examples) == 1 and reader.words is not None:
        found = network.of_text(reader.words, examples[0])
    if found is not None:
        return found
    for places, steps in reader.batches(examples):
        some = network(steps)
        if len(examples) == 1:
            return some
        if found is None:
            found = np.empty((len(examples), *some.shape[1:]), np.float32)
        found[places] = some
    return np.zeros((0, network.width), np.float32) if found is None else found

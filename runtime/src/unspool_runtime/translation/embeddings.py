"""What a model that writes reads its sources by, and reads and writes its answers by."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from unspool_runtime.networks.dense import Dense, Floats32, read_dense
from unspool_runtime.node import Node

MOST_WIDTH = 1 << 14


@dataclass(frozen=True, eq=False, kw_only=True)
class Embeddings:
    """The outer layers, W numbers wide.

    Attributes:
        source_embedding: (S, W), of the ids of a source.
        target_embedding: (V, W), of the ids of an answer.
        frames: (F, W), by which the steps of a series become what ids are otherwise; None where sources are ids.
        head: (W, V), or None: logits are products with the target's embedding.
    """

    source_embedding: Floats32
    target_embedding: Floats32
    frames: Dense | None = field(repr=False, default=None)
    head: Dense | None = field(repr=False, default=None)

    @cached_property
    def output(self) -> Dense:
        """The last layer."""
        tied = {"kernel": self.target_embedding.T, "bias": np.zeros(len(self.target_embedding), np.float32)}
        return self.head or tied

    @classmethod
    def of(cls, node: Node, features: int = 0) -> "Embeddings":
        """Read those of a description's "model".

        Args:
            node: the model.
            features: numbers of a step, where it reads series.

        Raises:
            ModelError: they are damaged.
        """
        size = node.whole("target_size", 2, 1 << 31)
        if features:
            target = node.array("target_embedding", np.float32, size, None)
            source, frames = np.zeros((0, target.shape[1]), np.float32), node.node("frames")
        else:
            source, frames = node.array("source_embedding", np.float32, None, None), None
            if len(source) < 2:
                raise node.wrong("there are no ids")
            shared = not node.has("target_embedding")
            target = source[:size] if shared else node.array("target_embedding", np.float32, size, source.shape[1])
            if len(target) != size:
                raise node.wrong(f"the source's ids are fewer than the {size} that are written")
        width = target.shape[1]
        if not 0 < width <= MOST_WIDTH:
            raise node.wrong("the vectors of ids are too wide")
        return cls(
            source_embedding=source,
            target_embedding=target,
            frames=read_dense(frames, features, width) if frames else None,
            head=read_dense(node.node("head"), width, size) if node.has("head") else None,
        )

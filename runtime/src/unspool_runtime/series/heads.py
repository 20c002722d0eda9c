"""Features to probabilities or numbers: linear, or by trees."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import Floats, softmax
from unspool_runtime.node import Node
from unspool_runtime.series.flat_series import Floats32


class Head(Protocol):
    """Turns features into outputs."""

    def __call__(self, features: Floats32) -> Floats:
        """(N, K) probabilities or numbers."""


def read_head(node: Node, width: int) -> Head:
    """Read a head for K = `width` outputs.

    Raises:
        ModelError: it is damaged, or of a kind that this version does not know.
    """
    makers: dict[str, Callable[[Node, int], Head]] = {"linear": Linear, "trees": Trees, "boosted trees": BoostedTrees}
    return makers[node.choice("kind", *makers)](node, width)


class Linear:
    """features @ weights + intercept; with a factor, softmax(factor * that); numbers may have limits."""

    def __init__(self, node: Node, width: int):
        self._weights = node.array("weights", np.float32, None, width)
        self._intercept = node.array("intercept", np.float32, width)
        self._factor = node.number("factor") if node.has("factor") else None
        self._limits = node.array("limits", np.float64, 2, width) if node.has("limits") else None

    def __call__(self, features: Floats32) -> Floats:
        """(N, K)."""
        scores: Floats = (features @ self._weights + self._intercept).astype(np.float64)
        if self._limits is not None:
            scores = np.clip(scores, *self._limits)
        return scores if self._factor is None else softmax(self._factor * scores)


class Trees:
    """The mean of trees, whose nodes stand end to end; with a factor, softmax(factor * log(mean)).

    Args:
        node: their arrays.
        width: K.
        features: that there are, where that is known.

    Attributes:
        count: how many trees there are.
    """

    def __init__(self, node: Node, width: int, features: int | None = None):
        feature = node.array("feature", np.int32, None)
        count = len(feature)
        self._roots = node.indices("roots", max(count, 1), None)
        left, right = (node.array(name, np.int32, count) for name in ("left", "right"))
        inside, places = feature >= 0, np.arange(count)
        for child in (left, right):
            if ((child <= places) | (child >= count))[inside].any():
                raise node.wrong("a tree's nodes do not lead from its root to its leaves")
        self.count = len(self._roots)
        if not self.count:
            raise node.wrong("there is no tree")
        if features is not None and feature.max(initial=-1) >= features:
            raise node.wrong("a tree looks at a feature that does not exist")
        self._feature, self._left, self._right = feature, left, right
        self._threshold = node.array("threshold", np.float64, count)
        self._values = node.array("values", np.float32, count, width)
        self._factor = node.number("factor") if node.has("factor") else None

    def __call__(self, features: Floats32) -> Floats:
        """(N, K)."""
        mean = self.sums(features) / self.count
        return mean if self._factor is None else softmax(self._factor * np.log(np.maximum(mean, 1e-3)))

    def sums(self, features: Floats32) -> Floats:
        """(N, K), the sum of what the trees predict."""
        total = np.zeros((len(features), self._values.shape[1]))
        rows = np.arange(len(features))
        for root in self._roots:
            node: NDArray[np.int64] = np.full(len(features), root)
            inside = rows[self._feature[node] >= 0]
            while len(inside):
                at = node[inside]
                goes_left = features[inside, self._feature[at]] <= self._threshold[at]
                node[inside] = np.where(goes_left, self._left[at], self._right[at])
                inside = inside[self._feature[node[inside]] >= 0]
            total += self._values[node]
        return total


class BoostedTrees:
    """base + the sum of trees, as in `Trees`; with a factor, softmax(factor * that)."""

    def __init__(self, node: Node, width: int):
        self._trees = Trees(node, width)
        self._base = node.array("base", np.float64, width)
        self._factor = node.number("factor") if node.has("factor") else None

    def __call__(self, features: Floats32) -> Floats:
        """(N, K)."""
        scores: Floats = self._base + self._trees.sums(features)
        return scores if self._factor is None else softmax(self._factor * scores)

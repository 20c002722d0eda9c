"""Models that tag each step of a series by the steps around it."""

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import Floats
from unspool_runtime.node import Node
from unspool_runtime.series.heads import read_head
from unspool_runtime.series.scaling import Scaling
from unspool_runtime.series.step_windows import WINDOWS


class StepsModel:
    """What is seen around each step, and a head on it.

    Args:
        node: its description.
        channels: C.
        width: K.

    Raises:
        ModelError: it is damaged, or of a kind that this version does not know.
    """

    def __init__(self, node: Node, channels: int, width: int):
        node.choice("kind", "steps series")
        self._window = WINDOWS[node.choice("window", *WINDOWS)]
        self._head = read_head(node.node("head"), width)
        seen = self._window(np.zeros((1, channels)))
        self._scaling = Scaling(node.node("scaling"), seen.shape[1]) if node.has("scaling") else None
        try:
            self._head(seen)
        except (ValueError, IndexError) as error:
            raise node.wrong(f"the head does not fit the features ({error})") from error

    def outputs(self, steps: NDArray[np.float32]) -> Floats:
        """(T, K) the probability of each tag at each step of a series (T, C)."""
        seen = self._window(steps)
        return self._head(seen if self._scaling is None else self._scaling(seen))

"""Features brought to one scale, as learned in training."""

import numpy as np

from unspool_runtime.node import Node
from unspool_runtime.series.flat_series import Floats32


class Scaling:
    """Takes `centre` from each feature and multiplies it by `factor`; with `sparse`, zeros stay zeros."""

    def __init__(self, node: Node, width: int):
        self._centre, self._factor = (node.array(name, np.float32, width) for name in ("centre", "factor"))
        self._sparse = node.flag("sparse")

    def __call__(self, features: Floats32) -> Floats32:
        """Scale (N, F) features."""
        scaled: Floats32 = (features - self._centre) * self._factor
        if self._sparse:
            scaled[features == 0] = 0
        return scaled

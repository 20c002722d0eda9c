"""The weights of layers as plain arrays, as kernels take them."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Arrays: TypeAlias = dict[str, Any]


def dense(layer: Any) -> Arrays:
    """The `kernel` and the `bias` of a dense layer."""
    return {"kernel": array(layer.kernel), "bias": array(layer.bias)}


def array(variable: Any) -> NDArray[np.float32]:
    """The values of a variable."""
    return np.ascontiguousarray(variable, np.float32)

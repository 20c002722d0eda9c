"""A product with weights, and a bias: {"kernel": (D, K), "bias": (K)}."""

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.node import Node

Floats32 = NDArray[np.float32]
Dense = dict[str, Floats32]


def read_dense(node: Node, width: int, outputs: int) -> Dense:
    """Read one from a description.

    Raises:
        ModelError: it is of another shape.
    """
    return {"kernel": node.array("kernel", np.float32, width, outputs), "bias": node.array("bias", np.float32, outputs)}


def applied(x: Floats32, layer: Dense) -> Floats32:
    """(..., D) to (..., K)."""
    return x @ layer["kernel"] + layer["bias"]

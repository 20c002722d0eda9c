"""Weights in fewer bits: float16, or int8 with a scale for each row."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Weights = Literal["float32", "float16", "int8"]
"""How large matrices are kept."""
WEIGHTS: tuple[Weights, ...] = get_args(Weights)

LEAST_NUMBERS = 1024
"""A matrix of fewer stays float32: what it would save is not worth an error."""
_LEAST_ROW, _BLOCK = 16, 64
_MOST = 127

Arrays = dict[str, NDArray[np.generic]]


def rounded(array: NDArray[np.float32], weights: Weights, path: str) -> Arrays:
    """The arrays that a portable model keeps in place of one (docs/portable.md, "rounded").

    Args:
        array: of any shape.
        weights: how it is kept.
        path: its name.

    Example:
        >>> kept = rounded(np.linspace(-1, 1, 2048, dtype=np.float32).reshape(64, 32), "int8", "x")
        >>> {name: (one.dtype.name, one.shape) for name, one in kept.items()}
        {'x.int8': ('int8', (64, 32)), 'x.scales': ('float32', (64,))}
    """
    if array.size < LEAST_NUMBERS or weights == "float32":
        return {path: array}
    if weights == "float16":
        with np.errstate(over="ignore"):
            half = array.astype(np.float16)
        return {path: half if np.isfinite(half).all() else array}
    row = array.shape[-1] if array.ndim > 1 and array.shape[-1] >= _LEAST_ROW else _BLOCK
    count = -(-array.size // row)
    row = -(-array.size // count)  # as readers find it
    padded = np.zeros(count * row, np.float32)
    padded[: array.size] = array.reshape(-1)
    rows = padded.reshape(count, row)
    scales = np.abs(rows).max(axis=1) / np.float32(_MOST)
    whole = np.rint(rows / np.where(scales > 0, scales, 1)[:, None]).clip(-_MOST, _MOST)
    numbers = whole.astype(np.int8).reshape(-1)[: array.size].reshape(array.shape)
    return {f"{path}.int8": numbers, f"{path}.scales": scales}

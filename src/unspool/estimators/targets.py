"""What belongs to each sequence: what is to be predicted, and how much it counts."""

from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array, check_consistent_length

from unspool.estimators.errors import InputError


def checked_targets(estimator: Any, y: Any, dtype: Any = None) -> NDArray[Any]:
    """Read y as an array of the given type, or of its own.

    Raises:
        InputError: there is none.
        ValueError: it is no array of one or two dimensions, or holds numbers that are not finite.
    """
    if y is None:
        raise InputError(f"{type(estimator).__name__} requires y to be passed, but the target y is None.")
    array: NDArray[Any] = check_array(y, ensure_2d=False, dtype=dtype, input_name="y")
    return array


def checked_weights(sample_weight: Any, count: int) -> NDArray[np.float64] | None:
    """Read weights, and bring their mean to 1: the loss keeps its size, and what counts as better its meaning.

    Args:
        sample_weight: (N,) numbers, one for all, or None.
        count: N.

    Raises:
        InputError: one is negative, or all are 0.
        ValueError: they are not N finite numbers.

    Example:
        >>> checked_weights([1, 3], 2).tolist()
        [0.5, 1.5]
    """
    if sample_weight is None or isinstance(sample_weight, Number):
        return None
    weights = check_array(sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight")
    if weights.ndim != 1:
        raise InputError(f"sample_weight has the shape {weights.shape}: give one number for each sequence.")
    check_consistent_length(weights, np.empty(count))
    if weights.min() < 0 or weights.max() <= 0:
        raise InputError("sample_weight has a negative number, or only zeros: give weights above 0.")
    normal: NDArray[np.float64] = weights / weights.mean()
    return normal

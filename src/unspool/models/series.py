"""Series of different lengths in one array: a step that is not there is NaN, in every feature.

No number of the data can then be mistaken for padding, and one array says both what was measured and how long each
series is.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError

Floats = NDArray[np.float32]


def pad_series(series: Sequence[ArrayLike], length: int | None = None) -> Floats:
    """Lay series of different lengths into one array, NaN behind those that are shorter.

    Args:
        series: N arrays (T, D), of different T and the same D.
        length: time steps of the result; the longest series' if not given.

    Returns:
        (N, length, D).

    Raises:
        UserError: there is no series, or one is not (T, D) with the first one's D, is longer than `length`, or has a
            number that is not finite; names it.

    Example:
        >>> pad_series([[[1.0], [2.0]], [[3.0]]])[:, :, 0].tolist()
        [[1.0, 2.0], [3.0, nan]]
    """
    arrays = [np.asarray(one, dtype=np.float32) for one in series]
    if not arrays:
        raise UserError("There is no series.")
    features = arrays[0].shape[-1] if arrays[0].ndim == 2 else 0
    longest = max(len(array) for array in arrays) if length is None else length
    padded = np.full((len(arrays), longest, features), np.nan, dtype=np.float32)
    for number, array in enumerate(arrays):
        if array.ndim != 2 or array.shape[1] != features:
            raise UserError(
                f"Series {number} (counted from 0) has the shape {array.shape}: each is a table of time steps with "
                f"as many features as the first, which has the shape {arrays[0].shape}."
            )
        if len(array) > longest:
            raise UserError(f"Series {number} (counted from 0) has {len(array)} time steps, more than {longest}.")
        if not np.isfinite(array).all():
            step = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
            raise UserError(f"Series {number}, step {step} (both counted from 0) has a number that is not finite.")
        padded[number, : len(array)] = array
    return padded


def present_steps(series: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which steps of padded series are there: (N, T, D) to (N, T).

    Example:
        >>> present_steps(pad_series([[[1.0], [2.0]], [[3.0]]])).tolist()
        [[True, True], [True, False]]
    """
    present: NDArray[np.bool_] = ~np.isnan(series).all(axis=-1)
    return present


def targets_and_weights(series: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """What `fit` needs so that an autoencoder's loss counts no padding, and each series the same however long it is.

    Args:
        series: (N, T, D), padded.

    Returns:
        The series with 0 for padding, (N, T, D), and the weight of each step, (N, T): a series' weights sum to 1. For a
        loss with `reduction="mean_with_sample_weight"`.

    Example:
        >>> targets_and_weights(pad_series([[[1.0], [2.0]], [[3.0]]]))[1].tolist()
        [[0.5, 0.5], [1.0, 0.0]]
    """
    present = present_steps(series)
    lengths = np.maximum(present.sum(axis=1, keepdims=True), 1)
    return np.nan_to_num(series, nan=0.0).astype(np.float32), (present / lengths).astype(np.float32)


def split_padding(series: Any) -> tuple[Any, Any]:
    """The same inside a model: the series with 0 for padding, (B, T, D), and which steps are there, (B, T)."""
    missing = ops.isnan(series)
    return ops.where(missing, 0.0, series), ops.logical_not(ops.all(missing, axis=-1))

"""Series of different lengths in one array: a step that is not there is NaN, in every feature.

No number of the data can then be mistaken for padding, and one array says both what was measured and how long each
series is.
"""

from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from unspool.data.padding import FILL_IN
from unspool.errors import UserError

Floats = NDArray[np.float32]


def present_steps(series: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which steps of padded series are there: (N, T, D) to (N, T).

    Example:
        >>> from unspool.data.padding import pad_series
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

    Raises:
        UserError: a number is infinite, or NaN in a step that has numbers; names the first.

    Example:
        >>> from unspool.data.padding import pad_series
        >>> targets_and_weights(pad_series([[[1.0], [2.0]], [[3.0]]]))[1].tolist()
        [[0.5, 0.5], [1.0, 0.0]]
    """
    present = present_steps(series)
    wrong = ~np.isfinite(series) & present[:, :, None]
    if wrong.any():
        example, step, feature = np.argwhere(wrong)[0].tolist()
        number = series[example, step, feature]
        raise UserError(
            f"Series {example}, step {step}, feature {feature} (all counted from 0) is {number:g} "
            f"({wrong.sum():,} such in all); only padding may be NaN, in all features of a step. {FILL_IN}"
        )
    lengths = np.maximum(present.sum(axis=1, keepdims=True), 1)
    return np.nan_to_num(series, nan=0.0).astype(np.float32), (present / lengths).astype(np.float32)


def split_padding(series: Any) -> tuple[Any, Any]:
    """The same inside a model: the series with 0 for padding, (B, T, D), and which steps are there, (B, T)."""
    missing = ops.isnan(series)
    return ops.where(missing, 0.0, series), ops.logical_not(ops.all(missing, axis=-1))

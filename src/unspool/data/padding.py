"""Sequences of different lengths to one rectangle, as `keras.utils.pad_sequences` does it, but all at once."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import PAD
from unspool.errors import UserError

Side = Literal["pre", "post"]
FILL_IN = (
    "Fill in missing numbers first, for example with pandas.DataFrame(series).interpolate(limit_direction='both')."
)


def pad(
    sequences: Ragged | Sequence[Sequence[int]],
    maxlen: int,
    padding: Side = "pre",
    value: float = PAD,
) -> NDArray[Any]:
    """Pad each sequence to `maxlen`, or cut its beginning off.

    Equal to `keras.utils.pad_sequences` with the same arguments. That function loops over the sequences in Python and
    needs Keras, whose import takes seconds; this one does 50,000 reviews in some 0.1 s.

    Args:
        sequences: N sequences of ids, or a Ragged of anything.
        maxlen: the length of every row, at least 1.
        padding: where padding is put in a sequence that is too short: before it or after it.
        value: what padding consists of.

    Returns:
        (N, maxlen) ids; of a Ragged of other numbers (N, maxlen, ...), of its type.

    Raises:
        UserError: `maxlen` is below 1.

    Example:
        >>> pad([[7], [1, 2, 3, 4]], maxlen=3)
        array([[0, 0, 7],
               [2, 3, 4]], dtype=int32)
    """
    if maxlen < 1:
        raise UserError(f"maxlen is {maxlen}: it must be at least 1.")
    ragged = sequences if isinstance(sequences, Ragged) else Ragged.from_sequences(sequences)
    kept = np.minimum(ragged.lengths, maxlen)
    sources = ragged.offsets[1:] - kept
    columns = maxlen - kept if padding == "pre" else np.zeros_like(kept)
    targets = np.arange(len(ragged)) * maxlen + columns
    # Where each kept id is in its own sequence: 0, 1, ..., kept[0] - 1, 0, 1, ...
    steps = np.arange(kept.sum()) - np.repeat(np.cumsum(kept) - kept, kept)
    shape = ragged.flat.shape[1:]
    kind = ragged.flat.dtype if ragged.flat.dtype.kind == "f" else np.int32
    padded = np.full((len(ragged) * maxlen, *shape), value, dtype=kind)
    padded[np.repeat(targets, kept) + steps] = ragged.flat[np.repeat(sources, kept) + steps]
    return padded.reshape(len(ragged), maxlen, *shape)


def pad_series(series: Sequence[ArrayLike], length: int | None = None) -> NDArray[np.float32]:
    """Lay series of different lengths into one array, NaN behind those that are shorter.

    Args:
        series: N arrays (T, D), of different T and the same D; or (T,), if there is one number per step.
        length: time steps of the result; the longest series' if not given.

    Returns:
        (N, length, D).

    Raises:
        UserError: there is no series, or one is neither (T,) nor (T, D) with the first one's D, is longer than
            `length`, or has a number that is not finite; names it.

    Example:
        >>> pad_series([[[1.0], [2.0]], [[3.0]]])[:, :, 0].tolist()
        [[1.0, 2.0], [3.0, nan]]
    """
    arrays = [np.asarray(one, dtype=np.float32) for one in series]
    if not arrays:
        raise UserError("There is no series.")
    arrays = [array[:, None] if array.ndim == 1 else array for array in arrays]
    if arrays[0].ndim != 2:
        raise UserError(
            f"Series 0 (counted from 0) has the shape {arrays[0].shape}: give each series as an array (time steps, "
            "features), or (time steps,) if there is one number per step."
        )
    features = arrays[0].shape[1]
    longest = max(len(array) for array in arrays) if length is None else length
    padded = np.full((len(arrays), longest, features), np.nan, dtype=np.float32)
    for number, array in enumerate(arrays):
        if array.ndim != 2 or array.shape[1] != features:
            raise UserError(
                f"Series {number} (counted from 0) has the shape {array.shape}: each must be an array (time steps, "
                f"features) with as many features as the first, which has the shape {arrays[0].shape}."
            )
        if len(array) > longest:
            raise UserError(f"Series {number} (counted from 0) has {len(array)} time steps, more than {longest}.")
        if not np.isfinite(array).all():
            step = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
            raise UserError(
                f"Series {number}, step {step} (both counted from 0) has a number that is not finite. {FILL_IN}"
            )
        padded[number, : len(array)] = array
    return padded

"""Where in the data something is, in words."""

from typing import Any

import numpy as np

from unspool.data.ragged import Ragged


def place_of(piece: Any, begun: int, at: tuple[int, ...], *, by_step: bool) -> str:
    """The row, and perhaps the step, of a number in a piece of the data.

    Args:
        piece: an array, or a `Ragged`.
        begun: rows before the piece.
        at: the place in the array, or in the `Ragged`'s flat one.
        by_step: whether an array's second axis is of steps; those of a `Ragged` always have one.

    Example:
        >>> place_of(Ragged.from_sequences([[1, 2], [3, 4, 5]]), 1000, (3,), by_step=True)
        'row 1,001, step 1 (counted from 0)'
    """
    row, step = at[0], at[1] if by_step and len(at) > 1 else None
    if isinstance(piece, Ragged):
        row = int(np.searchsorted(piece.offsets, at[0], side="right")) - 1
        row, step = begun + row, at[0] - int(piece.offsets[row])
    return f"row {row:,}{'' if step is None else f', step {step:,}'} (counted from 0)"


def first_not_finite(data: Any) -> str:
    """The first number of an array or of sequences that is NaN or infinite, with its place in words; "" for none.

    Example:
        >>> first_not_finite(np.array([[1.0, 2.0], [3.0, np.nan]]))
        'nan in row 1, step 1 (counted from 0)'
    """
    begun = 0
    for piece in [data] if isinstance(data, np.ndarray) else data.pieces():
        values = piece.flat if isinstance(piece, Ragged) else piece
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            at = tuple(map(int, np.argwhere(~np.isfinite(values))[0]))
            return f"{values[at]:g} in {place_of(piece, begun, at, by_step=values.ndim > 1 and values.shape[1] > 1)}"
        begun += len(piece)
    return ""

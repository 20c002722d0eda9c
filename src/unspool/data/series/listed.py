"""Series in the cells of a table, as lists of numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.columns import reads_as_text
from unspool.data.list_cells import holds_lists, numbers_in
from unspool.data.series.long_columns import TIME_NAMES
from unspool.data.series.rounded import rounded, rounded_channel
from unspool.data.tables.problems import Flaw, Reason
from unspool.data.tables.table import Chunk
from unspool.data.usual_names import LABEL_NAMES, TEXT_NAMES, usual


def list_columns(first: Chunk) -> tuple[str, ...]:
    """Find the columns of lists of numbers that are series, by a table's first rows; none if a column holds texts.

    A column with a usual name for labels or times is not one of them.

    Example:
        >>> cells = {"values": [[1.0, 2.0, 3.5], [4.0, 5.0, 6.0]], "label": ["up", "down"]}
        >>> list_columns(Chunk([], cells, []))
        ('values',)
    """
    others = {usual(first.cells, LABEL_NAMES), usual(first.cells, TIME_NAMES)}
    found = tuple(name for name, cells in first.cells.items() if name not in others and holds_lists(cells))
    rest = {name: cells for name, cells in first.cells.items() if name not in found}
    return () if usual(rest, TEXT_NAMES) is not None or any(map(reads_as_text, rest.values())) else found


def listed_steps(cells: Sequence[Any], names: Sequence[str]) -> NDArray[np.float32] | Flaw:
    """Turn the cells of a row into numbers: (T, C) of C lists, or (A, B) of a single list of A lists.

    Numbers that are missing, NaN, null or None, are NaN.

    Args:
        cells: a list of numbers for each channel, or one list of lists; as lists or as text.
        names: of the columns.

    Example:
        >>> listed_steps(["[1, 2.5, nan]"], ["x"]).tolist()
        [[1.0], [2.5], [nan]]
        >>> listed_steps([[1, 2], [3, 4]], ["x", "y"]).tolist()
        [[1.0, 3.0], [2.0, 4.0]]
        >>> listed_steps([[[1, 2], [3, 4], [5, 6]]], ["x"]).shape
        (3, 2)
    """
    found = [numbers_in(cell, name) for cell, name in zip(cells, names, strict=True)]
    flaw = next((one for one in found if isinstance(one, Flaw)), None)
    if flaw is not None:
        return flaw
    arrays = [one for one in found if not isinstance(one, Flaw)]
    if len(arrays) == 1:
        return _rounded(arrays[0] if arrays[0].ndim == 2 else arrays[0][:, np.newaxis], names)
    for array, name in zip(arrays, names, strict=True):
        if array.ndim == 2:
            return Flaw(Reason.TYPE, "a list of lists is read only if no other column is a channel", name)
        if len(array) != len(arrays[0]):
            return Flaw(
                Reason.TYPE,
                f"there are {len(array):,} numbers, but {len(arrays[0]):,} in column {names[0]}; each column is a "
                "channel of the same series",
                name,
                "If only some of the columns are channels, name these (--channels)",
            )
    return _rounded(np.stack(arrays, axis=1), names)


def _rounded(steps: NDArray[np.float64], names: Sequence[str]) -> NDArray[np.float32] | Flaw:
    """The numbers in 32 bits, if these do not hide how they change; (A, B) of lists of lists either way round."""
    channel = rounded_channel(steps)
    if channel is None and len(names) == 1:
        channel = rounded_channel(steps.T)
    return steps.astype(np.float32) if channel is None else rounded("the series", names[channel % len(names)])


def steps_first(found: Sequence[NDArray[np.float32]], channels: int | None = None) -> bool | None:
    """Tell which way round the (A, B) numbers of N series are: True for (steps, channels), False for the reverse.

    Args:
        found: the numbers of each series.
        channels: C, if a model knows it. None takes the axis whose size is the same in all series; of two such,
            the shorter.

    Returns:
        None if neither axis has C numbers, or the same number, in all series.

    Example:
        >>> steps_first([np.zeros((30, 3)), np.zeros((25, 3))]), steps_first([np.zeros((3, 30))])
        (True, False)
    """
    rows, columns = {one.shape[0] for one in found}, {one.shape[1] for one in found}
    if channels is not None:
        return True if columns == {channels} else False if rows == {channels} else None
    if len(columns) > 1:
        return False if len(rows) == 1 else None
    return len(rows) > 1 or min(columns) <= min(rows)

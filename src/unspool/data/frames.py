"""Data frames of any library: their columns and cells, and what pandas keeps in an index."""

import datetime
from typing import Any

import numpy as np

from unspool.errors import UserError

MISSING_IN_PANDAS = ("NAType", "NaTType")
"""Names of the types of pandas' missing values; pandas need not be installed."""
_IN_JSON = (str, bool, int, float, list, tuple, dict)


def is_frame(data: Any) -> bool:
    """Tell whether something is a data frame of a library that narwhals knows: pandas, polars, PyArrow and others."""
    import narwhals

    try:
        frame = narwhals.from_native(data, pass_through=True)
    except narwhals.exceptions.DuplicateError:  # it is one, and reading it says what is wrong
        return True
    return isinstance(frame, narwhals.DataFrame | narwhals.LazyFrame)


def frame_of_column(data: Any, name: str | None = None) -> Any:
    """A column of pandas or polars as a data frame, with its index if it has one; any other data as it is.

    Args:
        data: of any kind.
        name: of the column in the frame; None takes its own, or "value" if it has none.

    Example:
        >>> import pandas as pd
        >>> list(frame_of_column(pd.Series([3, 5]))), frame_of_column([3, 5])
        (['value'], [3, 5])
    """
    import narwhals

    if not isinstance(narwhals.from_native(data, allow_series=True, pass_through=True), narwhals.Series):
        return data
    native = narwhals.to_native(data, pass_through=True)
    index: Any = getattr(native, "index", None)
    time = getattr(index, "name", None) or "time"
    own = getattr(native, "name", None)
    frame = native.to_frame(name or (own if isinstance(own, str) and own not in ("", time) else "value"))
    if not hasattr(frame, "reset_index") or index.nlevels > 1 or list(index) == [*range(len(frame))]:
        return frame
    return frame.rename_axis(index=time).reset_index()


def columns_of(data: Any) -> dict[str, list[Any]]:
    """The cells of a data frame, by the names of its columns."""
    frame = eager(data)
    return {name: [plain_cell(cell) for cell in frame[name].to_list()] for name in frame.columns}


def column_name(name: Any) -> str:
    """The name of a data frame's column as a text; that of several levels is joined.

    Example:
        >>> column_name(("Close", "AAPL")), column_name(("date", "")), column_name(3)
        ('Close_AAPL', 'date', '3')
    """
    levels = name if isinstance(name, tuple) else (name,)
    return "_".join(str(level) for level in levels if level != "" and level == level)


def with_index(data: Any) -> Any:
    """A pandas data frame with columns for what its index holds; other data frames are returned as they are.

    Indexes of dates, named indexes whose values recur, and the named levels of an index become columns. Other indexes
    only number the rows, and are left out; so are levels that have no name or the name of a column.
    """
    index: Any = getattr(data, "index", None)
    if not hasattr(data, "reset_index") or not hasattr(index, "names"):
        return data
    if type(index).__name__ in ("DatetimeIndex", "PeriodIndex"):
        data = data.rename_axis(index=index.name or "time")
    elif index.nlevels == 1 and index.is_unique:
        return data
    columns = set(data.columns)
    levels = [level for level, name in enumerate(data.index.names) if name is not None and name not in columns]
    return data.reset_index(level=levels) if levels else data


def eager(data: Any) -> Any:
    """A data frame as one of narwhals that is in memory; the names of its columns are texts."""
    import narwhals

    if hasattr(data, "set_axis") and not all(isinstance(name, str) for name in data.columns):
        data = data.set_axis([column_name(name) for name in data.columns], axis=1)
    try:
        frame = narwhals.from_native(data)
    except narwhals.exceptions.DuplicateError as error:
        twice = next(name for name in data.columns if list(data.columns).count(name) > 1)
        raise UserError(f"The data frame has two columns named {twice}. Rename one.") from error
    return frame.collect() if isinstance(frame, narwhals.LazyFrame) else frame


def plain_cell(value: Any) -> Any:
    """A cell, or a part of one, as JSON has it: a missing number, text or time as null, values of other types as their
    printed form.

    Example:
        >>> plain_cell(np.float32(1.5)), plain_cell(float("nan"))
        (1.5, None)
        >>> plain_cell({"b", "a"}), plain_cell(datetime.date(2026, 1, 31))
        (['a', 'b'], '2026-01-31')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    kind = type(value).__name__
    if kind in MISSING_IN_PANDAS:
        return None
    if kind == "Period" and value.freqstr.startswith("W"):
        return str(value.start_time.date())
    if hasattr(value, "tolist"):  # an array, or a column of pandas
        return value.tolist()
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, float) and value != value:
        return None
    return value if value is None or isinstance(value, _IN_JSON) else str(value)

"""Recognises the names of series and the times in a table of forecasts, whatever their columns and dates look like."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from unspool.data.cell_values import time_of
from unspool.data.tables.numbered_dates import DateOrder, NumberedDate
from unspool.data.tables.problems import Flaw
from unspool.tasks.other_answers import without_decimals

Form = Callable[[Any], str]


def same_name(cell: Any) -> str:
    """The name of a series in one form."""
    return str(without_decimals(str(cell).strip()))


def same_time(cell: Any, order: DateOrder | None = None) -> str:
    """A time in one form, because programs write several; anything else unchanged.

    Args:
        cell: of a table.
        order: of the day and the month in dates with the year last, if it is to be tried.

    Example:
        >>> len({same_time(one) for one in ("2026-01-01", "2026-01", "2026-01-01T01:00+01:00", "2026-01-01 00:00Z")})
        1
        >>> same_time("0.30000000000000004"), same_time("later")
        ('0.3', 'later')
    """
    written = str(cell).strip()
    for text in (written, *([] if order is None else [NumberedDate(written, order)])):
        time = time_of(text, "")
        if not isinstance(time, Flaw):
            return f"{time:.15g}"
    return written


def _same_digits(cell: Any) -> str:
    """The same, where the digits of a date, such as 20260131, are that date."""
    try:
        return same_time(datetime.strptime(str(without_decimals(str(cell).strip())), "%Y%m%d").date().isoformat())
    except ValueError:
        return same_time(cell)


_TIMES: tuple[Form, ...] = (
    same_time,
    partial(same_time, order=DateOrder([], given="day-first")),
    partial(same_time, order=DateOrder([], given="month-first")),
    _same_digits,
)


def column_of(of_test: Sequence[Any], cells: Mapping[str, Sequence[Any]], *, times: bool) -> tuple[str, Form] | None:
    """The column of a table that has all names, or all times, of the steps of a test, and the form in which it does.

    Args:
        of_test: the names or the times.
        cells: of the columns that it may be.
        times: whether they are times.

    Returns:
        None if there is no such column.

    Example:
        >>> column_of(["a", "b"], {"y": ["1", "2", "3"], "unique_id": ["b", "c", "a"]}, times=False)[0]
        'unique_id'
        >>> form = column_of(["2026-02-01"], {"ds": ["01/02/2026"]}, times=True)[1]
        >>> form("01/02/2026") == same_time("2026-02-01")
        True
    """
    plain: Form = same_time if times else same_name
    wanted = set(map(plain, of_test))
    for form in _TIMES if times else (same_name,):
        for name, column in cells.items():
            if wanted <= set(map(form, column)):
                return name, form
    return None

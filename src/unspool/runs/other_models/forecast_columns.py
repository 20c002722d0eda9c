"""Recognises the names of series and the times in a table of forecasts, whatever their columns and dates look like."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import product
from typing import Any

from unspool.data.cell_values import time_of
from unspool.data.labels import as_number
from unspool.data.tables.numbered_dates import DateOrder, NumberedDate
from unspool.data.tables.problems import Flaw
from unspool.data.tables.written_numbers import without_decimals
from unspool.errors import UserError

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


_ORDERED: tuple[Form, ...] = tuple(
    partial(same_time, order=DateOrder([], given=first)) for first in ("day-first", "month-first")
)
_TIMES: tuple[Form, ...] = (same_time, *_ORDERED, _same_digits)


def find_columns(
    source: str, of_test: Mapping[str, Sequence[Any]], cells: Mapping[str, Sequence[Any]], time: str
) -> tuple[dict[str, str], Form]:
    """The columns of a table that together have each step of a test exactly once, and the form of its times.

    Args:
        source: names the table in messages.
        of_test: names of series, times and steps ahead, n cells each, by their columns.
        cells: of the columns of the table; one that is called as in the test is that one.
        time: the column of times.

    Returns:
        The columns of other names by what they are called in the test, and the form. If no columns have all steps, none
        and the form in which most times of the test are there.

    Raises:
        UserError: there are several such columns, or orders of day and month, that have the steps in other rows.

    Example:
        >>> steps = {"shop": ["a", "b"], "day": ["2026-02-13", "2026-02-13"]}
        >>> table = {"unique_id": ["b", "a"], "ds": ["13/02/2026", "13/02/2026"], "yhat": ["1", "2"]}
        >>> find_columns("theirs.csv", steps, table, "day")[0]
        {'shop': 'unique_id', 'day': 'ds'}
    """
    written: dict[tuple[str, Form], list[str]] = {}

    def plain(column: str, form: Form) -> list[str]:
        if (column, form) not in written:
            known = {cell: form(cell) for cell in set(map(str, cells[column]))}
            written[column, form] = [known[str(cell)] for cell in cells[column]]
        return written[column, form]

    usual = {
        name: [(same_time if name == time else same_name)(cell) for cell in some] for name, some in of_test.items()
    }
    free = [one for one in cells if one.strip() and not one.startswith("Unnamed:") and one not in of_test]
    options = [
        [
            (column, form)
            for column in ([name] if name in cells else free)
            for form in (_TIMES if name == time else (same_name,))
            if {*usual[name]} <= {*plain(column, form)}
            and (form not in _ORDERED or all(map(_is_time, plain(column, form))))
        ]
        for name in of_test
    ]
    steps = list(zip(*usual.values(), strict=True))
    found: dict[tuple[int, ...], tuple[tuple[str, Form], ...]] = {}
    for way in product(*options):
        if len({column for column, _ in way}) == len(way):
            rows = _rows_of(steps, list(zip(*(plain(*one) for one in way), strict=True)))
            if rows is not None:
                found.setdefault(rows, way)
    if len(found) > 1:
        ways = list(dict.fromkeys(" and ".join(column for column, _ in way) for way in found.values()))
        if len(ways) == 1:
            raise UserError(
                f"{source}: its dates may begin with the day or the month. Write them with the year first, like "
                "2026-01-31."
            )
        raise UserError(
            f"{source}: the steps of the test can be read from it in several ways, by {' or by '.join(ways[:2])}. "
            f"Name its columns {' and '.join(of_test)}."
        )
    chosen = dict(zip(of_test, next(iter(found.values()), ()), strict=False))
    names = {name: column for name, (column, _) in chosen.items() if column != name}
    if time in chosen:
        return names, chosen[time][1]
    if time not in cells:
        return names, same_time
    wanted = {*usual[time]}
    return names, max(_TIMES, key=lambda form: len(wanted & {*plain(time, form)}))


def _is_time(written: str) -> bool:
    return as_number(written) is not None


def _rows_of(steps: Sequence[tuple[str, ...]], rows: Sequence[tuple[str, ...]]) -> tuple[int, ...] | None:
    """The row of each step; None if one is not there exactly once."""
    wanted, at = {*steps}, dict[tuple[str, ...], int]()
    for place, row in enumerate(rows):
        if row in wanted:
            if row in at:
                return None
            at[row] = place
    return tuple(at[step] for step in steps) if len(at) == len(wanted) else None

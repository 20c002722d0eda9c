"""Tables whose rows are steps in time: how to recognise them, and what to say where they would be read as texts."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import is_date, is_date_in_digits, is_missing, is_number, mostly, times_of
from unspool.data.names_in_words import as_typed
from unspool.data.tables.joined_columns import shown_columns
from unspool.data.tables.table import Chunk, Table
from unspool.data.usual_names import YEAR_NAMES, usual
from unspool.errors import UserError

_RECURRING = 5  # times that a text occurs on average
_TIMES = (
    *("time", "t", "step", "timestamp", "datetime", "ds", "date", "elapsed", "frame", "cycle", "tick"),
    *("second", "minute", "hour", "seconds", "minutes", "hours"),
)
"""First words in the names of columns that may count the steps of a series, in lower case."""
_FEWEST_STEPS = 10
_EVEN, _TOLERANCE = 0.75, 0.1
"""Of the steps between rows, how many must be of the usual length, and by which share of it they may differ."""
_MOST_TRIED = 50  # columns that may tell series apart together with that of the texts


def words_on_times(cells: Mapping[str, Sequence[Any]]) -> tuple[str, ...]:
    """Say how to read a table that may hold numbers over time, since it has numbers and a column of dates or years.

    Example:
        >>> words_on_times({"day": ["2026-01-31", "2026-02-01"], "sold": ["7", "9"]})[0][:88]
        'if rows are steps in time, as column day suggests, say how many to forecast (--horizon),'
        >>> words_on_times({"sold": ["7", "9"]})
        ()
    """
    time = time_column(cells)
    if time is None or not any(mostly(is_number, column) for name, column in cells.items() if name != time):
        return ()
    return (
        f"if rows are steps in time, as column {time} suggests, say how many to forecast (--horizon), or, to predict a "
        "label of each series, name the column that identifies them (--series)",
    )


def sentence_on_times(cells: Mapping[str, Sequence[Any]]) -> str:
    """`words_on_times` as a sentence to append to another one; empty if there are none."""
    return "".join(f" {words[0].upper()}{words[1:]}." for words in words_on_times(cells))


def refuse_forecasts(table: Table, sample: Chunk, text: str, label: str) -> None:
    """Refuse numbers over time, where what was taken for texts recurs as the names of series do.

    Raises:
        UserError: says how they are forecast, and how they are read as texts all the same.
    """
    others = {name: cells for name, cells in sample.cells.items() if name != text}
    time = time_column(others) or rising_time(others)
    plain = {
        name: cells for name, cells in sample.cells.items() if name not in (text, time, usual(sample.cells, YEAR_NAMES))
    }
    numbers = [name for name, cells in plain.items() if mostly(is_number, cells)]
    target = label if label in numbers else next(iter(numbers), None) if label not in plain else None
    recur = _RECURRING * _different(sample.cells[text]) <= len(sample)
    if time is not None and recur and target is not None:
        raise UserError(
            f"{table.path} seems to have numbers over time: the texts in column {text} recur, and column {time} gives "
            f"the time. To forecast {target}, say how many steps ahead (--horizon). To classify series, name the "
            f"column that identifies them and the label (--series, --label). If {text} is read as text all the same, "
            "name both columns (--text, --label)."
        )


def refuse_long_series(table: Table, sample: Chunk, text: str, label: str) -> None:
    """Refuse labelled series with a row for each step: their names would be read as texts and give the labels away.

    Their names are in the column of the texts, or in this and another one together. Or each step has a label of its
    own, and a column of times rises in even steps.

    Raises:
        UserError: names the options that read them as series, and those that read them as texts.
    """
    if _RECURRING * _different(sample.cells[text]) > len(sample):
        return
    beside = {name: cells for name, cells in sample.cells.items() if name not in (text, label)}
    time = time_column(beside)
    others = [name for name in beside if name != time][:_MOST_TRIED]
    for names in ((text,), *((text, name) for name in others)):
        found = _series_named_by(names, sample, label, time)
        if found is not None:
            how, numbers = found
            raise UserError(
                f"{table.path} seems to have series with a row for each step: the rows of each value in "
                f"{shown_columns(names)}{how} have the same label in column {label}, but different numbers in column "
                f"{numbers}. To read them as series, name these columns (--series {as_typed(names)} --label "
                f"{as_typed([label])}); to read column {text} as text, name it (--text {as_typed([text])})."
            )
    even = rising_time(beside)
    if even is not None and any(mostly(is_number, cells) for name, cells in beside.items() if name != even):
        raise UserError(
            f"{table.path} seems to have a row for each step of series: column {even} rises evenly from row to row. To "
            f"read them as series, name the column that identifies them (--series {as_typed([text])} --label "
            f"{as_typed([label])}, and --task tagging if each step has a label of its own); to read column {text} as "
            f"text, name it (--text {as_typed([text])})."
        )


def _series_named_by(names: Sequence[str], sample: Chunk, label: str, time: str | None) -> tuple[str, str] | None:
    """How the rows of a series follow, and a column of numbers that differ within it; None if these are no series."""
    keys = list(zip(*(map(str, sample.cells[name]) for name in names), strict=True))
    different, runs = len(set(keys)), 1 + sum(one != other for one, other in pairwise(keys))

    def pairs(name: str) -> int:
        return _different(list(zip(keys, map(str, sample.cells[name]), strict=True)))

    in_turn = time is not None and pairs(time) == len(keys)
    if not (different == runs or in_turn) or _RECURRING * different > len(keys) or pairs(label) != different:
        return None
    how = " are consecutive and" if different == runs else f", each at a different time in column {time},"
    rest = (name for name in sample.cells if name not in (*names, label, time))
    steps = (name for name in rest if mostly(is_number, sample.cells[name]) and pairs(name) > different)
    return next(((how, name) for name in steps), None)


def time_column(cells: Mapping[str, Sequence[Any]]) -> str | None:
    """The first column of dates, or else the column of years, by a table's first rows; None if there is neither."""
    written = (is_date, is_date_in_digits)
    dates = next((name for is_such in written for name, column in cells.items() if mostly(is_such, column)), None)
    year = usual(cells, YEAR_NAMES)
    return dates or (year if year is not None and mostly(is_number, cells[year]) else None)


def counts_steps(name: str) -> bool:
    """Whether a column is named as those are that count the steps of a series.

    Example:
        >>> [counts_steps(name) for name in ("time", "Time (s)", "t_ms", "t1", "times")]
        [True, True, True, False, False]
    """
    return re.split(r"[^a-z0-9]+", name.lower())[0] in _TIMES


def rising_time(cells: Mapping[str, Sequence[Any]]) -> str | None:
    """The first column of dates, or named like a time, that rises, or falls, in even steps, except for a few.

    Example:
        >>> rising_time({"x": range(12), "Time (s)": [0, 2, 4, 6, 8, 10, 0, 2, 4, 6, 8, 10]})
        'Time (s)'
        >>> rising_time({"time": [0, 2, 3, 7, 8, 12, 13, 14, 19, 21, 30, 31]})
    """
    for name, column in cells.items():
        between = _between(column, name) if counts_steps(name) or mostly(is_date, column) else np.zeros(0)
        if len(between) < _FEWEST_STEPS - 1:
            continue
        usual_one = float(np.median(between))
        if usual_one and (np.abs(between - usual_one) <= _TOLERANCE * abs(usual_one)).mean() >= _EVEN:
            return name
    return None


def starts_again(column: Sequence[Any], name: str) -> bool:
    """Whether times both rise and fall from row to row, as those of several recordings do.

    Example:
        >>> starts_again([0, 1, 2, 0, 1, 2], "time"), starts_again([5, 4, 3], "time")
        (True, False)
    """
    between = _between(column, name)
    return bool((between > 0).any() and (between < 0).any())


def _between(column: Sequence[Any], name: str) -> NDArray[np.float64]:
    """How far successive times of a column are apart, (T - 1,); none where its cells are no times."""
    times = times_of([cell for cell in column if not is_missing(cell)], name)
    return np.diff(times) if times is not None else np.zeros(0)


def _different(values: Sequence[Any]) -> int:
    return len({str(value) for value in values})

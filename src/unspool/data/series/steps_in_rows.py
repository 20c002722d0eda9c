"""Tables whose rows look like the time steps of series, though each row would be read as a series."""

from collections.abc import Collection, Sequence
from itertools import groupby, pairwise
from typing import Any

from unspool.data.cell_values import is_missing, is_number, mostly
from unspool.data.columns import numbers_rows
from unspool.data.labels import as_number
from unspool.data.names_in_words import as_typed
from unspool.data.possible_groups import is_id, names_group, names_series
from unspool.data.series.listed import list_columns
from unspool.data.series.long_columns import SERIES_NAMES, TIME_NAMES
from unspool.data.series.step_names import are_numbered
from unspool.data.steps_in_time import counts_steps, rising_time, sentence_on_times, starts_again
from unspool.data.tables.joined_columns import shown_columns
from unspool.data.tables.table import CHUNK_ROWS, Chunk, Table
from unspool.data.usual_names import usual
from unspool.errors import UserError

NO_STEPS = frozenset((*SERIES_NAMES, *TIME_NAMES, "index"))
"""Names of columns that hold no step of a series, in lower case."""
_FEWEST_IN_A_RUN = 4  # rows of a name, on average
_FEWEST_IN_A_TRIAL = 10  # rows of a name that two columns hold, on average
_MANY_IN_A_RUN = 50  # rows of a person or the like, on average: fewer may be trials


def refuse_rows_of_one_series(
    table: Table, label: str | None, group: str | None = None, split: str | None = None, newest: str | None = None
) -> None:
    """Refuse a table whose successive rows look like the time steps of a series, unless a column says how to part them.

    They share a name, or a column of times rises or falls in them in even steps.

    Args:
        table: in wide form, from which a model learns.
        label: the column that was named so, or None; likewise the others.
        group: that keeps series together.
        split: that says which part each row belongs to.
        newest: that says when each row was recorded.

    Raises:
        UserError: names the column.
    """
    first, given = table.first(), {label, group, split, newest}
    free = {name: cells for name, cells in first.cells.items() if name not in given}
    if list_columns(first) or _has_numbered_steps(first, given):
        return
    time = rising_time(free) if {group, split, newest} == {None} else None
    for name, cells in free.items():
        is_name = is_id(name) or names_group(name)
        if mostly(is_number, cells) and not is_name:
            continue
        runs = [(one, len([*rows])) for one, rows in groupby(map(str, cells))]
        if len(runs) > len(dict(runs)) or len(first) < _FEWEST_IN_A_RUN * len(runs):
            continue
        if len(runs) == 1 and (len(first) < CHUNK_ROWS or not is_name):  # of one value, it names nothing
            continue
        others = {other: cells for other, cells in first.cells.items() if other != name}
        agree = next((f" and agree in {other}" for other, cells in others.items() if _agrees(cells, runs)), "")
        again = (other for other, cells in others.items() if counts_steps(other) and _starts_again(cells, runs))
        told = agree or next((f" and {other} rises in them, then starts again" for other in again), "")
        several = is_name and len(first) >= _MANY_IN_A_RUN * len(runs)
        beside = None if told else _named_with(name, first, label, runs)
        if beside is not None:
            told = f" and agree in {label}"
        if told or several or (is_name and time is not None):
            even = f" and {time} changes evenly from row to row" if time is not None else ""
            names = [name, *([] if beside is None else [beside])]
            raise UserError(
                f"{table.path}: rows with the same {' and '.join(names)} follow each other{told or even}, as the time "
                f"steps of one series do. If so, name {shown_columns(names)} to identify the series (--series "
                f"{as_typed(names)}; in Python series=). If each row is a series of its own, keep rows with the same "
                f"{name} in one part (--group {as_typed([name])}; in Python group=), or remove that column."
            )
    if time is not None:
        hold_out = f"hold out the newest rows (--newest {as_typed([time])}; in Python newest=), or "
        newest = "" if starts_again(first.cells[time], time) else hold_out
        raise UserError(
            f"{table.path}: column {time} changes evenly from row to row, as in a table with a row for each time step. "
            "If so, name the column that identifies the series (--series; in Python series=); if there is none, add "
            f"one. If each row is a series of its own, {newest}remove that column: neighbouring rows are then split at "
            f"random, and scores are too high if they are alike.{sentence_on_times(first.cells)}"
        )


def refuse_steps_in_rows(table: Table, first: Chunk, named: set[str | None]) -> None:
    """A time that recurs, beside other numbers, is the mark of a row for each step."""
    time = usual([name for name in first.cells if name not in named], TIME_NAMES)
    if time is None or _has_numbered_steps(first, named):
        return
    values = [str(cell) for cell in first.cells[time]]
    if len(set(values)) < len(values):
        raise UserError(
            f"{table.path}: values of column {time} recur, as in a table with a row for each time step. Name the "
            "column that tells the series apart (--series). If each row is a whole series, rename or remove that "
            "column."
        )


def holds_numbers(name: str, cells: Sequence[Any]) -> bool:
    """Whether a column may hold a step: numbers, perhaps with gaps, that are no ids and no times; or nothing at all."""
    if name.lower() in NO_STEPS or isinstance(next(iter(cells), None), bool) or numbers_rows(name, cells):
        return False
    there = [cell for cell in cells if not is_missing(cell)]
    return not there or 2 * sum(map(is_number, there)) > len(there)


def _has_numbered_steps(first: Chunk, named: Collection[str | None]) -> bool:
    """Whether columns of numbers have names in sequence, such as wavelengths, but for a few: a row is a series then."""
    free = {name: cells for name, cells in first.cells.items() if name not in named}
    numbers = [name for name, cells in free.items() if holds_numbers(name, cells) and not names_series(name, cells)]
    return are_numbered(numbers)


def _named_with(name: str, first: Chunk, label: str | None, runs: Sequence[tuple[str, int]]) -> str | None:
    """A column that tells series apart together with one that has such runs of rows, as a number of a trial does.

    The rows of each such series follow each other, many of them, and agree in the label; those of a run need not.
    """
    if label is None:
        return None
    for other, cells in first.cells.items():
        keys = list(zip(first.cells[name], cells, strict=True))
        finer = [(str(one), len([*rows])) for one, rows in groupby(map(str, keys))]
        are_trials = len(runs) < len(finer) == len(dict(finer)) <= len(first) / _FEWEST_IN_A_TRIAL
        if other not in (name, label) and are_trials and _agrees(first.cells[label], finer):
            return other
    return None


def _agrees(cells: Sequence[Any], runs: Sequence[tuple[str, int]]) -> bool:
    """Whether a column has one value in each run of rows, given as a name and a length, and fewer values than runs.

    Example:
        >>> runs = [("a", 4), ("b", 4), ("c", 4)]
        >>> _agrees("xxxxyyyyxxxx", runs), _agrees("xyxyxyxyxyxy", runs), _agrees("xxxxxxxxxxxx", runs)
        (True, False, False)
    """
    values, begin = set(), 0
    for _, count in runs:
        there = {str(cell) for cell in cells[begin : begin + count]}
        if len(there) > 1:
            return False
        values |= there
        begin += count
    return 1 < len(values) < len(runs)


def _starts_again(cells: Sequence[Any], runs: Sequence[tuple[str, int]]) -> bool:
    """Whether numbers rise in each run of rows, given as a name and a length, and begin each below the last one's end.

    Example:
        >>> runs = [("a", 4), ("b", 4), ("c", 4)]
        >>> _starts_again([0, 1, 2, 3, 1, 2, 3, 4, 0, 2, 4, 6], runs), _starts_again(range(12), runs)
        (True, False)
    """
    begin, end = 0, None
    for _, count in runs:
        numbers = [as_number(cell) for cell in cells[begin : begin + count]]
        there = [number for number in numbers if number is not None]
        if len(there) < count or any(one >= other for one, other in pairwise(there)):
            return False
        if end is not None and there[0] >= end:
            return False
        begin, end = begin + count, there[-1]
    return len(runs) > 1

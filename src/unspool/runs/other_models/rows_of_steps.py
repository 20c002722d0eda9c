"""Turns a table of tags that has a row for each step of a series into one that has a row for each series."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from unspool.data.cell_values import time_of
from unspool.data.series.long_columns import TIME_NAMES
from unspool.data.tables.numbered_dates import DateOrder, Dates, NumberedDate, is_numbered_date
from unspool.data.tables.problems import Flaw, Place
from unspool.data.tables.table import Chunk
from unspool.data.usual_names import usual
from unspool.errors import UserError

Rows = list[tuple[Place, dict[str, Any]]]


def series_of_rows(
    chunks: Iterable[Chunk], naming: Sequence[str], prediction: str, tags: Collection[str]
) -> list[Rows] | None:
    """The rows of each series; None if no series has several, or if a row has several tags.

    Args:
        chunks: the table's rows.
        naming: the columns that tell series apart.
        prediction: the column with the tags.
        tags: the names of the task, which may contain spaces.
    """
    found: dict[tuple[str, ...], Rows] = {}
    for chunk in chunks:
        for index, place in enumerate(chunk.places):
            row = {name: cells[index] for name, cells in chunk.cells.items()}
            answer = row[prediction]
            if isinstance(answer, list | tuple) or (str(answer) not in tags and len(str(answer).split()) > 1):
                return None
            found.setdefault(tuple(str(row[name]) for name in naming), []).append((place, row))
    return list(found.values()) if any(len(rows) > 1 for rows in found.values()) else None


def one_row_per_series(
    source: str,
    series: Sequence[Rows],
    naming: Sequence[str],
    wanted: Sequence[str],
    time: str | None,
    dates: Dates | None = None,
) -> tuple[Chunk, str]:
    """A row for each series, with lists of the cells of its rows in the order of time.

    Args:
        source: names the table in messages.
        series: see `series_of_rows`.
        naming: the columns that tell series apart.
        wanted: those whose cells are put together; others are left out.
        time: the column of times in the run's data file; None if it has none, and a usual name is looked for.
        dates: which comes first in that file's dates with the year last.

    Returns:
        The rows, and a sentence that says how they were found.

    Raises:
        UserError: a time cannot be read.
    """
    columns = [name for name in series[0][0][1] if name not in (*naming, *wanted)]
    order = "the table"
    if time is not None and time not in columns:
        order += f", as it has no column {time}, which has the times in the run's data file"
    elif (time := time or usual(columns, TIME_NAMES)) is not None:
        order = f"column {time}"
        series = [sorted(rows, key=lambda row: _time_in(source, row, time, dates)) for rows in series]
    cells = {name: [rows[0][1][name] for rows in series] for name in naming}
    cells |= {name: [[row[name] for _, row in rows] for rows in series] for name in wanted}
    how = f"The rows of {source} are the steps of series, whose tags were put together in the order of {order}."
    return Chunk([rows[0][0] for rows in series], cells, problems=[]), how


def _time_in(source: str, row: tuple[Place, dict[str, Any]], column: str, dates: Dates | None) -> float:
    place, cells = row
    cell = cells[column]
    if dates is not None and is_numbered_date(cell):
        cell = NumberedDate(str(cell), DateOrder((), given=dates))
    time = time_of(cell, column)
    if isinstance(time, Flaw):
        raise UserError(f"{source}, {place}, column {column}: {time.detail}. Write the times of the run's data file.")
    return time

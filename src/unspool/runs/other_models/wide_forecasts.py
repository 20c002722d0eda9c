"""Turns a table of forecasts that has a column for each series into one that has a row for each step of a series."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from unspool.data.cell_values import is_missing
from unspool.data.tables.table import Chunk
from unspool.runs.other_models.forecast_columns import same_name


def columns_of_series(columns: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    """The column of each series that has exactly one, by the name of the series.

    Example:
        >>> columns_of_series(["day", "1", "2.0", "3", "3.0"], ["1", "2", "3"])
        {'1': '1', '2': '2.0'}
    """
    by_name: dict[str, list[str]] = {}
    for column in columns:
        by_name.setdefault(same_name(column), []).append(column)
    found = {name: by_name.get(same_name(name), []) for name in names}
    return {name: some[0] for name, some in found.items() if len(some) == 1}


def one_row_per_step(
    chunks: Iterable[Chunk], columns: Mapping[str, str], *, series: str, forecast: str
) -> Iterator[Chunk]:
    """Rows with the name of a series and its forecast, beside the row's other cells; none for an empty cell.

    Args:
        chunks: the table's rows.
        columns: of the series, by their names.
        series: the column to hold these names.
        forecast: the column to hold the forecasts.
    """
    for chunk in chunks:
        others = {name: cells for name, cells in chunk.cells.items() if name not in columns.values()}
        for name, column in columns.items():
            at = [row for row, cell in enumerate(chunk.cells[column]) if not is_missing(cell)]
            cells = {other: [of_rows[row] for row in at] for other, of_rows in others.items()}
            cells |= {series: [name] * len(at), forecast: [chunk.cells[column][row] for row in at]}
            yield Chunk([chunk.places[row] for row in at], cells, chunk.problems)

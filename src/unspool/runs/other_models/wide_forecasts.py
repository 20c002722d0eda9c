"""Turns a table of forecasts that has a column for each series into one that has a row for each step of a series."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from unspool.data.tables.table import Chunk
from unspool.runs.other_models.forecast_columns import same_name


def columns_of_series(columns: Sequence[str], names: Iterable[str]) -> dict[str, str]:
    """The column of each series, by the name of the series; empty unless every series has one.

    Example:
        >>> columns_of_series(["day", "1", "2.0"], ["1", "2"])
        {'1': '1', '2': '2.0'}
    """
    by_name = {same_name(column): column for column in columns}
    wanted = {name: by_name.get(same_name(name)) for name in names}
    found = {name: column for name, column in wanted.items() if column is not None}
    return found if len(found) == len(wanted) else {}


def one_row_per_step(
    chunks: Iterable[Chunk], columns: Mapping[str, str], *, series: str, forecast: str
) -> Iterator[Chunk]:
    """Rows with the name of a series and its forecast, beside the other cells of the row.

    Args:
        chunks: of the table.
        columns: from `columns_of_series`.
        series: the column for their names.
        forecast: the column for their forecasts.
    """
    for chunk in chunks:
        others = {name: cells for name, cells in chunk.cells.items() if name not in columns.values()}
        for name, column in columns.items():
            cells = {series: [name] * len(chunk), **others, forecast: chunk.cells[column]}
            yield Chunk(chunk.places, cells, chunk.problems)

"""Files of texts whose labels, if any, are not needed."""

from os import PathLike
from pathlib import Path

from unspool import files
from unspool.data.tables import folder
from unspool.data.tables.formats import Format, holds_labelled_lines, named_as_table
from unspool.data.tables.joined_columns import parts_of
from unspool.data.tables.notation import Decimal
from unspool.data.tables.numbered_dates import Dates
from unspool.data.tables.problems import OnError, check_on_error
from unspool.data.tables.table import Table, read_table
from unspool.data.texts.line_files import holds_lines, line_table
from unspool.errors import AdvisedError

FLAT_FOLDER = Format("folder of text files", folder.read_flat)


def read_texts_alone(
    path: str | PathLike[str],
    column: str,
    on_error: OnError = "stop",
    *,
    dates: Dates | None = None,
    time: str | None = None,
    decimal: Decimal | None = None,
) -> Table:
    """Open a table as `read_table` does, a file with one text a line, or a folder that holds text files itself.

    Args:
        path: of the file or folder.
        column: the name that the column of a file with one text a line gets.
        on_error: see `read_table`.
        dates: see `read_table`.
        time: a column of times, or several that are joined if the table has all of them.
        decimal: see `read_table`.

    Raises:
        UserError: see `read_table`.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "more.txt"
        >>> _ = path.write_text("A fine film.\\nA bore.\\n")
        >>> [chunk.cells for chunk in read_texts_alone(path, "review").chunks()]
        [{'review': ['A fine film.', 'A bore.']}]
    """
    place = files.expanded(path)
    files.refuse_missing(place)
    if holds_lines(place) and not holds_labelled_lines(place):
        files.refuse_special(place)
        return line_table(place, column, on_error)
    if place.is_dir():
        _refuse_without_texts(place)
    if folder.is_flat(place):
        check_on_error(on_error)
        return Table(place, FLAT_FOLDER, *FLAT_FOLDER.read(place)[:1], on_error)
    table = read_table(place, on_error, dates=dates, decimal=decimal)
    parts = parts_of(time, table.columns)
    if parts and all(part in table.columns for part in parts):
        return read_table(place, on_error, dates=dates, times=(time,), decimal=decimal)
    return table


def _refuse_without_texts(place: Path) -> None:
    """Refuse a folder without texts, unless it has tables: `read_table` says more about these."""
    if not any(place.rglob("*.txt")) and not any(map(named_as_table, place.iterdir())):
        raise AdvisedError(f"{place} has no .txt files in it.", "Put each text into a file of its own, such as 1.txt.")

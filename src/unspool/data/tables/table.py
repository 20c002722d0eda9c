"""A person's table, whatever kind of file it is: its columns at once, its rows in chunks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import Any

from unspool import files
from unspool.data.tables.formats import Format, Row, format_in
from unspool.data.tables.joined_columns import JoinedColumns, columns_after, parts_of, refuse_parts, rows_after
from unspool.data.tables.joined_labels import joined_labels
from unspool.data.tables.joined_names import joined_name
from unspool.data.tables.joined_times import joined_time, refuse_long
from unspool.data.tables.notation import Decimal, Notation, notation_of_numbers
from unspool.data.tables.numbered_dates import DateOrder, Dates, columns_with_dates
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, check_on_error, settle
from unspool.errors import AdvisedError

CHUNK_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table, one after the other.

    Attributes:
        places: where each of N rows stands.
        cells: N values by the name of the column, as the file gives them: only text in CSV, any value in the others. A
            text is a `WrittenNumber` where it is a number that Python would not read as the file means it, a
            `NumberedDate` where it is a date with the year last.
        problems: the rows in between that cannot be used; a Place is counted for them as well.
    """

    places: list[Place]
    cells: dict[str, list[Any]]
    problems: list[Problem]

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that lies in a file or a folder.

    Attributes:
        path: of the file or folder.
        format: what kind it is.
        columns: their names; one that is joined from several stands for these, see `joined_time` and `joined_labels`,
            or beside them, see `joined_name`.
        on_error: what is done about a row that cannot be used: "stop" at it, or "skip" it and count it.
        dates: whether the day or the month comes first in dates with the year last; None infers it, see `DateOrder`.
        joined: what a time, the labels or the name of a series are joined from, by the name of the joined column.
        decimal: what separated decimals in training; None infers it, see `notation_of_numbers`.
    """

    path: Path
    format: Format = field(repr=False)
    columns: tuple[str, ...]
    on_error: OnError = "stop"
    dates: Dates | None = None
    joined: Mapping[str, JoinedColumns] = field(default_factory=dict)
    decimal: Decimal | None = None
    _opened: list[Iterator[Row]] = field(default_factory=list, repr=False, compare=False)
    """The rows from the first one on, where the file is open and nothing but `first` has read from it."""
    _notations: list[Notation] = field(default_factory=list, repr=False, compare=False)
    """How numbers and dates are written, judged by the first rows."""

    def first(self) -> Chunk:
        """Look at the first rows, as many as `chunks` gives at first, which then reads on: the file is opened once.

        Raises:
            UserError: see `chunks`.
        """
        rows = self._rows()
        taken = list(islice(rows, CHUNK_ROWS))
        self._opened.append(chain(taken, rows))
        return self._checked(list(enumerate(taken, start=1)))

    def chunks(self, rows: int = CHUNK_ROWS) -> Iterator[Chunk]:
        """Read the table from its beginning, so many rows at a time: memory does not grow with its length.

        Raises:
            UserError: the file cannot be read, has no rows, or a row cannot be used and `on_error` is "stop".
        """
        numbered = enumerate(self._rows(), start=1)
        taken = list(islice(numbered, rows))
        yield self._checked(taken)
        while taken := list(islice(numbered, rows)):
            yield self._checked(taken)

    def words_on(self, names: Iterable[str | None]) -> tuple[str, ...]:
        """Say how numbers and dates are written in some columns, as far as this was inferred."""
        return self._notation.in_words(names, lambda name: self.first().cells[name])

    def words_on_quotes(self) -> tuple[str, ...]:
        """Say that quotes in the file are read as text, if that was inferred and the first rows show it."""
        are_text, cells = self.format.quotes_are_text, chain.from_iterable(self.first().cells.values())
        if are_text is None or not any(str(cell).startswith('"') for cell in cells) or not are_text(self.path):
            return ()  # without opening the file again, unless a cell begins with a quote
        return ('quotes (") are kept as text, because some lines contain unpaired ones',)

    def words_on_points(self, names: Iterable[str | None]) -> tuple[str, ...]:
        """Say which columns have numbers such as 1.234, whose point may separate thousands."""
        return self._notation.points_in_words(names)

    def decimal_in(self, names: Iterable[str | None]) -> Decimal | None:
        """What separates decimals in some columns, or did in training; None if nothing shows it, or columns differ."""
        return self.decimal or self._notation.decimal(names)

    def notes_on_decimals(self, names: Iterable[str | None]) -> tuple[str, ...]:
        """Say in which of some columns training decided how numbers are read, or that the file differs from it."""
        return self._notation.notes(names)

    def date_order(self, names: Iterable[str | None]) -> Dates | None:
        """The order of day and month in the first of some columns whose dates have the year last; else None."""
        return self._notation.date_order(names)

    def parts(self, name: str | None) -> tuple[str, ...]:
        """The columns that a column is joined from; empty if it is not joined."""
        found = self.joined.get(name or "")
        return found.names if found else ()

    @property
    def _notation(self) -> Notation:
        if not self._notations:
            self.first()
        return self._notations[0]

    def _rows(self) -> Iterator[Row]:
        rows = self._opened.pop() if self._opened else self._read()
        if not self._notations:
            taken = list(islice(rows, CHUNK_ROWS))
            rows = chain(taken, rows)
            self._notations.append(self._written([cells for _, cells in taken if not isinstance(cells, Flaw)]))
        return rows

    def _read(self) -> Iterator[Row]:
        columns, rows = self.format.read(self.path)
        return rows if not self.joined else rows_after(rows, columns, self.joined)

    def _written(self, rows: list[list[Any]]) -> Notation:
        if not rows:
            return Notation()
        cells = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        delimiter = self.format.delimiter
        found = Notation()
        if delimiter is not None:
            plain = {name: column for name, column in cells.items() if name not in self.joined}
            found = notation_of_numbers(plain, lambda: delimiter(self.path), self.decimal)
        dates = {
            name: DateOrder(cells[name], partial(self._cells_behind, name), self.dates)
            for name in columns_with_dates(cells)
        }
        return replace(found, dates=dates)

    def _cells_behind(self, name: str) -> Iterator[Any]:
        """The cells of a column after the first rows."""
        place = self.columns.index(name)
        for _, cells in islice(self._read(), CHUNK_ROWS, None):
            if not isinstance(cells, Flaw):
                yield cells[place]

    def _checked(self, taken: list[tuple[int, Row]]) -> Chunk:
        if not taken:
            raise AdvisedError(
                f"{self.path} has no rows, only the columns {', '.join(self.columns)}.", "Give some examples."
            )
        chunk = self._chunk(taken)
        settle(chunk.problems, self.path, self.on_error)
        return chunk

    def _chunk(self, taken: list[tuple[int, Row]]) -> Chunk:
        places, values, problems = [], [], []
        for row, (mark, cells) in taken:
            place = Place(row, mark, self.format.counts)
            if isinstance(cells, Flaw):
                problems.append(Problem(cells, place))
            else:
                places.append(place)
                values.append(cells)
        by_column = zip(*values, strict=True) if values else [()] * len(self.columns)
        named = {name: list(column) for name, column in zip(self.columns, by_column, strict=True)}
        return Chunk(places, self._notations[0].marked(named), problems)


def read_table(
    path: str | PathLike[str],
    on_error: OnError = "stop",
    *,
    dates: Dates | None = None,
    times: Iterable[str | None] = (),
    label: str | None = None,
    series: str | None = None,
    decimal: Decimal | None = None,
) -> Table:
    """Open a table: CSV, TSV, JSON or Parquet by the ending of its name, or a folder of text files by class.

    CSV and TSV have a header, are UTF-8, and quote with `"`, except for tab-separated files without quoting, see
    `quotes_are_text`; the delimiter of CSV is that of comma, semicolon and tab which the header has most of. Where that
    is a semicolon or a tab, numbers may have a decimal comma, see `columns_with_commas`. A .tsv or .txt file of the UCR
    archive has no header: its columns are then named "label", "1", "2", and so on. A folder has a folder for each
    class, and above these, if it likes, `train` and `test`.

    Args:
        path: of the file or folder.
        on_error: what is done about a row that cannot be used: "stop" at it, or "skip" it and count it.
        dates: whether the day or the month comes first in dates with the year last; None finds it, see `DateOrder`.
        times: columns of times; several named together, as in "year,month", are joined.
        label: the column of labels; several named together, as in "toxic,threat", hold 1 or 0 for a label each.
        series: the column that tells series apart; several named together, as in "person,trial", are joined.
        decimal: what separated decimals in training, which decides about numbers such as 1,234; None infers it.

    Returns:
        The table, of which only the beginning has been read; one with tabs and quotes was scanned whole.

    Raises:
        UserError: there is nothing there, it is of another kind, it is empty or damaged, it has no columns, or lacks
            one that a time, the labels or the name of a series are joined from.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "reviews.csv"
        >>> _ = path.write_text("review,sentiment\\nA fine film.,good\\nA bore.,bad\\n")
        >>> table = read_table(path)
        >>> table.columns
        ('review', 'sentiment')
        >>> [chunk.cells["sentiment"] for chunk in table.chunks()]
        [['good', 'bad']]
    """
    check_on_error(on_error)
    path = files.expanded(path)
    files.refuse_missing(path)
    files.refuse_special(path)
    form = format_in(path)
    columns, rows = form.read(path)
    joined = {name: JoinedColumns(parts, joined_time) for name, parts in _parts(times, columns)}
    for name, one in joined.items():
        refuse_parts(path, name, one.names, columns, "time")
        refuse_long(path, name, one.names)
    for name, parts in _parts((label,), columns):
        refuse_parts(path, name, parts, columns, "label")
        joined[name] = JoinedColumns(parts, joined_labels)
    for name, parts in _parts((series,), columns):
        refuse_parts(path, name, parts, columns, "series")
        joined[name] = JoinedColumns(parts, joined_name, stay=True)
    if not joined:
        return Table(path, form, columns, on_error, dates, joined, decimal, [rows])
    kept = columns_after(columns, joined)
    return Table(path, form, kept, on_error, dates, joined, decimal, [rows_after(rows, columns, joined)])


def _parts(names: Iterable[str | None], columns: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Those of some names that are joined from several columns, with these."""
    for name in names:
        if name is not None and (parts := parts_of(name, columns)):
            yield name, parts

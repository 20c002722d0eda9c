"""A person's table, whatever kind of file it is: its columns at once, its rows in chunks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import Any

from unspool import files
from unspool.data.tables import delimited, folder, json_lines, parquet
from unspool.data.tables.comma_numbers import (
    CommaNumber,
    columns_with_commas,
    columns_with_either_point,
    is_comma_number,
)
from unspool.data.tables.joined_times import joined_time, parts_of, refuse_parts
from unspool.data.tables.numbered_dates import (
    DateOrder,
    Dates,
    NumberedDate,
    columns_with_dates,
    is_numbered_date,
)
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, check_on_error, settle
from unspool.data.tables.written_numbers import (
    PointNumber,
    WrittenNumber,
    columns_with_grouped_numbers,
    columns_with_signs,
    is_point_number,
    without_sign,
)
from unspool.errors import UserError

CHUNK_ROWS = 1000
_MOST_NAMED = 20

_Row = tuple[Any, list[Any] | Flaw]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        name: of it, in words.
        read: opens it: the names of its columns, and its rows: where each stands, and its cells or what is wrong with
            it.
        counts: what a Place of it counts.
        delimiter: returns what separates the cells of a file, if cells are text that may be numbers.
    """

    name: str
    read: Callable[[Path], tuple[tuple[str, ...], Iterator[_Row]]]
    counts: str = "row"
    delimiter: Callable[[Path], str] | None = None


CSV = Format("CSV", delimited.read, delimiter=delimited.delimiter_of)
TSV = Format("TSV", delimited.read, delimiter=delimited.delimiter_of)
UCR = Format("text of the UCR archive", delimited.read_headerless)
JSON_LINES = Format("JSON lines", json_lines.read)
PARQUET = Format("Parquet", parquet.read)
FOLDER = Format("folder of text files", folder.read)

BY_ENDING = {
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}
"""The format of a file by the ending of its name."""

_CONVERT = {
    **dict.fromkeys((".xlsx", ".xls", ".ods"), "Save the sheet as CSV in UTF-8."),
    **dict.fromkeys((".gz", ".zip", ".bz2", ".xz", ".zst"), "Unpack it, and give the table inside."),
    ".json": "Write one JSON object on each line, and let its name end in .jsonl.",
}


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
class _Notation:
    """The notation of a table.

    Attributes:
        commas: columns of numbers with a decimal comma.
        signs: columns of numbers with a percent or currency sign or a unit, or with negative ones in parentheses.
        grouped: columns of numbers whose commas separate thousands.
        points: columns of numbers whose point may separate thousands, each with one of them.
        dates: columns of dates with the year last.
    """

    commas: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()
    grouped: frozenset[str] = frozenset()
    points: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, DateOrder] = field(default_factory=dict)

    def number(self, name: str, cell: str) -> str:
        """A cell of a column, marked if it is a number that Python would not read as the file means it."""
        if name in self.commas and is_comma_number(without_sign(cell) if name in self.signs else cell):
            return CommaNumber(cell)
        written = name in self.signs or name in self.grouped
        return PointNumber(cell) if written and is_point_number(cell, grouped=name in self.grouped) else cell


@dataclass(frozen=True, slots=True)
class Table:
    """A table that lies in a file or a folder.

    Attributes:
        path: of the file or folder.
        format: what kind it is.
        columns: their names; a time that is joined from several stands for these, see `joined_time`.
        on_error: what is done about a row that cannot be used: "stop" at it, or "skip" it and count it.
        dates: whether the day or the month comes first in dates with the year last; None infers it, see `DateOrder`.
        joined: the columns that a time is joined from, by its name.
    """

    path: Path
    format: Format = field(repr=False)
    columns: tuple[str, ...]
    on_error: OnError = "stop"
    dates: Dates | None = None
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _opened: list[Iterator[_Row]] = field(default_factory=list, repr=False, compare=False)
    """The rows from the first one on, where the file is open and nothing but `first` has read from it."""
    _notations: list[_Notation] = field(default_factory=list, repr=False, compare=False)
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
        notation, asked = self._notation, [name for name in dict.fromkeys(names) if name is not None]
        words = []
        if commas := [name for name in asked if name in notation.commas]:
            more = f" and {len(commas) - _MOST_NAMED:,} more" if len(commas) > _MOST_NAMED else ""
            where = f"column{'s' * (len(commas) > 1)} {', '.join(commas[:_MOST_NAMED])}{more}"
            words.append(f"numbers in {where} are written with a decimal comma")
        for name in [name for name in asked if name in notation.signs | notation.grouped][:_MOST_NAMED]:
            cells = self.first().cells[name]
            shown = next((cell for cell in cells if isinstance(cell, WrittenNumber) and float(cell)), None)
            if shown is not None:
                words.append(f"numbers in column {name}, such as {shown.strip()}, are read as {shown.with_point}")
        words += self.words_on_points(asked)
        for name in asked:
            order = notation.dates.get(name)
            if order is not None and order.first is not None:
                first = order.first.removesuffix("-first")
                words.append(f"dates in column {name} have the {first} first, such as {order.example}")
        return tuple(words)

    def words_on_points(self, names: Iterable[str | None]) -> tuple[str, ...]:
        """Say which columns have numbers such as 1.234, whose point may separate thousands."""
        points = self._notation.points
        return tuple(
            f"numbers in column {name}, such as {points[name]}, are read with a decimal point; write "
            f"{points[name].replace('.', '')} if it separates thousands"
            for name in names
            if name is not None and name in points
        )

    def date_order(self, names: Iterable[str | None]) -> Dates | None:
        """The order of day and month in the first of some columns whose dates have the year last; else None."""
        dates = self._notation.dates
        return next((dates[name].first for name in names if name is not None and name in dates), None)

    @property
    def _notation(self) -> "_Notation":
        if not self._notations:
            self.first()
        return self._notations[0]

    def _rows(self) -> Iterator[_Row]:
        rows = self._opened.pop() if self._opened else self._read()
        if not self._notations:
            taken = list(islice(rows, CHUNK_ROWS))
            rows = chain(taken, rows)
            self._notations.append(self._written([cells for _, cells in taken if not isinstance(cells, Flaw)]))
        return rows

    def _read(self) -> Iterator[_Row]:
        columns, rows = self.format.read(self.path)
        return rows if not self.joined else _with_joined(rows, columns, self.columns, self.joined)

    def _written(self, rows: list[list[Any]]) -> "_Notation":
        if not rows:
            return _Notation()
        cells = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        delimiter = self.format.delimiter
        commas: frozenset[str] = frozenset()
        signs: frozenset[str] = frozenset()
        grouped: frozenset[str] = frozenset()
        points: dict[str, str] = {}
        if delimiter is not None:
            plain: dict[str, Sequence[Any]]
            plain = {name: column for name, column in cells.items() if name not in self.joined}
            signs, grouped = columns_with_signs(plain), columns_with_grouped_numbers(plain)
            plain |= {name: list(map(without_sign, plain[name])) for name in signs}
            plain |= {name: [cell.replace(",", "") for cell in plain[name]] for name in grouped}
            commas = columns_with_commas(plain, lambda: delimiter(self.path))
            points = columns_with_either_point(plain, lambda: delimiter(self.path))
        dates = {
            name: DateOrder(cells[name], partial(self._cells_behind, name), self.dates)
            for name in columns_with_dates(cells)
        }
        return _Notation(commas, signs, grouped, points, dates)

    def _cells_behind(self, name: str) -> Iterator[Any]:
        """The cells of a column after the first rows."""
        place = self.columns.index(name)
        for _, cells in islice(self._read(), CHUNK_ROWS, None):
            if not isinstance(cells, Flaw):
                yield cells[place]

    def _checked(self, taken: list[tuple[int, _Row]]) -> Chunk:
        if not taken:
            raise UserError(f"{self.path} has no rows, only the columns {', '.join(self.columns)}. Give some examples.")
        chunk = self._chunk(taken)
        settle(chunk.problems, self.path, self.on_error)
        return chunk

    def _chunk(self, taken: list[tuple[int, _Row]]) -> Chunk:
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
        notation = self._notations[0]
        for name in notation.commas | notation.signs | notation.grouped:
            named[name] = [notation.number(name, cell) for cell in named[name]]
        for name, order in notation.dates.items():
            named[name] = [NumberedDate(cell, order) if is_numbered_date(cell) else cell for cell in named[name]]
        return Chunk(places, named, problems)


def read_table(
    path: str | PathLike[str],
    on_error: OnError = "stop",
    *,
    dates: Dates | None = None,
    times: Iterable[str | None] = (),
) -> Table:
    """Open a table: CSV, TSV, JSON lines or Parquet by the ending of its name, or a folder of text files by class.

    CSV and TSV have a header, are UTF-8, and quote with `"`; the delimiter of CSV is that of comma, semicolon and tab
    which the header has most of. Where that is a semicolon or a tab, numbers may have a decimal comma, see
    `columns_with_commas`. A .tsv or .txt file of the UCR archive has no header: its columns are then named "label",
    "1", "2", and so on. A folder has a folder for each class, and above these, if it likes, `train` and
    `test`.

    Args:
        path: of the file or folder.
        on_error: what is done about a row that cannot be used: "stop" at it, or "skip" it and count it.
        dates: whether the day or the month comes first in dates with the year last; None finds it, see `DateOrder`.
        times: columns of times; several named together, as in "year,month", are joined.

    Returns:
        The table, of which only the beginning has been read.

    Raises:
        UserError: there is nothing there, it is of another kind, it is empty or damaged, it has no columns, or lacks
            one that a time is joined from.

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
    if path.is_file() and delimited.headerless_columns(path) is not None:
        form = UCR
    else:
        form = _form_of_folder(path) if path.is_dir() else format_of(path)
    columns, rows = form.read(path)
    joined = {time: parts for time in times if time is not None and (parts := parts_of(time, columns))}
    for time, parts in joined.items():
        refuse_parts(path, time, parts, columns)
    if not joined:
        return Table(path, form, columns, on_error, dates, joined, [rows])
    gone = {name for parts in joined.values() for name in parts}
    kept = (*joined, *(name for name in columns if name not in gone))
    return Table(path, form, kept, on_error, dates, joined, [_with_joined(rows, columns, kept, joined)])


def _with_joined(
    rows: Iterator[_Row], columns: Sequence[str], kept: Sequence[str], joined: Mapping[str, tuple[str, ...]]
) -> Iterator[_Row]:
    """The rows with their times joined, and the columns that are kept in order."""
    places = {name: place for place, name in enumerate(columns)}
    for mark, cells in rows:
        if isinstance(cells, Flaw):
            yield mark, cells
            continue
        times = {time: joined_time(parts, [cells[places[name]] for name in parts]) for time, parts in joined.items()}
        yield mark, [times[name] if name in times else cells[places[name]] for name in kept]


def _form_of_folder(path: Path) -> Format:
    inside = sorted(path.iterdir())
    tables = [one for one in inside if one.suffix.lower() in BY_ENDING]
    if tables and not any(one.is_dir() for one in inside):
        raise UserError(f"{path} is a folder with tables in it. Give the path of one of them, such as {tables[0]}.")
    return FOLDER


def named_as_table(path: Path) -> bool:
    """Tell by a file's name whether it is a table, or a workbook or an archive that may hold one."""
    return path.suffix.lower() in BY_ENDING or path.suffix.lower() in _CONVERT


def format_of(path: Path) -> Format:
    """Tell the format of a table by the ending of its name.

    Raises:
        UserError: there is none of that ending.
    """
    form = BY_ENDING.get(path.suffix.lower())
    if form is None:
        known = ", ".join(BY_ENDING)
        ending = f"the ending {path.suffix!r}" if path.suffix else "no ending"
        what_to_do = _CONVERT.get(
            path.suffix.lower(),
            "Convert or rename it. To train on two aligned text files for translation, name the second one, too "
            "(--target FILE).",
        )
        raise UserError(f"{path} has {ending}: a table ends in one of {known}. {what_to_do}")
    return form

"""Tables written: whole or not at all, and harmless in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeAlias

import numpy as np

from unspool import atomic_writes, files
from unspool.data.tables.comma_numbers import is_comma_number
from unspool.data.tables.formats import CSV, JSON_LINES, PARQUET, TSV, Format, format_to_write
from unspool.data.tables.parquet import require_pyarrow
from unspool.data.tables.written_numbers import WrittenNumber, is_point_number, without_sign
from unspool.errors import UserError
from unspool.strict_json import as_json

Row = Mapping[str, Any]

_BATCH = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Printed:
    """A table that goes to a stream row by row, for a person or for another program.

    Attributes:
        stream: of text.
        format: CSV or JSON lines.
    """

    stream: TextIO
    format: Format = CSV


Destination: TypeAlias = str | PathLike[str] | Printed


def write_table(rows: Iterable[Row], path: Destination, columns: Iterable[str] | None = None) -> int:
    """Write rows to CSV, TSV, JSON lines or Parquet, by the ending of the name; they are taken one by one.

    The file appears when the last row has been written, and not at all where something fails before.

    In CSV and TSV a *text* that begins with `=`, `+`, `-`, `@`, a tab or a line break gets an apostrophe in front: else
    a spreadsheet may run it as a formula. Numbers are written as they are. Lists and dicts are written as JSON.
    In JSON, numbers that are not finite become null.

    Args:
        rows: each with its values by the names of the columns.
        path: of the file, in a folder that exists; or a stream.
        columns: which ones, in what order; None takes those of the first row.

    Returns:
        How many rows were written.

    Raises:
        UserError: the ending is unknown, a row lacks a column or has another one, there is no row to take the columns
            from, or the file cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "scored.csv"
        >>> write_table([{"text": "=1+1", "score": -0.5}, {"text": "fine", "score": 0.75}], path)
        2
        >>> path.read_text().splitlines()
        ['text,score', "'=1+1,-0.5", 'fine,0.75']
    """
    form = format_written(path)
    what = "The table" if isinstance(path, Printed) else str(files.expanded(path))
    stream = iter(rows)
    if columns is None:
        first = next(stream, None)
        if first is None:
            raise UserError(f"{what} is not written: there are no rows, and no columns were named.")
        columns, stream = list(first), chain([first], stream)
    names = tuple(columns)
    counted = _Counted(_checked(stream, names, what))
    if isinstance(path, Printed):
        for line in _lines(counted, names, form):
            path.stream.write(f"{line}\n")
        return counted.count
    path = files.linked(files.expanded(path))
    if form is PARQUET:
        require_pyarrow(path)
    with atomic_writes.writing_aside(path) as handle:
        if form is PARQUET:
            _write_parquet(counted, names, handle)
        else:
            end = "\n" if form is JSON_LINES else "\r\n"  # RFC 4180
            for line in _lines(counted, names, form):
                handle.write(_encoded(line + end))
    return counted.count


def write_columns(batches: Iterable[Mapping[str, Sequence[Any]]], path: Path, columns: Sequence[str]) -> None:
    """Write CSV as `write_table` does, from columns instead of rows, which takes less time.

    Args:
        batches: each has cells by column, and its columns are equally long.
        path: of the file, in a folder that exists.
        columns: their names, in order.

    Raises:
        UserError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "parts.csv"
        >>> write_columns([{"row": [1, 2], "part": ["=1+1", "test"]}], path, ["row", "part"])
        >>> path.read_text().splitlines()
        ['row,part', "1,'=1+1", '2,test']
    """
    with atomic_writes.writing_aside(path) as handle:
        for batch in chain([{name: [name] for name in columns}], batches):
            lines = io.StringIO(newline="")
            cells = [[_in_cell(_plain(cell)) for cell in batch[name]] for name in columns]
            csv.writer(lines, lineterminator="\r\n").writerows(zip(*cells, strict=True))
            handle.write(_encoded(lines.getvalue()))


def format_written(path: Destination) -> Format:
    """Tell the format in which a table is written.

    Raises:
        UserError: there is none of the name's ending.
    """
    return path.format if isinstance(path, Printed) else format_to_write(files.expanded(path))


def check_out(out: Path, *inputs: Path) -> None:
    """Refuse a place for a table before any work is done.

    Raises:
        UserError: its ending is not a table's, its folder is not there, or it is a folder, a pipe, a device, or a file
            that is read.
    """
    if str(out) == "-":
        raise UserError("--out - names no file. Leave --out out to print the table.")
    out = files.expanded(out)
    format_to_write(out)
    if not out.parent.is_dir():
        raise UserError(f"--out {out}: there is no folder {out.parent}.")
    if out.is_dir():
        raise UserError(f"--out {out} is a folder. Name a file.")
    files.refuse_special(out, files.FOR_OUTPUT)
    files.refuse_input(out, *inputs)


def inert(value: object) -> object:
    """Return a cell as a spreadsheet may have it: a text that would be a formula gets an apostrophe in front.

    A text that is a number, in whatever notation, is none.

    Example:
        >>> inert("@SUM(A1)"), inert("a = b"), inert("-1.5"), inert("-10%"), inert(-1)
        ("'@SUM(A1)", 'a = b', '-1.5', '-10%', -1)
    """
    if not isinstance(value, str) or isinstance(value, WrittenNumber):
        return value
    is_formula = value.startswith(_FORMULA) and not _is_number(value)
    return f"'{value}" if is_formula else value


def without_apostrophe(cell: object) -> object:
    """Return a cell without the apostrophe that `inert` put before it, if it did.

    Example:
        >>> without_apostrophe("'@SUM(A1)"), without_apostrophe("'tis"), without_apostrophe(-1)
        ('@SUM(A1)', "'tis", -1)
    """
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def _is_number(text: str) -> bool:
    if _NUMBER.fullmatch(text) is not None:
        return True
    return is_point_number(text, grouped=True) or is_comma_number(without_sign(text))


class _Counted(Iterator[list[Any]]):
    def __init__(self, rows: Iterator[list[Any]]) -> None:
        self._rows = rows
        self.count = 0

    def __next__(self) -> list[Any]:
        row = next(self._rows)
        self.count += 1
        return row


def _checked(rows: Iterable[Row], names: tuple[str, ...], what: str) -> Iterator[list[Any]]:
    for number, row in enumerate(rows, start=1):
        if row.keys() != set(names):
            raise UserError(
                f"{what} is not written: row {number} has the columns {', '.join(row)}, not {', '.join(names)}."
            )
        yield [_plain(row[name]) for name in names]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def _lines(rows: Iterator[list[Any]], names: tuple[str, ...], form: Format) -> Iterator[str]:
    """The lines of a table without their ends, that with the names of the columns among them, where there is one."""
    if form is JSON_LINES:
        for row in rows:
            yield as_json(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str)
        return
    line = io.StringIO(newline="")
    writer = csv.writer(line, delimiter="\t" if form is TSV else ",", lineterminator="\r\n")
    for row in chain([list(names)], rows):
        writer.writerow([_in_cell(cell) for cell in row])
        yield line.getvalue().removesuffix("\r\n")
        line.seek(0)
        line.truncate()


def _in_cell(cell: Any) -> object:
    return inert(as_json(cell, ensure_ascii=False) if isinstance(cell, list | dict) else cell)


def _encoded(line: str) -> bytes:
    with _telling_of_text():
        return line.encode()


@contextmanager
def _telling_of_text() -> Iterator[None]:
    """A text that is read from JSON may be none: half a character in it cannot be written."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise UserError(
            f"A row cannot be written: a text in it contains half a character ({error.object[:80]!r})."
        ) from error


def _write_parquet(rows: Iterator[list[Any]], names: tuple[str, ...], handle: BinaryIO) -> None:
    """Write row groups of 10,000; the types are those of the first of them."""
    import pyarrow
    import pyarrow.parquet

    def table(batch: list[list[Any]], schema: Any = None) -> Any:
        columns = zip(*batch, strict=True) if batch else [()] * len(names)
        try:
            with _telling_of_text():
                return pyarrow.table(dict(zip(names, map(list, columns), strict=True)), schema=schema)
        except OverflowError as error:
            raise UserError(
                "The rows cannot be written to Parquet: a whole number in them has more than 64 bits. Write CSV."
            ) from error

    try:
        first = table(list(islice(rows, _BATCH)))
        with pyarrow.parquet.ParquetWriter(handle, first.schema) as writer:
            writer.write_table(first)
            while batch := list(islice(rows, _BATCH)):
                writer.write_table(table(batch, first.schema))
    except pyarrow.ArrowException as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise UserError(
            f"The rows cannot be written to Parquet, whose columns have one type each: {reason}."
        ) from error

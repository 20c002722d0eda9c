"""CSV and TSV, by the standard library's parser in its strict form: it knows where each row begins."""

import csv
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from unspool.data.tables.cells import cell_flaw, too_long
from unspool.data.tables.delimited_header import allow_long_cells, is_named, read_header
from unspool.data.tables.lines import Lines, LongLine, open_lines
from unspool.data.tables.problems import MAX_CELL, MAX_LINE, Flaw, Reason

Line = tuple[int, list[str] | Flaw]
"""The line in which a row begins, and its cells or what is wrong with it."""


def read(path: Path) -> tuple[tuple[str, ...], Iterator[Line]]:
    """Open a file with a header.

    Returns:
        The names of the columns; and the rows below the header, of which blank lines are none: the line in which each
        begins, and its cells, as many as columns, or what is wrong with it. A quote that is never closed spoils the row
        that it stands in, not those after it.

    Raises:
        UserError: the file cannot be read, is empty, or its header is not a row of different names.
    """
    found: Any = _records(path)
    return tuple(next(found)), found


def delimiter_of(path: Path) -> str:
    """Return what separates the cells of a file with a header.

    Raises:
        UserError: see `read`.
    """
    with open_lines(path) as lines:
        return read_header(path, lines)[1]


def quotes_are_text(path: Path) -> bool:
    """Whether the quotes in a file with a header are text, as in many tab-separated files without quoting.

    They are if, split at tabs alone, every line has as many cells as the header, but some line cannot be parsed with
    quoting by itself; in a file with one column, where a quoted cell may have several lines, only if some row cannot
    be parsed. A file is taken to quote cells if its header does, or if at least half of the cells that begin with a
    quote can be parsed, and these are most lines or have doubled quotes; then other such lines are mistakes.

    Raises:
        UserError: see `read`.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "reviews.tsv"
        >>> _ = path.write_text('label\\ttext\\ngood\\t"Fine" is too little.\\nbad\\tA bore.\\n')
        >>> quotes_are_text(path)
        True
    """
    with open_lines(path) as lines:
        names, delimiter = read_header(path, lines)
        return _quotes_are_text(path, names, delimiter, lines)


def _quotes_are_text(path: Path, names: list[str], delimiter: str, header: Lines) -> bool:
    """The same for a file whose header was just read."""
    if delimiter != "\t" or any(map(_opens, header.record)):
        return False
    status = path.stat()
    return _are_text_by_rows(path.resolve(), tuple(names), (status.st_ino, status.st_size, status.st_mtime_ns))


@lru_cache(maxsize=8)
def _are_text_by_rows(path: Path, names: tuple[str, ...], stamp: tuple[int, ...]) -> bool:
    """The same for a tab-separated file, by the rows below its header; `stamp` changes with the file."""
    allow_long_cells()
    rows = opening = parsed = doubled = 0
    with open_lines(path) as lines:
        read_header(path, lines)
        try:
            for line in lines:
                if not line.strip():
                    continue
                rows += 1
                if line.count("\t") != len(names) - 1:
                    return False
                if _opens(line):
                    opening += 1
                    if _parses(line, len(names)):
                        parsed += 1
                        doubled += '""' in line
        except LongLine:
            return False
    most_are_quoted = 2 * parsed >= opening and (doubled > 0 or 2 * opening > rows)
    if opening == parsed or most_are_quoted:
        return False
    if len(names) > 1:  # in a quoted cell of several lines, each of them would need as many tabs as a row
        return True
    with open_lines(path) as lines:
        read_header(path, lines)
        return any(isinstance(cells, Flaw) for _, cells in rows_in(lines, lines, names, "\t"))


def _opens(line: str) -> bool:
    """Whether a cell of a tab-separated line begins with a quote."""
    return line.startswith('"') or '\t"' in line


def _parses(line: str, width: int) -> bool:
    try:
        return len(next(csv.reader([line], delimiter="\t", strict=True))) == width
    except csv.Error:
        return False


def _records(path: Path) -> Iterator[Sequence[str] | Line]:
    """The names of the columns, then the rows."""
    with open_lines(path) as lines:
        names, delimiter = read_header(path, lines)
        quoted = not _quotes_are_text(path, names, delimiter, lines)
        yield names
        yield from rows_in(lines, lines, tuple(names), delimiter, quoted=quoted)


def rows_in(
    lines: Lines, given: Iterator[str], names: tuple[str, ...], delimiter: str, *, quoted: bool = True
) -> Iterator[Line]:
    """The rows in lines, as they are given to the parser."""
    allow_long_cells()
    parser = csv.reader(
        given, delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    )
    while True:
        lines.begin_record()
        first = lines.number + 1
        try:
            cells = next(parser)
        except StopIteration:
            return
        except LongLine as error:
            yield first, _long_cell(error, names, delimiter)
        except csv.Error as error:
            one_line, ended = len(lines.record) == 1, lines.ended
            lines.reread()
            yield first, _torn() if one_line and not ended else _unparsable(str(error), one_line)
        else:
            if cells:
                yield first, _flaw(cells, names, lines) or cells


def _flaw(cells: list[str], names: tuple[str, ...], lines: Lines) -> Flaw | None:
    if len(cells) != len(names):
        if not lines.ended and len(cells) < len(names):
            return _torn()
        if len(names) == 1:
            more = f"{len(cells)} cells and the header 1, {names[0][:40]!r}"
            return Flaw(Reason.CELLS, f"it has {more}: the names of the columns must come first")
        return Flaw(Reason.CELLS, f"it has {len(cells)} cell{'s' * (len(cells) > 1)} and the header {len(names)}")
    if len(names) > 1 and is_named(cells[-1], names[-1]) and all(map(is_named, cells, names)):
        return Flaw(Reason.HEADER, "it repeats the header; perhaps files were joined, or the header is not one")
    if sum(map(len, lines.record)) <= MAX_CELL and all(line.isascii() and "\0" not in line for line in lines.record):
        return None  # quicker than cell by cell
    return next(filter(None, map(cell_flaw, cells, names)), None)


def _torn() -> Flaw:
    return Flaw(Reason.TORN, "the file ends in the middle of it")


def _unparsable(error: str, one_line: bool) -> Flaw:
    """What is wrong with a row that the parser refuses, by its error."""
    if one_line and "new-line character" in error:
        return Flaw(Reason.RETURN, "it contains a carriage return; end every row with a line feed")
    if one_line and "expected after" in error:
        return Flaw(Reason.QUOTE, 'text follows a closing quote ("); write a quote within a quoted cell twice ("")')
    return Flaw(Reason.QUOTE, 'a quote (") that is opened is not closed')


def _long_cell(error: LongLine, names: tuple[str, ...], delimiter: str) -> Flaw:
    begun = next(csv.reader([error.beginning], delimiter=delimiter), [])
    return too_long(names[min(len(begun), len(names)) - 1], f"over {MAX_LINE:,} bytes")

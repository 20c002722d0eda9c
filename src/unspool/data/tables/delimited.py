"""CSV and TSV, by the standard library's parser in its strict form: it knows where each row begins."""

import csv
from collections.abc import Iterator
from pathlib import Path

from unspool.data.tables.cells import byte_flaw, cell_flaw, too_long
from unspool.data.tables.lines import Lines, LongLine, open_lines
from unspool.data.tables.problems import MAX_LINE, Flaw, Reason
from unspool.errors import UserError

DELIMITERS = ",;\t"
TSV_ENDINGS = (".tsv", ".tab")

_Line = tuple[int, list[str] | Flaw]


def columns(path: Path) -> tuple[str, ...]:
    """Read the names of the columns from the header.

    Raises:
        UserError: the file cannot be read, is empty, or its header is no row of different names.
    """
    with open_lines(path) as lines:
        return tuple(_header(path, lines)[0])


def rows(path: Path, names: tuple[str, ...]) -> Iterator[_Line]:
    """Read the rows below the header; blank lines are none.

    A quote that is never closed spoils the row that it stands in, not those after it.

    Args:
        path: of the file.
        names: of the columns, from `columns`.

    Yields:
        The line in which a row begins, and its cells, as many as columns, or what is wrong with it.

    Raises:
        UserError: the file cannot be read.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))  # for all of the process; only ever raised
    with open_lines(path) as lines:
        parser = csv.reader(lines, delimiter=_header(path, lines)[1], strict=True)
        while True:
            lines.begin_record()
            first = lines.number + 1
            try:
                cells = next(parser)
            except StopIteration:
                return
            except LongLine as error:
                yield first, _long_cell(error, names, parser.dialect.delimiter)
            except csv.Error:
                torn = not lines.ended and len(lines.record) == 1
                lines.reread()
                yield first, _torn() if torn else Flaw(Reason.QUOTE, 'a quote (") that is opened is not closed')
            else:
                if cells:
                    yield first, _flaw(cells, names, lines) or cells


def _header(path: Path, lines: Lines) -> tuple[list[str], str]:
    """Return the names of the columns, and the delimiter: a tab in TSV, else the most frequent in the header."""
    try:
        line = next(lines)
    except LongLine as error:
        raise UserError(f"{path}, line 1: the header is longer than {MAX_LINE:,} bytes: this is no table.") from error
    flaw = byte_flaw(line)
    if flaw is not None:
        raise UserError(f"{path}, line 1: {flaw.detail}. Save the file as UTF-8 text with a header.")
    delimiter = "\t" if path.suffix.lower() in TSV_ENDINGS else max(DELIMITERS, key=line.count)
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter, strict=True))]
    except (csv.Error, StopIteration) as error:
        raise UserError(
            f"{path}, line 1: the header is no row of names. Put the names of the columns there."
        ) from error
    if not names:
        raise UserError(f"{path}, line 1: the header is blank. Put the names of the columns there.")
    names = [name or f"column {position}" for position, name in enumerate(names, start=1)]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{path}, line 1: two columns are named {name!r}. Give each a name of its own.")
    return names, delimiter


def _flaw(cells: list[str], names: tuple[str, ...], lines: Lines) -> Flaw | None:
    if len(cells) != len(names):
        if not lines.ended and len(cells) < len(names):
            return _torn()
        return Flaw(Reason.CELLS, f"it has {len(cells)} cell{'s' * (len(cells) > 1)} and the header {len(names)}")
    return next(filter(None, map(cell_flaw, cells, names)), None)


def _torn() -> Flaw:
    return Flaw(Reason.TORN, "the file ends in the middle of it")


def _long_cell(error: LongLine, names: tuple[str, ...], delimiter: str) -> Flaw:
    begun = next(csv.reader([error.beginning], delimiter=delimiter), [])
    return too_long(names[min(len(begun), len(names)) - 1], f"over {MAX_LINE:,} bytes")

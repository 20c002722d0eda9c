"""CSV and TSV, by the standard library's parser in its strict form: it knows where each row begins."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from unspool.data.tables.cells import byte_flaw, cell_flaw, too_long
from unspool.data.tables.compression import ending_of
from unspool.data.tables.lines import Lines, LongLine, open_lines
from unspool.data.tables.problems import MAX_CELL, MAX_LINE, Flaw, Reason
from unspool.errors import AdvisedError, UserError

DELIMITERS = ",;\t|"
TSV_ENDINGS = (".tsv", ".tab")
TEXT_ENDING = ".txt"
_SEPARATOR_LINE = re.compile(rf"sep=([{DELIMITERS}])\s*", re.IGNORECASE)
_COMMENT = "#"
_PROSE = re.compile(r"[:=]|\S+\s+\S+\s+\S+\s+\S")
"""What a comment contains, but a column name does not: `unit: km`, `lat=5`, four words."""
_MOST_COMMENTS = 100
_MOST_TITLES = 20
"""Lines that are searched for a header below a title."""
_DECIMAL_COMMA = re.compile(r"[^,]*\d,\d[^,]*")
_QUOTED = re.compile(rf'(?:^|(?<=[{DELIMITERS}]))"[^"]*(?:"|\Z)')
_LINE_BREAKS = re.compile(r"\s*[\r\n]\s*")
UNNAMED = re.compile(r"column \d+")
"""The name given to a column that has none."""

_FEWEST_CELLS = 3  # of a file without a header: a label and two steps
_MOST_DIGITS = 18  # of a number of a step

_Line = tuple[int, list[str] | Flaw]


def read(path: Path) -> tuple[tuple[str, ...], Iterator[_Line]]:
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
        return _header(path, lines)[1]


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
        names, delimiter = _header(path, lines)
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
    _allow_long_cells()
    rows = opening = parsed = doubled = 0
    with open_lines(path) as lines:
        _header(path, lines)
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
        _header(path, lines)
        return any(isinstance(cells, Flaw) for _, cells in _rows(lines, lines, names, "\t"))


def _opens(line: str) -> bool:
    """Whether a cell of a tab-separated line begins with a quote."""
    return line.startswith('"') or '\t"' in line


def _parses(line: str, width: int) -> bool:
    try:
        return len(next(csv.reader([line], delimiter="\t", strict=True))) == width
    except csv.Error:
        return False


def _allow_long_cells() -> None:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))  # for all of the process; only ever raised


def read_headerless(path: Path) -> tuple[tuple[str, ...], Iterator[_Line]]:
    """Open a file without a header, see `headerless_columns`; a label of 1.0000000e+00 is 1."""
    names = headerless_columns(path)
    assert names is not None
    return names, _rows_below(path, names)


def headerless_columns(path: Path) -> tuple[str, ...] | None:
    """Name the columns of a file of the UCR archive, which has no header: a label, then the steps of a series.

    Such a file holds numbers only, so that its first line is recognised by them: "label", "1", "2", ... Tabs part the
    cells of a .tsv file, spaces those of a .txt file.

    Returns:
        The names, or None where the first line is something else.

    Raises:
        UserError: the file cannot be read or is empty.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "Gun_TRAIN.tsv"
        >>> _ = path.write_text("1\\t0.5\\t-0.25\\n2\\t1.5\\tNaN\\n")
        >>> headerless_columns(path)
        ('label', '1', '2')
    """
    if ending_of(path) not in (*TSV_ENDINGS, TEXT_ENDING):
        return None
    with open_lines(path) as lines:
        try:
            line = next(lines).strip()
        except LongLine:
            return None
    cells = line.split() if ending_of(path) == TEXT_ENDING else line.split("\t")
    if len(cells) < _FEWEST_CELLS or not all(map(_is_number, cells)) or names_steps(cells):
        return None
    return ("label", *map(str, range(1, len(cells))))


def names_steps(names: Sequence[str]) -> bool:
    """Tell whether names that are numbers number something, as in 0, 1, 2 or 2019, 2020: each is one whole step more.

    Example:
        >>> names_steps(["2019", "2020"]), names_steps(["3", "0.25"]), names_steps(["7"])
        (True, False, False)
    """
    if len(names) < 2 or not all(name.strip().isdecimal() and len(name) <= _MOST_DIGITS for name in names):
        return False
    numbers = [int(name) for name in names]
    step = numbers[1] - numbers[0]
    return step > 0 and all(after - before == step for before, after in itertools.pairwise(numbers))


def _records(path: Path) -> Iterator[Sequence[str] | _Line]:
    """The names of the columns, then the rows."""
    with open_lines(path) as lines:
        names, delimiter = _header(path, lines)
        quoted = not _quotes_are_text(path, names, delimiter, lines)
        yield names
        yield from _rows(lines, lines, tuple(names), delimiter, quoted=quoted)


def _rows_below(path: Path, names: tuple[str, ...]) -> Iterator[_Line]:
    with open_lines(path) as lines:
        if ending_of(path) == TEXT_ENDING:
            rows = _rows(lines, map(_with_single_spaces, lines), names, " ")
        else:
            rows = _rows(lines, lines, names, "\t")
        for line, cells in rows:
            if not isinstance(cells, Flaw) and _is_number(cells[0]) and float(cells[0]).is_integer():
                cells[0] = str(int(float(cells[0])))
            yield line, cells


def _rows(
    lines: Lines, given: Iterator[str], names: tuple[str, ...], delimiter: str, *, quoted: bool = True
) -> Iterator[_Line]:
    """The rows in lines, as they are given to the parser."""
    _allow_long_cells()
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


def _with_single_spaces(line: str) -> str:
    return " ".join(line.split())


def _header(path: Path, lines: Lines) -> tuple[list[str], str]:
    """Return the names of the columns, and the delimiter: a tab in TSV, else the most frequent in the header.

    Excel writes and reads a line such as sep=; above the header, which names the delimiter. Comments above the header
    are skipped: lines that begin with #. A last one that holds the names of the columns is the header.
    """
    try:
        line = _below_comments(path, lines)
        named = _SEPARATOR_LINE.fullmatch(line)
        line = next(lines, "") if named else line
        at = f"{path}, line {max(lines.number, 1)}"
        line = _whole(line, lines, named[1] if named else _delimiter(path, line))
    except LongLine as error:
        raise UserError(f"{path}, line 1: the header is over {MAX_LINE:,} bytes: this is not a table.") from error
    flaw = byte_flaw(line)
    if flaw is not None:
        raise UserError(f"{at}: {flaw.detail}. {flaw.fix or 'Save the file as UTF-8 text with a header'}.")
    delimiter = named[1] if named else _delimiter(path, line)
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True))
        names = [_LINE_BREAKS.sub(" ", name.strip()) for name in cells]
    except (csv.Error, StopIteration) as error:
        if re.search(r"\r(?!\n)", line.rstrip("\r\n")):
            raise UserError(
                f"{path}: its lines end in a carriage return alone, as on old Macs. Save it with line feeds."
            ) from error
        raise AdvisedError(f"{at}: the header is not a row of names.", "Put the names of the columns there.") from error
    if not names:
        raise AdvisedError(f"{at}: the header is blank.", "Put the names of the columns there.")
    _refuse_title(path, names, delimiter, lines)
    names = [name or f"column {position}" for position, name in enumerate(names, start=1)]
    for name, count in Counter(names).items():
        if count > 1:
            raise AdvisedError(
                f"{at}: two columns are named {name!r}.",
                "Give each a different name; if the file has no header, add one above its first line.",
            )
    return names, delimiter


def _refuse_title(path: Path, names: Sequence[str], delimiter: str, lines: Lines) -> None:
    """Refuse a title, as Excel saves one above a table: at most one of its cells is filled, and the header is below it.

    The header is the next row with more than one filled cell, if most are words and a number is below one of them, or
    if years or steps follow the first. Otherwise it may be an example below a header in which few columns have a name.
    """
    if len(names) < _FEWEST_CELLS or sum(map(bool, names)) > 1:
        return
    _allow_long_cells()
    title, record = lines.number, lines.record
    lines.record = record[-1:]
    rows: list[tuple[int, list[str]]] = []
    parser, begin = csv.reader(itertools.islice(lines, _MOST_TITLES), delimiter=delimiter), 0
    try:
        for cells in parser:
            rows.append((title + begin + 1, [cell.strip() for cell in cells]))
            begin = parser.line_num
    except csv.Error:
        pass  # reading the rows tells what is wrong
    except LongLine as error:
        raise UserError(f"{path}, line {lines.number}: it is over {MAX_LINE:,} bytes: this is no table.") from error
    lines.reread()
    lines.record = record
    full = [row for row in rows if sum(map(bool, row[1])) > 1]
    (line, header), (_, below) = [*full, (0, []), (0, [])][:2]
    if len(header) != len(names) or not header[0] or _is_number(header[0]):
        return
    words = 2 * sum(bool(cell) and not _is_number(cell) for cell in header) > len(header)
    numbers = any(cell and not _is_number(cell) and _is_number(one) for cell, one in zip(header, below, strict=False))
    if (words and numbers) or names_steps(header[1:]):
        shown = ", ".join(list(filter(None, header))[:4]) + ", ..." * (len(header) > 4)
        named = "only one" if any(names) else "none"
        raise AdvisedError(
            f"{path}, line {title}: {named} of {len(names):,} columns has a name here, and line {line} looks like the "
            f"header: {shown}.",
            f"Delete what is above line {line}.",
        )


def _below_comments(path: Path, lines: Lines) -> str:
    """The header: the first line that is no comment, or a last comment that names the columns, as NumPy writes it."""
    line = next(lines)
    comments: list[str] = []
    while line.startswith(_COMMENT) and len(comments) < _MOST_COMMENTS:
        comments.append(line)
        line = next(filter(str.strip, lines), "")
    if not comments:
        return line
    delimiter = _delimiter(path, comments[0])
    widths = {len(_cells(one, delimiter)) for one in [*comments, line]}
    all_cells = len(comments) > 1 and len(widths) == 1 and widths != {1}
    if not line or line.startswith(_COMMENT) or all_cells:  # not comments, but cells that begin with #
        lines.reread()
        return comments[0]
    if _names_columns(path, comments[-1], line):
        lines.record = [comments[-1], line]
        lines.reread()
        return comments[-1].removeprefix(f"{_COMMENT} ")
    lines.record = [line]
    return line


def _names_columns(path: Path, comment: str, below: str) -> bool:
    """Whether a comment names the columns of the line below it, which may end within a quoted cell."""
    delimiter = _delimiter(path, comment)
    names, cells = _cells(comment, delimiter), _cells(below, delimiter)
    if len(cells) > len(names) or (len(cells) < len(names) and below.count('"') % 2 == 0):
        return False
    if len(names) == 1 and names[0].startswith(f"{_COMMENT} ") and not _is_number(cells[0]):
        return False
    return not (_is_number(names[0]) or _PROSE.search(names[0]))


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _delimiter(path: Path, header: str) -> str:
    """The delimiter of a header: where names may be numbers with decimal commas, as wavelengths are, these are none."""
    if ending_of(path) in TSV_ENDINGS:
        return "\t"
    names = _QUOTED.sub("", header)
    apart = (one for one in names.split(";") if "," in one)
    if ";" in names and all(map(_DECIMAL_COMMA.fullmatch, apart)):
        return max(DELIMITERS.replace(",", ""), key=names.count)
    return max(DELIMITERS, key=names.count)


def _whole(line: str, lines: Lines, delimiter: str) -> str:
    """A header, whose quoted names may contain line breaks, with all of its lines."""
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return line
    else:
        return line
    found, quotes, size = [line], line.count('"'), len(line)
    while quotes % 2 and size <= MAX_LINE and (more := next(lines, "")):
        found.append(more)
        quotes, size = quotes + more.count('"'), size + len(more)
    return "".join(found)


def _flaw(cells: list[str], names: tuple[str, ...], lines: Lines) -> Flaw | None:
    if len(cells) != len(names):
        if not lines.ended and len(cells) < len(names):
            return _torn()
        if len(names) == 1:
            more = f"{len(cells)} cells and the header 1, {names[0][:40]!r}"
            return Flaw(Reason.CELLS, f"it has {more}: the names of the columns must come first")
        return Flaw(Reason.CELLS, f"it has {len(cells)} cell{'s' * (len(cells) > 1)} and the header {len(names)}")
    if len(names) > 1 and _is_named(cells[-1], names[-1]) and all(map(_is_named, cells, names)):
        return Flaw(Reason.HEADER, "it repeats the header; perhaps files were joined, or the header is not one")
    if sum(map(len, lines.record)) <= MAX_CELL and all(line.isascii() and "\0" not in line for line in lines.record):
        return None  # quicker than cell by cell
    return next(filter(None, map(cell_flaw, cells, names)), None)


def _is_named(cell: str, name: str) -> bool:
    bare = cell.removeprefix("\ufeff").strip()  # a byte order mark begins a file that was appended to another
    return bare == name or (not bare and UNNAMED.fullmatch(name) is not None)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python reads 101_2 as 1012


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

"""The header of CSV and TSV: which line it is, what separates its cells, and the names of the columns."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.compression import ending_of
from unspool.data.tables.lines import Lines, LongLine
from unspool.data.tables.problems import MAX_LINE
from unspool.errors import AdvisedError, UserError

DELIMITERS = ",;\t|"
TSV_ENDINGS = (".tsv", ".tab")
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

_FEWEST_CELLS = 3  # of a title above a table
_MOST_DIGITS = 18  # of a number of a step


def read_header(path: Path, lines: Lines) -> tuple[list[str], str]:
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
    allow_long_cells()
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
    if len(header) != len(names) or not header[0] or is_number(header[0]):
        return
    words = 2 * sum(bool(cell) and not is_number(cell) for cell in header) > len(header)
    numbers = any(cell and not is_number(cell) and is_number(one) for cell, one in zip(header, below, strict=False))
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
    if len(names) == 1 and names[0].startswith(f"{_COMMENT} ") and not is_number(cells[0]):
        return False
    return not (is_number(names[0]) or _PROSE.search(names[0]))


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


def is_named(cell: str, name: str) -> bool:
    """Whether a cell repeats the name of its column."""
    bare = cell.removeprefix("\ufeff").strip()  # a byte order mark begins a file that was appended to another
    return bare == name or (not bare and UNNAMED.fullmatch(name) is not None)


def is_number(cell: str) -> bool:
    """Whether a cell of such a file is a number, NaN and infinity included."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python reads 101_2 as 1012


def allow_long_cells() -> None:
    """Let the parser read cells that are as long as a line may be."""
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))  # for all of the process; only ever raised

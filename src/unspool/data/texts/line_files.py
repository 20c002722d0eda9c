"""Files with one text a line: a single file, or two where each line of one translates that of the other."""

from collections.abc import Iterator
from functools import partial
from itertools import islice, repeat, zip_longest
from os import PathLike
from pathlib import Path

from unspool import files
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.formats import Format, named_as_table
from unspool.data.tables.lines import LongLine, lines_with_content, open_lines
from unspool.data.tables.problems import Flaw, OnError, check_on_error
from unspool.data.tables.table import Table
from unspool.errors import AdvisedError, UserError

_FORMAT = "text, one a line"
_LINE = "line"
_LOOKED_AT = 10
_OF_SERIES = (".npz", ".ts")


def holds_lines(path: str | PathLike[str]) -> bool:
    """Tell by a file's name whether it has one text a line: its ending is of no table, series, archive or workbook.

    Example:
        >>> holds_lines("train.en"), holds_lines("train.txt"), holds_lines("train.csv"), holds_lines("train.en.gz")
        (True, True, False, False)
    """
    place = files.expanded(path)
    return not named_as_table(place) and place.suffix.lower() not in _OF_SERIES and not place.is_dir()


def sentence_on_tabs(path: Path) -> str:
    """What to do with a file whose first lines hold tabs, as they may separate columns; "" for another file."""
    first = [line for _, line, _ in islice(lines_with_content(path), _LOOKED_AT)]
    if not all(isinstance(line, str) and "\t" in line for line in first):
        return ""
    return (
        f" If tabs separate columns in it, rename it to {path.stem}.tsv, and begin it with a line of column names, "
        "such as source and target, with a tab between them."
    )


def line_table(path: Path, column: str, on_error: OnError = "stop") -> Table:
    """Open a file with one text a line as a table of one column; a blank line is a row without a text.

    Args:
        path: of the file.
        column: the name of the column.
        on_error: see `Table`.

    Raises:
        UserError: reading it, see `open_lines`.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "new.de"
        >>> _ = path.write_text("Ein Mann.\\nEin Hund.\\n")
        >>> [chunk.cells for chunk in line_table(path, "source").chunks()]
        [{'source': ['Ein Mann.', 'Ein Hund.']}]
    """

    def read(place: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str] | Flaw]]]:
        lines = enumerate(_texts(place), start=1)
        return (column,), ((number, byte_flaw(text) or [text]) for number, text in lines)

    return _table(path, Format(_FORMAT, read, _LINE), (column,), on_error)


def aligned_table(source: Path, target: Path, on_error: OnError = "stop") -> Table:
    """Open two files, where each line of one translates that of the other, as a table of two columns.

    The columns have the names of the files, or their paths where the names are the same. Bytes that are not UTF-8
    become lone surrogates, because only the reader of a cell knows which file it is from.

    Args:
        source: the file that is read.
        target: the file that is written.
        on_error: see `Table`.

    Raises:
        UserError: a file is missing or is a table, both are the same, or their numbers of lines differ; see also
            `open_lines`.
    """
    for path in (source, target):
        if not path.exists():
            raise AdvisedError(f"There is no file {path}.", "")
        if not holds_lines(path):
            raise AdvisedError(
                f"{path} is not a text file with one text a line: both files must be, as train.en and train.de.",
                "To name two columns of one table, use --source and --target.",
            )
    if source.samefile(target):
        raise UserError(f"{source} cannot be both the source and the target.")
    names = (source.name, target.name) if source.name != target.name else (str(source), str(target))
    return _table(source, Format(_FORMAT, partial(_read_aligned, target=target, names=names), _LINE), names, on_error)


def _table(path: Path, form: Format, columns: tuple[str, ...], on_error: OnError) -> Table:
    check_on_error(on_error)
    return Table(path, form, columns, on_error)


def _read_aligned(
    source: Path, *, target: Path, names: tuple[str, ...]
) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    return names, _aligned(source, target)


def _aligned(source: Path, target: Path) -> Iterator[tuple[int, list[str]]]:
    pairs = zip_longest(_texts(source), _texts(target))
    for number, (one, other) in enumerate(pairs, start=1):
        if one is None or other is None:
            total = number + sum(1 for _ in pairs)
            counts = (number - 1, total) if one is None else (total, number - 1)
            raise UserError(
                f"{source} has {_lines(counts[0])} and {target} {_lines(counts[1])}. Each line of the second must be "
                "the translation of the same line of the first."
            )
        yield number, [one, other]


def _lines(count: int) -> str:
    return f"{count:,} line{'s' * (count != 1)}"


def _texts(path: Path) -> Iterator[str]:
    """The lines without their ends; of a line that is too long, its beginning, which is still too long for a model."""
    with open_lines(path) as lines:
        for _ in repeat(None):
            lines.begin_record()
            try:
                line = next(lines)
            except StopIteration:
                return
            except LongLine as error:
                line = error.beginning
            yield line.rstrip("\r\n")

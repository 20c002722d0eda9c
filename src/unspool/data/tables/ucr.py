"""Files of the UCR archive, which have no header: a label, then the steps of a series."""

from collections.abc import Iterator
from pathlib import Path

from unspool.data.tables.compression import ending_of
from unspool.data.tables.delimited import Line, rows_in
from unspool.data.tables.delimited_header import TSV_ENDINGS, is_number, names_steps
from unspool.data.tables.lines import LongLine, open_lines
from unspool.data.tables.problems import Flaw

TEXT_ENDING = ".txt"
_FEWEST_CELLS = 3  # a label and two steps


def read_headerless(path: Path) -> tuple[tuple[str, ...], Iterator[Line]]:
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
    if len(cells) < _FEWEST_CELLS or not all(map(is_number, cells)) or names_steps(cells):
        return None
    return ("label", *map(str, range(1, len(cells))))


def _rows_below(path: Path, names: tuple[str, ...]) -> Iterator[Line]:
    with open_lines(path) as lines:
        if ending_of(path) == TEXT_ENDING:
            rows = rows_in(lines, map(_with_single_spaces, lines), names, " ")
        else:
            rows = rows_in(lines, lines, names, "\t")
        for line, cells in rows:
            if not isinstance(cells, Flaw) and is_number(cells[0]) and float(cells[0]).is_integer():
                cells[0] = str(int(float(cells[0])))
            yield line, cells


def _with_single_spaces(line: str) -> str:
    return " ".join(line.split())

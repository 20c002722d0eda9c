"""fastText's files: a text on each line, after its labels, as in `__label__good a fine film`."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any

from unspool import files
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.lines import lines_with_content
from unspool.data.tables.problems import Flaw

COLUMNS = ("label", "text")

_PREFIX = "__label__"
_LABELS = re.compile(rf"(?:\s*{_PREFIX}\S+)*")
_BEGINNING = 100
_SEEN = 1000
"""Lines by which each row has one label, or a list of them."""

_Found = tuple[int, tuple[list[str], str] | Flaw]


def begins_with_label(path: Path) -> bool:
    """Tell whether the first word of a file is a label."""
    with suppress(OSError), files.opened(path) as handle:
        return handle.read(_BEGINNING).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_PREFIX.encode())
    return False


def read(path: Path) -> tuple[tuple[str, ...], Iterator[tuple[int, list[Any] | Flaw]]]:
    """Open a file; blank lines are no rows.

    A row's label is a text, or None where the line has none. If any of the first thousand lines has several, it is a
    list in all rows that have some.

    Returns:
        The names of the columns; and the number of the line of each row, and its cells, or what is wrong with it.

    Raises:
        UserError: the file cannot be read or is empty.
    """
    lines = _lines(path)
    first = list(islice(lines, _SEEN))
    several = any(not isinstance(found, Flaw) and len(found[0]) > 1 for _, found in first)
    return COLUMNS, _rows(chain(first, lines), several)


def _rows(lines: Iterator[_Found], several: bool) -> Iterator[tuple[int, list[Any] | Flaw]]:
    for number, found in lines:
        if isinstance(found, Flaw):
            yield number, found
            continue
        labels, text = found
        yield number, [labels if several or len(labels) > 1 else labels[0], text] if labels else [None, text]


def _lines(path: Path) -> Iterator[_Found]:
    for number, line, _ in lines_with_content(path):
        yield number, line if isinstance(line, Flaw) else byte_flaw(line) or _parsed(line)


def _parsed(line: str) -> tuple[list[str], str]:
    """The labels of a line, and its text."""
    found = _LABELS.match(line)
    assert found is not None
    return [word.removeprefix(_PREFIX) for word in found[0].split()], line[found.end() :].strip()

"""How series lie in a file: as arrays, as lines, with a row for each series, or with a row for each time step."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from unspool import files
from unspool.data.cell_values import has_words, is_number, mostly
from unspool.data.list_cells import holds_lists, numbers_in_words
from unspool.data.moments import are_moments
from unspool.data.series.long_columns import SERIES_NAMES, TIME_NAMES
from unspool.data.series.ts import ENDING, LabelKind
from unspool.data.series.ts import label_kind as label_kind_of_ts
from unspool.data.series.wide_columns import is_wide
from unspool.data.source import Given, Source
from unspool.data.tables.formats import UCR
from unspool.data.tables.table import Chunk
from unspool.data.usual_names import LABEL_NAMES, usual
from unspool.errors import UserError

Layout: TypeAlias = Literal["npz", "ts", "wide", "long"]


def layout_of(given: Given, series: str | None = None, channels: Sequence[str] | None = None) -> Layout | None:
    """Tell how series lie in a file, or that it holds none.

    Long tables are those where a column is named for series, and those of numbers that have a column of a usual name
    whose values recur; if each occurs fewer than two times on average, as where a file has a few sequences of amino
    acids twice, there must also be a time. Wide tables are those with columns of numbers, or of lists of numbers, and
    no texts, those whose channels are named and hold lists, and .tsv or .txt files of the UCR archive.

    Args:
        given: the file.
        series: the column that tells series apart, if it was named.
        channels: the columns with their numbers, if these were named.

    Raises:
        UserError: the file cannot be read.
    """
    source = Source.of(given, "skip")
    path = source.path
    files.refuse_special(path)
    if path.suffix.lower() == ".npz":
        return "npz"
    if path.suffix.lower() == ENDING:
        return "ts"
    if channels and series is None and _are_lists(source, channels):
        return "wide"
    if series is not None or channels is not None:
        return "long"
    if source.table.format is UCR:
        return "wide"
    first = source.table.first()
    if _is_long(first):
        return "long"
    return "wide" if is_wide(first) else None


def holds_steps(first: Chunk) -> bool:
    """Tell whether the rows of a table look like time steps, and not like texts or tokens, by its first rows.

    At least half of the columns hold numbers, and none texts of several words or lists.
    """
    columns = first.cells.values()
    words = (mostly(lambda cell: isinstance(cell, list) or has_words(cell), cells) for cells in columns)
    return len(first) > 0 and 2 * sum(map(_is_numeric, columns)) >= len(columns) and not any(words)


def no_tags(path: Path) -> UserError:
    """The error for a file of series where a tag for each step is asked for."""
    return UserError(
        f"{path} has no tag for each step. Give a table with a row for each time step (--series, --label), or a .npz "
        "file with y of shape (series, steps)."
    )


def label_kind(given: Given) -> LabelKind | None:
    """Tell whether a file says of itself that its labels are classes or numbers; None if it leaves that open.

    A .ts file says so in its head. The files of the UCR archive have classes, however many there are.

    Raises:
        UserError: the file cannot be read.
    """
    source = Source.of(given, "skip")
    if source.path.suffix.lower() == ENDING:
        return label_kind_of_ts(source.path)
    if source.path.suffix.lower() == ".npz":
        return None
    return "classes" if source.table.format is UCR else None


def _are_lists(source: Source, channels: Sequence[str]) -> bool:
    if source.table.format is UCR:
        return False
    cells = source.table.first().cells
    return all(name in cells and (holds_lists(cells[name]) or numbers_in_words(cells[name])) for name in channels)


def _is_long(first: Chunk) -> bool:
    series = usual(first.cells, SERIES_NAMES)
    if series is None or not len(first):
        return False
    values = [str(value) for value in first.cells[series]]
    if 2 * len(set(values)) > len(values) and not _has_times(first):
        return False
    label = usual(first.cells, LABEL_NAMES)
    others = [cells for name, cells in first.cells.items() if name not in (series, label)]
    others = [cells for cells in others if not are_moments(cells)]  # when a step was
    return len(set(values)) < len(values) and bool(others) and sum(map(_is_numeric, others)) * 2 > len(others)


def _has_times(first: Chunk) -> bool:
    return usual(first.cells, TIME_NAMES) is not None or any(map(are_moments, first.cells.values()))


def _is_numeric(cells: list[Any]) -> bool:
    """Whether most cells are numbers; NaN and infinity are, so that they are told as what is wrong with a series."""
    return 2 * sum(map(is_number, cells)) > len(cells)

"""Which row, file or series of a person's file each example is, whatever the file holds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.kept_in_cache import shown_name, shown_path
from unspool.data.parts import TEST, Parts
from unspool.data.series.examples import SeriesExamples
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.long_columns import SeriesColumns
from unspool.data.tables.joined_names import named_cells
from unspool.data.texts.examples import TextExamples
from unspool.data.texts.pair_examples import PairExamples
from unspool.data.texts.table_scan import TableScan
from unspool.data.texts.tagged_examples import TaggedTextExamples
from unspool.runs.reading.model_inputs import SERIES
from unspool.runs.reading.preparation import FILE, ROW, ExampleRows

PART, LABEL = "part", "label"
"""The columns beside those that name an example."""

_TAKEN = (PART, LABEL, "prediction", "probability", FILE)

_LINE = "line"


def rows_of(
    examples: TextExamples | SeriesExamples | TaggedTextExamples | PairExamples,
    validation: str | None,
    test: str | None,
) -> ExampleRows:
    """Return where each example is: in which row, text file or series, and in which of up to three files.

    Args:
        examples: as they were read.
        validation: the path of the validation file, where there is one.
        test: likewise, of the test file.
    """
    columns: dict[str, Any]
    own: NDArray[np.int8] | None
    if isinstance(examples, TextExamples):
        parts, path, columns, own = examples.all_parts, examples.scans[0].table.path, {}, None
        if len(examples.scans) > 1:
            columns[ROW] = np.concatenate([scan.places.rows for scan in examples.scans])
        elif not examples.scans[0].places.names:
            columns[ROW] = examples.scans[0].places.rows
    elif isinstance(examples, SeriesExamples):
        parts, path, own = examples.parts, examples.series.path, examples.series.files
        named = examples.columns.series if isinstance(examples.columns, SeriesColumns) else SERIES
        columns = _named_series(examples.series, named)
    elif isinstance(examples, TaggedTextExamples):
        parts, path, own = examples.parts, examples.texts.path, examples.texts.files
        places = examples.texts.places
        columns = {places[0].what: np.array([place.row for place in places])}
    else:
        parts, path, own = examples.parts, examples.pairs.path, examples.pairs.files
        columns = {ROW if examples.pairs.target_path is None else _LINE: np.array(examples.pairs.rows)}
    files = _files(examples, own, [path, validation, test])
    return ExampleRows(({FILE: files} if files else {}) | columns, parts, _tested(parts))


def _named_series(series: LabelledSeries, column: str) -> dict[str, Any]:
    """The cells of the columns that name each series."""
    naming = series.named_by or (column,)
    if set(naming) & {*_TAKEN}:
        return {SERIES: series.names}
    cells = [named_cells(naming, name) for name in series.names]
    return {name: [one[name] for one in cells] for name in naming}


def _tested(parts: Parts) -> NDArray[np.int64]:
    return np.flatnonzero(parts == TEST)


def _files(examples: Any, own: NDArray[np.int8] | None, paths: list[Path | str | None]) -> list[str]:
    """The file of each example, where there are several files, or a folder of them."""
    if isinstance(examples, TextExamples):
        scans = examples.scans
        if len(scans) == 1:
            return scans[0].places.names
        names = _told_apart([scan.table.path for scan in scans])
        return [name for scan, name in zip(scans, names, strict=True) for name in _in_scan(scan, name)]
    if own is None:
        return []
    there = [number for number, path in enumerate(paths) if path is not None]
    named = dict(zip(there, _told_apart([str(paths[number]) for number in there]), strict=True))
    return [named[number] for number in own.tolist()]


def _told_apart(paths: Sequence[Path | str]) -> list[str]:
    """Files by their names; by their paths where two have one name."""
    names = [shown_name(path) for path in paths]
    return names if len(set(names)) == len(names) else [shown_path(path) for path in paths]


def _in_scan(scan: TableScan, name: str) -> list[str]:
    """The names of a table's rows are that of the table, those of a folder's its files."""
    return [f"{name}/{file}" for file in scan.places.names] if scan.places.names else [name] * len(scan)

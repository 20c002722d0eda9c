"""Which row, file or series of a person's file each example is, whatever the file holds."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.frames import shown_name, shown_path
from unspool.data.parts import TEST, Parts
from unspool.data.series.examples import SeriesExamples
from unspool.data.series.long_form import SeriesColumns
from unspool.data.texts.examples import TextExamples
from unspool.data.texts.pairs import PairExamples
from unspool.data.texts.table_scan import TableScan
from unspool.data.texts.tagged_examples import TaggedTextExamples
from unspool.runs.reading.model_inputs import SERIES
from unspool.runs.reading.preparation import FILE, ROW, ExampleRows

PART, LABEL = "part", "label"
"""The columns beside those that name an example."""

_TAKEN = (PART, LABEL, "prediction", "probability", FILE)

_LINE = "line"


def rows_of(
    examples: TextExamples | SeriesExamples | TaggedTextExamples | PairExamples, test: str | None
) -> ExampleRows:
    """Say where each example stands: in which row, text file or series, and in which of two files.

    Args:
        examples: as they were read.
        test: the path of the test file, where there is one.
    """
    columns: dict[str, Any]
    of_test: NDArray[np.bool_] | None
    if isinstance(examples, TextExamples):
        parts, path, columns, of_test = examples.all_parts, examples.scans[0].table.path, {}, None
        if len(examples.scans) > 1:
            of_test = np.repeat([False, True], list(map(len, examples.scans)))
            columns[ROW] = np.concatenate([scan.places.rows for scan in examples.scans])
        elif not examples.scans[0].places.names:
            columns[ROW] = examples.scans[0].places.rows
    elif isinstance(examples, SeriesExamples):
        parts, path, of_test = examples.parts, examples.series.path, examples.series.of_test
        named = examples.columns.series if isinstance(examples.columns, SeriesColumns) else SERIES
        columns = {SERIES if named in _TAKEN else named: examples.series.names}
    elif isinstance(examples, TaggedTextExamples):
        parts, path, of_test = examples.parts, examples.texts.path, examples.texts.of_test
        places = examples.texts.places
        columns = {places[0].what: np.array([place.row for place in places])}
    else:
        parts, path, of_test = examples.parts, examples.pairs.path, examples.pairs.of_test
        columns = {ROW if examples.pairs.target_path is None else _LINE: np.array(examples.pairs.rows)}
    files = _files(examples, path, of_test, test)
    return ExampleRows(({FILE: files} if files else {}) | columns, parts, _tested(parts))


def _tested(parts: Parts) -> NDArray[np.int64]:
    return np.flatnonzero(parts == TEST)


def _files(examples: Any, path: Path, of_test: NDArray[np.bool_] | None, test: str | None) -> list[str]:
    """The file of each example, where there are two files, or a folder of them."""
    names = [shown_name(path), shown_name(test or "")]
    if names[0] == names[1]:
        names = [shown_path(path), shown_path(test or "")]
    if not isinstance(examples, TextExamples):
        return [] if of_test is None else [names[int(second)] for second in of_test]
    if len(examples.scans) == 1:
        return examples.scans[0].places.names
    return [name for scan, name in zip(examples.scans, names, strict=True) for name in _in_scan(scan, name)]


def _in_scan(scan: TableScan, name: str) -> list[str]:
    """The names of a table's rows are that of the table, those of a folder's its files."""
    return [f"{name}/{file}" for file in scan.places.names] if scan.places.names else [name] * len(scan)

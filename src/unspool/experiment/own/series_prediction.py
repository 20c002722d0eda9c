"""A model of series at work on a file: what it says of each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.columns import require
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.long_form import SeriesColumns, read_long_form
from unspool.data.series.npz import read_npz
from unspool.data.tables.problems import OnError
from unspool.data.tables.table import read_table
from unspool.errors import UserError
from unspool.experiment.own.model import OwnModel
from unspool.experiment.own.reading import SeriesReader
from unspool.progress import bar

SERIES = "series"
"""The column that names series from a .npz file, by their number from 1."""

_AT_ONCE = 1000

Decision = tuple[str, Any, Any]
"""The name of a series, its label, and how probable that is."""


def read_for(
    model: OwnModel, path: Path, on_error: OnError, *, labelled: bool = False, label: str | None = None
) -> tuple[str, LabelledSeries]:
    """Read the channels that a model was trained on.

    Args:
        model: of series.
        path: of a .npz file, or of a table with a row for each time step.
        on_error: what is done about a series that cannot be used.
        labelled: whether labels are needed; else they are not looked at.
        label: the column with the labels, or None for the one of training.

    Returns:
        The name of the column that tells series apart, and the series.

    Raises:
        UserError: the file cannot be read, lacks a column or a channel, or holds a series that cannot be used and
            `on_error` is "stop".
    """
    data, reader = model.recipe.data, model.reader
    assert isinstance(reader, SeriesReader)
    if path.suffix.lower() == ".npz":
        found = read_npz(path, on_error, labelled=labelled)
        if found.channels != reader.channels:
            raise UserError(
                f"{path} has the channels {', '.join(found.channels)}; the model reads {', '.join(reader.channels)}."
            )
        return SERIES, found
    if data.series is None:
        raise UserError(f"{path}: the model was trained on a .npz file, whose channels have no names. Give one.")
    table = read_table(path, on_error)
    for name, what in ((data.series, "series"), *((name, "channel") for name in reader.channels)):
        require(table.path, table.columns, name, what)
    time = data.time if data.time in table.columns else None
    # Where labels are not looked at, a series' own name is the one value that is the same in all of its rows.
    column, group = data.series, None
    if labelled:
        column = label or data.label or ""
        require(table.path, table.columns, column, "label")
        group = data.group if data.group in table.columns else None
    return data.series, read_long_form(table, SeriesColumns(data.series, column, reader.channels, time, group))


def answers_on(
    model: OwnModel, path: Path, series: LabelledSeries
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Let the model speak of series, a thousand at a time: their positions, and what it says."""
    reader = model.reader
    assert isinstance(reader, SeriesReader)
    with bar(f"Predicting {path.name}", len(series)) as advance:
        for start in range(0, len(series), _AT_ONCE):
            positions = np.arange(start, min(start + _AT_ONCE, len(series)))
            yield positions, model.answers(reader.read(series.padded(positions, reader.length)))
            advance(len(positions))


def decisions_on(model: OwnModel, path: Path, series: LabelledSeries) -> Iterator[Decision]:
    """Predict series."""
    for positions, found in answers_on(model, path, series):
        labels, probabilities = model.decisions(found)
        for index, position in enumerate(positions):
            yield series.names[position], labels[index], probabilities[index] if probabilities else None

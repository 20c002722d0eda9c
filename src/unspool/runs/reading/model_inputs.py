"""Files, read as a trained model needs them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.required_columns import columns_there, group_in, require, require_all
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.listed import list_columns
from unspool.data.series.long_columns import SeriesColumns
from unspool.data.series.long_form import read_long_form
from unspool.data.series.npz import read_npz
from unspool.data.series.ts import ENDING, read_ts
from unspool.data.series.wide import read_wide
from unspool.data.series.wide_columns import find_wide_columns, notes_on_steps, steps_in_new_data
from unspool.data.source import Source
from unspool.data.tables.problems import OnError
from unspool.data.tables.table import read_table
from unspool.data.texts.conll import CONLL
from unspool.data.texts.line_files import holds_lines
from unspool.data.texts.side_columns import NO_SIDE, SideColumns
from unspool.data.texts.tagged_sources import read_tagged_texts
from unspool.data.texts.tagged_texts import TaggedTexts
from unspool.errors import UserError, advising_users
from unspool.progress import bar, spinner
from unspool.readers import RawTextReader, Reader, TokenReader
from unspool.runs.model import TrainedModel
from unspool.runs.recipes.recipe import FileSettings

SERIES = "series"
"""The column that names series from a .npz file, by their number from 1."""
AT_ONCE = 1000
"""Examples that are predicted at a time."""


def refuse_tokens(reader: Reader) -> None:
    """Refuse files for a model that reads token ids.

    Raises:
        UserError: it does.
    """
    if isinstance(reader, TokenReader):
        raise UserError("This model reads token ids, which no file holds. Load it in Python, with unspool.load.")


def side_columns(reader: Reader) -> SideColumns:
    """The columns that a model reads beside the text."""
    return reader.side if isinstance(reader, RawTextReader) else NO_SIDE


def tagged_texts_for(
    model: TrainedModel,
    path: Path,
    text: str | None = None,
    label: str | None = None,
    on_error: OnError = "stop",
    *,
    labelled: bool = False,
) -> TaggedTexts:
    """Read the tokens of a file, by the columns that were named, else those of training where it has them.

    Raises:
        UserError: the file cannot be read, lacks a column, or holds a text that cannot be used and `on_error` is
            "stop".
    """
    data = model.recipe.data
    group = series = None
    in_lines = path.suffix.lower() not in CONLL and holds_lines(path)
    if in_lines and labelled:
        raise UserError(
            f"{path} has no tags. Give a CoNLL-style file ({', '.join(CONLL)}), or a table with their column."
        )
    if in_lines and text is not None:
        raise UserError(f"{path} has one text a line and no columns: --text has no effect.")
    if isinstance(data, FileSettings) and path.suffix.lower() not in CONLL and not in_lines:
        series = data.series
        columns = read_table(path, on_error, series=series).columns
        series = series if series in columns else None
        text = text or (data.text if data.text in columns else None)
        label = label or (data.label if data.label in columns else None)
        group = group_in(path, columns, data.group, "test") if labelled else None
    with spinner(f"Reading {path.name}"):
        source = Source(path, on_error, series=series)
        return read_tagged_texts(source, text=text, label=label, group=group, on_error=on_error, labelled=labelled)


@advising_users()
def read_series_for(
    model: TrainedModel,
    reader: Any,
    path: Path,
    on_error: OnError,
    *,
    labelled: bool = False,
    label: str | None = None,
) -> tuple[str, LabelledSeries]:
    """Read the channels that a model was trained on.

    Args:
        model: of series.
        reader: the model's.
        path: of a .npz or .ts file, or of a table.
        on_error: what is done about a series that cannot be used.
        labelled: whether labels are needed; else they are not looked at.
        label: the column with the labels, or None for the one of training.

    Returns:
        The name of the column that tells series apart, and the series.

    Raises:
        UserError: the file cannot be read, lacks a column or a channel, or holds a series that cannot be used and
            `on_error` is "stop".
    """
    data = model.recipe.data
    if path.suffix.lower() in (".npz", ENDING) or not isinstance(data, FileSettings) or data.series is None:
        if path.suffix.lower() == ".npz":
            found = read_npz(path, on_error, labelled=labelled, tags=labelled and model.task.by_step, parted=labelled)
        elif path.suffix.lower() == ENDING:
            found = read_ts(path, on_error, labelled=labelled)
        else:
            found = _read_wide(model, path, on_error, labelled, label, reader.channels)
        if found.channels != reader.channels:
            raise UserError(
                f"{path} has the channels {', '.join(found.channels)}; the model reads {', '.join(reader.channels)}."
            )
        return SERIES, found
    column = (label or data.label) if labelled else None
    joined: dict[str, Any] = {"times": (data.time,), "label": column, "series": data.series}
    table = read_table(path, on_error, dates=data.dates, **joined, decimal=data.decimal)
    channels = (("channel", name) for name in reader.channels)
    require_all(table.path, table.columns, [("series", data.series), *channels, ("time", data.time)])
    # Where labels are not looked at, a series' own name is the one value that is the same in all of its rows.
    group = None
    if labelled:
        require(table.path, table.columns, column or "", "label")
        group = group_in(path, table.columns, data.group, "test")
    tags = labelled and model.task.by_step
    columns = SeriesColumns(data.series, column or data.series, reader.channels, data.time, group, tags=tags)
    found = read_long_form(table, columns, data.resample)
    return data.series, replace(found, notes=(*table.notes_on_decimals(columns.numbers), *found.notes))


def _read_wide(
    model: TrainedModel,
    path: Path,
    on_error: OnError,
    labelled: bool,
    label: str | None,
    channels: Sequence[str],
) -> LabelledSeries:
    """Read a table with a row for each series; columns that training took for anything but steps are none here."""
    data = model.recipe.data
    known = data if isinstance(data, FileSettings) else FileSettings(path="")
    label = label or known.label
    table = read_table(path, on_error, times=(known.newest,), label=label, decimal=known.decimal)
    names = {what: getattr(known, what) for what in ("label", "group", "split", "newest")}
    there = columns_there(names, table.columns)
    if labelled and label is not None:
        require(table.path, table.columns, label, "label")
        there["label"] = label
    if len(channels) > 1 and not (known.channels or list_columns(table.first())):
        raise UserError(
            f"{path}: the model reads {len(channels)} channels without names, which columns of numbers cannot hold. "
            "Give a .npz or .ts file, or a table with a list of lists of numbers for each series."
        )
    steps = steps_in_new_data(table, known.steps or (), there.values())
    found = find_wide_columns(table, channels=known.channels, steps=steps, labelled=labelled, **there)
    found = replace(found, split=None, newest=None, group=found.group if labelled else None)
    notes = (*notes_on_steps(found, known.steps or (), table.first()), *table.notes_on_decimals(found.numbers))
    return replace(read_wide(table, found, len(channels)), notes=notes)


def outputs_on(
    model: TrainedModel, reader: Any, path: Path, series: LabelledSeries
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Predict series, a thousand at a time: their positions, and the outputs."""
    with bar(f"Predicting {path.name}", len(series)) as advance:
        for start in range(0, len(series), AT_ONCE):
            positions = np.arange(start, min(start + AT_ONCE, len(series)))
            yield positions, model.outputs(reader.read_series(series.arrays(positions)))
            advance(len(positions))

"""Series of a test file, which is read as the file with the training series was."""

from dataclasses import replace

import numpy as np

from unspool.data.parts import TEST, VALIDATION, known_parts, with_more_rows
from unspool.data.required_columns import columns_there, group_in, require, require_all
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.layout import layout_of, no_tags
from unspool.data.series.long_columns import SeriesColumns
from unspool.data.series.long_form import read_long_form
from unspool.data.series.npz import read_npz
from unspool.data.series.ts import read_ts
from unspool.data.series.wide import read_wide
from unspool.data.series.wide_columns import WideColumns, find_wide_columns, notes_on_steps, steps_in_new_data
from unspool.data.source import Given, Source
from unspool.data.tables.problems import OnError
from unspool.data.tables.table import Table
from unspool.errors import UserError


def read_test_series(
    given: Given,
    training: LabelledSeries,
    columns: SeriesColumns | WideColumns | None,
    on_error: OnError,
    labelled: bool = True,
    tags: bool = False,
    resample: str | None = None,
) -> LabelledSeries:
    """Read the series of a test file; which part it gives them, and when they were recorded, is not looked at.

    Args:
        given: a .npz or .ts file, or of a table; a table in long form has columns of the names of the training file,
            only that of the groups may be missing.
        training: the series of the file with the training series.
        columns: of that file, where it is a table.
        on_error: what is done about a series that cannot be used: "stop" at it, or "skip" it and count it.
        labelled: whether labels are needed; else they are not looked at.
        tags: whether there must be a tag for each step.
        resample: see `examples.read_series`.

    Raises:
        UserError: the file cannot be read, lacks a column, has other channels, no series is usable, or one is not and
            `on_error` is "stop".
    """
    source = Source.of(given, on_error)
    path = source.path
    lists = (columns.lists or None) if isinstance(columns, WideColumns) else None
    layout = layout_of(source, columns.series if isinstance(columns, SeriesColumns) else None, lists)
    if tags and layout not in ("npz", "long"):
        raise no_tags(path)
    if layout == "npz":
        found = read_npz(source, on_error, labelled, tags)
    elif layout == "ts":
        found = read_ts(path, on_error, labelled)
    elif isinstance(columns, SeriesColumns):
        found = _read_long(source.table, columns, resample)
    elif layout == "wide":
        found = _read_wide(source.table, columns, labelled, len(training.channels))
    else:
        raise UserError(
            f"{path} cannot be the test of {training.path}: it does not have a row for each series. "
            "Give a file of the same kind."
        )
    if found.channels != training.channels:
        raise UserError(
            f"{path} has {_channels(found)} ({', '.join(found.channels)}), but {training.path} has "
            f"{_channels(training)} ({', '.join(training.channels)}). Give a file with the same channels."
        )
    return replace(found, parts=None, times=None)


def joined(training: LabelledSeries, test: LabelledSeries, part: int = TEST) -> LabelledSeries:
    """The series of both files; those of the second are the test or the validation part.

    Where the second has no groups, each of its test series is in one of its own.

    Raises:
        UserError: validation series lack the groups that the training series have.
    """
    if part == VALIDATION and training.groups is not None and test.groups is None:
        raise UserError(
            f"{test.path} has no groups, but {training.path} has. Add them in the same way: validation series join the "
            "training series in the cross-validation, which keeps groups together."
        )
    known, times = known_parts(training.parts, len(training)), training.times
    parts, groups = with_more_rows(known, training.groups, len(test), part, test.groups)
    return LabelledSeries(
        training.path,
        np.concatenate([training.values, test.values]),
        np.concatenate([training.offsets, training.offsets[-1] + test.offsets[1:]]),
        training.labels + test.labels,
        training.names + test.names,
        training.channels,
        groups,
        parts,
        None if times is None else np.concatenate([times, np.zeros(len(test))]),
        training.left_out + test.left_out,
        files=with_more_rows(known_parts(training.files, len(training)), None, len(test), part)[0],
    )


def _read_long(table: Table, columns: SeriesColumns, resample: str | None) -> LabelledSeries:
    needed = {"series": columns.series, "label": columns.label, "time": columns.time}
    require_all(table.path, table.columns, [*needed.items(), *(("channel", name) for name in columns.channels)])
    group = group_in(table.path, table.columns, columns.group, "test")
    found = read_long_form(table, replace(columns, group=group, split=None, newest=None), resample)
    return replace(found, notes=(*table.notes_on_decimals(columns.numbers), *found.notes))


def _read_wide(table: Table, columns: WideColumns | None, labelled: bool, channels: int) -> LabelledSeries:
    if columns is None:
        found = find_wide_columns(table, labelled=labelled)
        return read_wide(table, replace(found, split=None), channels)
    if labelled and columns.label is not None:
        require(table.path, table.columns, columns.label, "label")
    names = {"label": columns.label, "group": columns.group, "split": columns.split, "newest": columns.newest}
    there = columns_there(names, table.columns)
    steps = steps_in_new_data(table, columns.names_of_steps, there.values())
    found = find_wide_columns(table, channels=columns.lists or None, steps=steps, labelled=labelled, **there)
    series = read_wide(table, replace(found, split=None, newest=None), channels)
    new = replace(found, ignored=tuple(name for name in found.ignored if name not in columns.ignored))
    notes = (*notes_on_steps(new, columns.names_of_steps, table.first()), *table.notes_on_decimals(found.numbers))
    return replace(series, notes=notes)


def _channels(series: LabelledSeries) -> str:
    count = len(series.channels)
    return f"{count} channel{'s' * (count > 1)}"

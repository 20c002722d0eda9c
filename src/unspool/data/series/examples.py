"""Labelled series, ready to be trained on: what each is for, and with what target."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import is_number
from unspool.data.columns import ignored_words
from unspool.data.drawn_parts import FRACTION, draw_parts
from unspool.data.duplicates import copies_together
from unspool.data.labels import FindLabels, LabelEncoder, Targets, flaws_of
from unspool.data.moments import are_moments
from unspool.data.npz_arrays import ARRAYS
from unspool.data.parts import TEST, TRAINING, VALIDATION, Parts, count_by_part, known_parts
from unspool.data.parts_in_words import NOT_WHOLE, drawn_words, kept_words, said_words, shared_words, uneven_words
from unspool.data.possible_groups import possible_group, words_on_group, words_on_group_of_series
from unspool.data.required_columns import require_all
from unspool.data.series.held_out import joined, read_test_series
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.layout import Layout, holds_steps, layout_of, no_tags
from unspool.data.series.long_columns import SeriesColumns, find_series_columns
from unspool.data.series.long_form import read_long_form
from unspool.data.series.missing import missing_in, refuse_empty_channels
from unspool.data.series.npz import read_npz
from unspool.data.series.steps_in_rows import refuse_rows_of_one_series
from unspool.data.series.ts import read_ts
from unspool.data.series.wide import read_wide
from unspool.data.series.wide_columns import (
    WideColumns,
    find_wide_columns,
    numbered_steps,
    words_on_names,
    words_on_newest,
    words_on_runs,
    words_on_steps,
)
from unspool.data.source import Given, Source
from unspool.data.tables.formats import UCR
from unspool.data.tables.joined_columns import shown_columns
from unspool.data.tables.problems import OnError, check_on_error
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.tables.table import Chunk, Table
from unspool.errors import UserError, naming
from unspool.files import expanded
from unspool.progress import spinner

_ARRAYS = ", ".join(ARRAYS)
_LARGEST_OF_A_BYTE = 255
"""As in images: larger whole numbers may be ids."""


@dataclass(frozen=True, slots=True, eq=False)
class SeriesExamples:
    """Labelled series in memory, and what was decided about them.

    Attributes:
        series: N series of different lengths.
        parts: (N,) the part of each: 0 training, 1 validation, 2 test.
        labels: how labels become targets; learned from the training series.
        decisions: what was decided, and why, each in a sentence without its stop.
        columns: which column of the file is what, where it is a table.
        prints: (N,) fingerprints, equal for series with equal values.
    """

    series: LabelledSeries
    parts: Parts = field(repr=False)
    labels: LabelEncoder
    decisions: tuple[str, ...]
    columns: SeriesColumns | WideColumns | None
    prints: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.series)

    def counts(self) -> dict[Part, int]:
        """Count the series of each part."""
        return count_by_part(self.parts)

    def load(self, part: Part, length: int | None = None) -> tuple[NDArray[np.float32], Targets]:
        """Return the series of a part, (n, T, C) with NaN beyond the end of each, and their targets.

        Args:
            part: which.
            length: T, in time steps; None takes the longest of that part. Of a longer series the last T are kept.
        """
        chosen = np.flatnonzero(self.parts == PARTS.index(part))
        return self.series.padded(chosen, length), self.labels.encode([self.series.labels[index] for index in chosen])


def read_series(
    given: Given,
    *,
    find_labels: FindLabels,
    series: str | None = None,
    label: str | None = None,
    channels: Sequence[str] | None = None,
    steps: Sequence[str] | None = None,
    time: str | None = None,
    group: str | None = None,
    split: str | None = None,
    newest: str | None = None,
    fractions: tuple[float, float] = (FRACTION, FRACTION),
    seed: int = 0,
    on_error: OnError = "stop",
    labelled: bool = True,
    tags: bool = False,
    test: str | PathLike[str] | None = None,
    validation: str | PathLike[str] | None = None,
    resample: str | None = None,
) -> SeriesExamples:
    """Read labelled series: a .npz or .ts file, or a table with a row for each series or for each time step.

    A table with a row for each time step has a column that tells the series apart, a label that is the same in all rows
    of a series, a column for each channel, and perhaps the time. One with a row for each series has a label and a
    column for each step, of one channel, or columns of lists of numbers (see `find_wide_columns`). In a .npz file
    (see `npz.read_npz`) and in a .ts file (see `ts.read_ts`), columns are not named.

    Parts that the file gives stay as they are. The others are drawn: the newest series, where it is said when each was
    recorded, whole groups, or at random with each class in the same share. In a random draw, copies of a series stay
    together unless they make up more than a tenth of all.

    Args:
        given: the file.
        find_labels: learns from the training labels how labels are encoded, as `unspool.tasks.find_task` does.
        series: the name of the column, or None to look for it.
        label: the name of the column, or None to look for it.
        channels: the names of the columns; None takes all others.
        steps: where each row is a series, the names of the columns of its steps; None looks for them.
        time: the name of the column, or None to look for it.
        group: the name of a column: series with the same value stay in one part.
        split: the name of a column that says the part of each series.
        newest: the name of a column that says when each series was recorded, in its latest row: the newest are the
            test, those before them validation. It may be the column of the time.
        fractions: of the series for validation and for the test, where these are drawn.
        seed: of the draw.
        on_error: what is done about a series that cannot be used: "stop" at it, or "skip" it and count it.
        labelled: whether there must be labels; else they are not looked at.
        tags: whether the label of a series is a list of tags, one for each step: in .npz files and in
            tables with a row for each time step.
        test: a file with the test series, or None; see `held_out.read_test_series`.
        validation: likewise, with those for validation.
        resample: the interval between two steps, as in "10s", of a table with a row for each time step and a time:
            series are read at even steps (see `clock.resample`); None takes the steps that there are.

    Raises:
        UserError: a file cannot be read, a column is missing or is named of a .npz file, a series cannot be used and
            `on_error` is "stop", no task fits the labels, the test file has other channels, or there are too few series
            or times.

    Example:
        >>> import tempfile
        >>> from unspool.tasks import find_task
        >>> path = Path(tempfile.mkdtemp()) / "walks.npz"
        >>> x = np.random.RandomState(0).normal(size=(40, 6, 3))
        >>> np.savez(path, x=x, y=["still", "walking"] * 20, lengths=[5, 6] * 20)
        >>> examples = read_series(path, find_labels=find_task)
        >>> examples.counts(), examples.labels.names
        ({'training': 32, 'validation': 4, 'test': 4}, ('still', 'walking'))
        >>> values, targets = examples.load("training")
        >>> values.shape, int(np.isnan(values[targets == 0, 5]).all(axis=1).sum())
        ((32, 6, 3), 16)
    """
    check_on_error(on_error)
    source = Source.of(given, on_error)
    path = source.path
    named = {"series": series, "label": label, "time": time, "group": group, "split": split, "newest": newest}
    every = named | {"channels": channels, "steps": steps}
    columns: SeriesColumns | WideColumns | None = None
    with spinner(f"Reading {path.name}"):
        layout = layout_of(source, series, channels)
        if tags and layout in (None, "wide") and source.table.format is not UCR and holds_steps(source.table.first()):
            layout = "long"  # its columns of numbers are channels
        if tags and layout not in ("npz", "long"):
            raise no_tags(path)
        if resample is not None and layout != "long":
            raise UserError(
                f"{path}: --resample needs a time for each step: a table with a row for each time step, and a column "
                "for the time (--time)."
            )
        if layout == "npz":
            _refuse_columns(path, every, f"a .npz file has arrays in its place: {_ARRAYS}")
            found, how, newest = read_npz(source, on_error, labelled, tags), ["the file has arrays"], "times"
        elif layout == "ts":
            _refuse_columns(path, every, "a .ts file has none")
            found, how = read_ts(path, on_error, labelled), ["each line is a series, with its label at the end"]
        else:
            columns, found, how = _read_table(source, layout, named, channels, steps, labelled, resample, tags)
        files = {part: file for part, file in ((VALIDATION, validation), (TEST, test)) if file is not None}
        more = {}
        for part, held_out in _held_out(files, source, columns, on_error).items():
            more[part] = read_test_series(held_out, found, columns, on_error, labelled, tags, resample)
            how += [f"{held_out.path.name}: {note}" for note in more[part].notes]
    return _examples(source, found, more, how, newest, find_labels, fractions, seed, on_error, columns)


def _read_table(
    source: Source,
    layout: Layout | None,
    named: dict[str, str | None],
    channels: Sequence[str] | None,
    steps: Sequence[str] | None,
    labelled: bool,
    resample: str | None,
    tags: bool,
) -> tuple[SeriesColumns | WideColumns, LabelledSeries, list[str]]:
    """The columns of a table, its series, and what was decided about both; the arguments are those of `read_series`."""
    path, table = source.path, source.table
    if layout != "wide":
        _refuse_columns(path, {"steps": steps}, "here each row is a time step")
        long = find_series_columns(table, channels=channels, labelled=labelled, tags=tags, **named)
        first = table.first()  # before the table is read, so that the file is opened once
        found = read_long_form(table, long, resample)
        return long, found, _long_words(long, found, table, first, resample)
    if named["time"] is not None:
        raise UserError(
            f"{path}: --time names a column of a table, but here each row is read as a series, with its steps in the "
            "order of the file. If each row is a time step, name the column that identifies the series (--series; in "
            "Python series=); otherwise leave --time out."
        )
    require_all(path, table.columns, [("step", name) for name in steps or ()])
    named = {name: named[name] for name in ("label", "group", "split", "newest")}
    if not channels and not steps:
        refuse_rows_of_one_series(table, **named)
    wide = find_wide_columns(table, channels=channels, steps=steps, labelled=labelled, **named)
    wide, left = numbered_steps(wide) if steps is None else (wide, ())
    found = read_wide(table, wide)
    return wide, found, _wide_words(wide, found, table, left)


def _held_out(
    files: dict[int, str | PathLike[str]],
    source: Source,
    columns: SeriesColumns | WideColumns | None,
    on_error: OnError,
) -> dict[int, Source]:
    """The files with the series of other parts, whose dates and numbers are read as in the training file."""
    dates = source.table.date_order(source.times) if files and columns is not None else None
    decimal = source.table.decimal_in(columns.numbers) if files and columns is not None else None
    return {
        part: Source(expanded(file), on_error, dates, source.times, source.label, source.series, decimal)
        for part, file in files.items()
    }


def _missing_words(series: LabelledSeries) -> Iterator[str]:
    counts, lacking = missing_in(series.values, series.offsets)
    total = int(counts.sum())
    if total:
        yield (
            f"{total:,} number{' is' if total == 1 else 's are'} missing, in {lacking:,} of {len(series):,} series: "
            "filled in by linear interpolation along time, channel by channel (at either end by the nearest number; in "
            "a series without numbers in a channel by that channel's mean in training)"
        )


def _wide_words(columns: WideColumns, found: LabelledSeries, table: Table, left: Sequence[str]) -> list[str]:
    count = len(found.channels)
    of = "one channel" if count == 1 else f"{count:,} channels"
    if columns.lists:
        names = f"column{'s' * (len(columns.lists) > 1)} {', '.join(columns.lists)}"
        steps = [f"each row is a series of {of}, its steps are in the lists of {names}"]
        if count > len(columns.lists):
            steps.append(f"the first series has {found.lengths[0]:,} steps of {count:,} numbers")
        if (found.values == np.rint(found.values)).all() and found.values.max() > _LARGEST_OF_A_BYTE:
            steps.append("if the numbers are ids, such as those of words, their size means nothing: give texts instead")
    else:
        numbers = f"{len(columns.steps):,} columns of numbers, {columns.steps[0]} to {columns.steps[-1]}"
        steps = [f"each row is a series of {of}, its steps are {numbers}"]
    several = table.joined.get(columns.label or "")
    where = f"column {columns.label}" if several is None else f"columns {', '.join(several.names)}, each of 1 and 0"
    labels = [f"labels are in {where}"] if columns.label is not None else []
    return [
        *steps,
        *labels,
        *ignored_words(columns.ignored),
        *_words_on_groups(columns, table.first()),
        *said_words(columns.split, None, "series"),
        *left,
        *words_on_steps(columns, table.first()),
        *words_on_runs(columns, table.first()),
        *words_on_newest(columns, table.first()),
        *table.words_on((*columns.steps, columns.newest)),
    ]


def _long_words(
    columns: SeriesColumns, found: LabelledSeries, table: Table, first: Chunk, resample: str | None
) -> list[str]:
    what = "the tags of their steps" if columns.tags else "labels"
    return [
        f"series are told apart by {shown_columns(found.named_by or (columns.series,))}; {what} are in "
        f"{columns.label}{columns.label_found}",
        f"channels are {', '.join(columns.channels)}",
        *_words_on_order(columns, found, first),
        *ignored_words(columns.ignored),
        *words_on_group_of_series(found.group_beside),
        *said_words(columns.split, None, "series"),
        *table.words_on((*columns.channels, columns.time, columns.newest)),
        *([] if found.clock is None else [found.clock.words(columns.time or "", resample, tagged=columns.tags)]),
    ]


def _words_on_groups(columns: WideColumns, first: Chunk) -> tuple[str, ...]:
    if columns.group or columns.split or columns.newest or columns.label not in first.cells:
        return ()
    possible = words_on_group(possible_group(first.cells, columns.ignored, columns.label))
    return possible or words_on_names(columns, first)


def _words_on_order(columns: SeriesColumns, found: LabelledSeries, first: Chunk) -> Iterator[str]:
    if columns.time is not None:
        yield f"rows are in the order of column {columns.time}"
        time = next(iter(first.cells[columns.time]), None)
        if found.clock is not None and found.clock.dates and is_number(time):
            yield f"times in column {columns.time} are dates written as numbers, such as {time}"
        return
    yield "rows are in the order of the file"
    times = [name for name in columns.ignored if are_moments(first.cells[name])]
    if times:
        yield (
            f"column {times[0]} holds times, but does not order the rows; for it to do so, name it (--time), with the "
            "column of the date if there is one (--time date,time), or write seconds since the beginning of the series"
        )


def _refuse_columns(path: Path, named: dict[str, Any], instead: str) -> None:
    for what, name in named.items():
        if name is not None:
            raise UserError(f"{path}: --{what} names a column of a table, but {instead}. Leave it out.")


def _examples(
    source: Source,
    series: LabelledSeries,
    more: dict[int, LabelledSeries],
    how: list[str],
    newest: str | None,
    find_labels: FindLabels,
    fractions: tuple[float, float],
    seed: int,
    on_error: OnError,
    columns: SeriesColumns | WideColumns | None,
) -> SeriesExamples:
    known = known_parts(series.parts, len(series))
    training = [label for label, part in zip(series.labels, known, strict=True) if part == TRAINING]
    with naming(series.path):
        encoder = find_labels(training)
    series = series.without(flaws_of(series.labels, encoder.flaw), on_error)
    paths = {part: one.path for part, one in more.items()}
    written = () if columns is None or encoder.names else source.table.words_on((columns.label,))
    how = [*how, *written, *said_words(None, paths.get(TEST), "series", paths.get(VALIDATION))]
    for part, one in more.items():
        series = joined(series, one.without(flaws_of(one.labels, encoder.flaw), on_error), part)
    given, classes = known_parts(series.parts, len(series)), encoder.strata(series.labels)
    prints, groups, drawn_how = series.prints(), series.groups, "whole groups"
    if series.times is not None:
        drawn_how = f"the newest by {newest}{NOT_WHOLE if groups is not None else ''}"
    elif groups is None:
        groups, drawn_how = copies_together(prints, "copies of one series")
    by = None if series.groups is None else "array groups" if columns is None else f"column {columns.group}"
    with naming(series.path):
        parts = draw_parts(
            len(series),
            classes=classes,
            groups=groups,
            by=by,
            times=series.times,
            given=given,
            fractions=fractions,
            seed=seed,
            fewest=encoder.fewest,
            fewest_validation=2 if encoder.network else 1,
        )
    refuse_empty_channels(series.values[np.repeat(parts == TRAINING, series.lengths)], series.channels, series.path)
    drawn = [
        *drawn_words(given, drawn_how, "series"),
        *kept_words(given, classes, series.groups, "group" if series.times is None else None),
        *uneven_words(parts, given, series.groups if series.times is None else None),
        *shared_words(parts, given, series.groups),
        *_missing_words(series),
    ]
    decisions = (*how, f"the task is {encoder.name}: {encoder.why}", *drawn)
    return SeriesExamples(series, parts, encoder, decisions, columns, prints)

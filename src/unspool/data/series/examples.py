"""Labelled series, ready to be trained on: what each is for, and with what target."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import LabelCodec, Targets
from unspool.data.parts import FRACTION, NOT_WHOLE, TRAINING, Parts, draw_parts, drawn_words
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.long_form import find_series_columns, read_long_form
from unspool.data.series.npz import ARRAYS, read_npz
from unspool.data.tables.problems import OnError, Place, Problem, check_on_error, settle
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.tables.table import read_table
from unspool.data.task import Task, find_task
from unspool.errors import UserError
from unspool.progress import spinner


@dataclass(frozen=True, slots=True, eq=False)
class SeriesExamples:
    """Labelled series in memory, and what was decided about them.

    Attributes:
        series: N series of different lengths.
        parts: (N,) the part of each: 0 training, 1 validation, 2 test.
        codec: turns labels into targets; learned from the training series.
        decisions: what was decided, and why, each in a sentence without its stop.
    """

    series: LabelledSeries
    parts: Parts = field(repr=False)
    codec: LabelCodec
    decisions: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.series)

    def counts(self) -> dict[Part, int]:
        """Count the series of each part."""
        found = np.bincount(self.parts, minlength=len(PARTS))
        return {part: int(count) for part, count in zip(PARTS, found, strict=True)}

    def load(self, part: Part, length: int | None = None) -> tuple[NDArray[np.float32], Targets]:
        """Return the series of a part, (n, T, C) with NaN beyond the end of each, and their targets.

        Args:
            part: which.
            length: T, in time steps; None takes the longest of that part. Of a longer series the last T are kept.
        """
        chosen = np.flatnonzero(self.parts == PARTS.index(part))
        return self.series.padded(chosen, length), self.codec.encode([self.series.labels[index] for index in chosen])


def read_series(
    path: str | PathLike[str],
    *,
    series: str | None = None,
    label: str | None = None,
    channels: Sequence[str] | None = None,
    time: str | None = None,
    group: str | None = None,
    split: str | None = None,
    newest: str | None = None,
    task: Task | None = None,
    fractions: tuple[float, float] = (FRACTION, FRACTION),
    seed: int = 0,
    on_error: OnError = "stop",
) -> SeriesExamples:
    """Read labelled series: a .npz file, or a table with a row for each time step.

    A table has a column that tells the series apart, a label that is the same in all rows of a series, a column for
    each channel, and perhaps the time. A .npz file has arrays (see `npz.read_npz`); columns are then not named.

    Parts that the file gives stay as they are. The others are drawn: the newest series, where it is said when each was
    recorded, whole groups, or by chance with each class in the same share.

    Args:
        path: of the file.
        series: the name of the column, or None to look for it.
        label: the name of the column, or None to look for it.
        channels: the names of the columns; None takes all others.
        time: the name of the column, or None to look for it.
        group: the name of a column: series with the same value stay in one part.
        split: the name of a column that says the part of each series.
        newest: the name of a column that says when each series was recorded, in its latest row: the newest are the
            test, those before them validation. It may be the column of the time.
        task: what it must be, or None to read it from the labels.
        fractions: of the series for validation and for the test, where these are drawn.
        seed: of the draw.
        on_error: what is done about a series that cannot be used: "stop" at it, or "skip" it and count it.

    Raises:
        UserError: the file cannot be read, a column is missing or is named of a .npz file, a series cannot be used and
            `on_error` is "stop", no task fits the labels, or there are too few series or times.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "walks.npz"
        >>> x = np.random.RandomState(0).normal(size=(40, 6, 3))
        >>> np.savez(path, x=x, y=["still", "walking"] * 20, lengths=[5, 6] * 20)
        >>> examples = read_series(path)
        >>> examples.counts(), examples.codec.names
        ({'training': 32, 'validation': 4, 'test': 4}, ('still', 'walking'))
        >>> values, targets = examples.load("training")
        >>> values.shape, int(np.isnan(values[targets == 0, 5]).all(axis=1).sum())
        ((32, 6, 3), 16)
    """
    check_on_error(on_error)
    path = Path(path).expanduser()
    named = {"series": series, "label": label, "time": time, "group": group, "split": split, "newest": newest}
    with spinner(f"Reading {path.name}"):
        if path.suffix.lower() == ".npz":
            _refuse_columns(path, named | {"channels": channels})
            found, how, newest = read_npz(path, on_error), ["the file has arrays"], "times"
        else:
            table = read_table(path, on_error)
            columns = find_series_columns(table, channels=channels, **named)
            found = read_long_form(table, columns)
            how = [
                f"series are told apart by column {columns.series}, labels are in {columns.label}",
                f"channels are {', '.join(columns.channels)}",
                f"rows are in the order of {'the file' if columns.time is None else f'column {columns.time}'}",
            ]
    return _examples(found, how, newest, task, fractions, seed, on_error)


def _refuse_columns(path: Path, named: dict[str, Any]) -> None:
    for what, name in named.items():
        if name is not None:
            raise UserError(
                f"{path}: --{what} names a column of a table, but a .npz file has arrays in its place: "
                f"{', '.join(ARRAYS)}. Leave it out."
            )


def _examples(
    series: LabelledSeries,
    how: list[str],
    newest: str | None,
    task: Task | None,
    fractions: tuple[float, float],
    seed: int,
    on_error: OnError,
) -> SeriesExamples:
    given = series.parts if series.parts is not None else np.full(len(series), TRAINING, dtype=np.int8)
    training = [label for label, part in zip(series.labels, given, strict=True) if part == TRAINING]
    try:
        task_found = find_task(training, task)
        codec = LabelCodec.fit(training, task_found)
    except UserError as error:
        raise UserError(f"{series.path}: {error}") from error
    flaws = {position: flaw for position, label in enumerate(series.labels) if (flaw := codec.flaw(label)) is not None}
    settle(
        (Problem(flaw, Place(position + 1, series.names[position], "series")) for position, flaw in flaws.items()),
        series.path,
        on_error,
    )
    if flaws:
        kept = np.setdiff1d(np.arange(len(series)), list(flaws))
        left_out = series.left_out + Counter(flaw.reason for flaw in flaws.values())
        series, given = replace(series.take(kept), left_out=left_out), given[kept]
    parts = draw_parts(
        len(series),
        classes=np.array(series.labels, dtype=object) if codec.task in ("binary", "multiclass") else None,
        groups=series.groups,
        times=series.times,
        given=given,
        fractions=fractions,
        seed=seed,
    )
    drawn_how = "by chance" if series.groups is None else "whole groups"
    if series.times is not None:
        drawn_how = f"the newest by {newest}{NOT_WHOLE if series.groups is not None else ''}"
    drawn = drawn_words(given, drawn_how, "series")
    return SeriesExamples(series, parts, codec, (*how, f"the task is {task_found.task}: {task_found.why}", *drawn))

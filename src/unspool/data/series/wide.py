"""Series from a table with a row for each series: its steps are in columns of numbers, or in lists."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data import cell_values
from unspool.data.cell_values import TimesOfColumn, is_missing, part_of, step_of
from unspool.data.labels import Label, label_of_cell, list_in
from unspool.data.ragged import offsets_of
from unspool.data.roles import name_of
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.listed import listed_steps, steps_first
from unspool.data.series.rounded import rounded, rounded_channel
from unspool.data.series.wide_columns import WideColumns
from unspool.data.tables.problems import Flaw, Problem, Reason, settle
from unspool.data.tables.table import Chunk, Table
from unspool.data.tables.written_numbers import is_no_number
from unspool.errors import UserError

_LEAST_TAGS = 5
_TAGS = "Give a .npz file with y of shape (series, steps)"


def read_wide(table: Table, columns: WideColumns, channels: int | None = None) -> LabelledSeries:
    """Read all series into memory. Empty cells behind the last number of a row are no steps: its series is shorter.

    An empty cell between two numbers is a missing number, NaN; likewise in lists.

    Args:
        table: in wide form.
        columns: of it.
        channels: how many the model reads, if that is known; see `listed.steps_first`.

    Raises:
        UserError: no series is usable; or one is not, and the table says to stop; or no axis of the lists of lists can
            be that of the channels.
    """
    found: list[NDArray[np.float32]] = []
    facts: list[tuple[Any, ...]] = []
    names: list[str] = []
    left_out: Counter[Reason] = Counter()
    clock = TimesOfColumn()
    for chunk in table.chunks():
        problems = list(chunk.problems)
        for index, place in enumerate(chunk.places):
            series = _steps(chunk, index, columns)
            its_facts = _facts(chunk, index, columns, clock)
            flaw = next((one for one in (series, *its_facts) if isinstance(one, Flaw)), None)
            if flaw is None and columns.lists and _is_tagged(chunk, index, columns, series):
                flaw = Flaw(Reason.TYPE, "there is a label for each time step", columns.label, _TAGS)
            if flaw is not None:
                problems.append(Problem(flaw, place))
            else:
                found.append(series)  # type: ignore[arg-type]
                facts.append(its_facts)
                names.append(str(place.row))
        settle(problems, table.path, table.on_error)
        left_out.update(problem.flaw.reason for problem in problems)
    if not found:
        raise UserError(f"{table.path}: no series can be used.")
    if columns.lists:
        found = _steps_first(table, columns, found, channels)
    count = found[0].shape[1]
    labels, groups, parts, times = zip(*facts, strict=True)
    return LabelledSeries(
        table.path,
        np.concatenate(found),
        offsets_of([len(one) for one in found]),
        list(labels),
        names,
        columns.lists if len(columns.lists) > 1 else tuple(map(str, range(count))),
        np.array(groups, dtype=np.int64) if columns.group is not None else None,
        np.array(parts, dtype=np.int8) if columns.split is not None else None,
        np.array(times, dtype=np.float64) if columns.newest is not None else None,
        left_out,
    )


def _steps(chunk: Chunk, index: int, columns: WideColumns) -> NDArray[np.float32] | Flaw:
    """The (T, C) steps of a series; or (A, B) of lists of lists, whose axes are not told apart yet."""
    if columns.lists:
        return listed_steps([chunk.cells[name][index] for name in columns.lists], columns.lists)
    found = steps_of([chunk.cells[name][index] for name in columns.steps], columns.steps)
    return found if isinstance(found, Flaw) else found[:, np.newaxis]


def _steps_first(
    table: Table, columns: WideColumns, found: list[NDArray[np.float32]], channels: int | None
) -> list[NDArray[np.float32]]:
    """Series with the axis of the steps first, without trailing steps that are NaN in all channels."""
    first = True if len(columns.lists) > 1 else steps_first(found, channels)
    if first is None:
        expected = "the same number of lists in each row, or of numbers in each list"
        if channels is not None:
            expected = f"{channels} lists in each row, one for each channel, or {channels} numbers in each list"
        raise UserError(
            f"{table.path}: lists of lists in column {columns.lists[0]} need {expected}; their shapes include "
            f"{' and '.join(str(one.shape) for one in found[:2])}."
        )
    series = [one if first else one.T for one in found]
    ends = [np.flatnonzero(~np.isnan(one).all(axis=1)) for one in series]
    return [one[: end[-1] + 1 if len(end) else 0] for one, end in zip(series, ends, strict=True)]


def _is_tagged(chunk: Chunk, index: int, columns: WideColumns, series: Any) -> bool:
    """Whether a row has a label for each time step, as in tagging."""
    label = None if columns.label is None else list_in(chunk.cells[columns.label][index])
    return isinstance(label, list) and len(label) >= _LEAST_TAGS and len(label) in series.shape


def steps_of(cells: Sequence[Any], names: Sequence[str]) -> NDArray[np.float32] | Flaw:
    """Turn cells into the (T,) steps of a series; those that are empty or NaN at the end are none, others are NaN.

    Example:
        >>> steps_of(["1", "2.5", "", ""], "abcd").tolist(), steps_of(["1", "", "2"], "abc").tolist()
        ([1.0, 2.5], [1.0, nan, 2.0])
    """
    end = len(cells)
    while end and _is_absent(cells[end - 1]):
        end -= 1
    if not end:
        return Flaw(Reason.NO_VALUE, "the series has no steps")
    series = cell_values.steps_of(cells[:end], names[0])
    if series is not None:
        is_rounded = rounded_channel(series[:, np.newaxis]) is not None
        return rounded("the series", None) if is_rounded else series.astype(np.float32)
    numbers = (step_of(cell, name) for cell, name in zip(cells[:end], names, strict=False))
    return next(one for one in numbers if isinstance(one, Flaw))


def _facts(chunk: Chunk, index: int, columns: WideColumns, clock: TimesOfColumn) -> tuple[Any, ...]:
    """What is said of a series: its label, its group, its part, its time; a Flaw where that cannot be read."""
    named = (columns.label, columns.group, columns.split, columns.newest)
    cells = {name: chunk.cells[name][index] for name in named if name is not None}
    label: Label | Flaw = "0" if columns.label is None else label_of_cell(cells[columns.label])
    if isinstance(label, Flaw):
        label = Flaw(label.reason, label.detail, columns.label)
    return (
        label,
        name_of(cells[columns.group], columns.group) if columns.group is not None else 0,
        part_of(cells[columns.split], columns.split) if columns.split is not None else 0,
        clock.read(cells[columns.newest], columns.newest) if columns.newest is not None else 0.0,
    )


def _is_absent(cell: Any) -> bool:
    return is_missing(cell) or is_no_number(cell)

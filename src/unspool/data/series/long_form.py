"""Series from a table with a row for each time step: series id, time, channels, label."""

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import (
    TimesOfColumn,
    is_missing,
    is_number,
    names_zone,
    part_of,
    step_of,
    steps_of,
    times_of,
)
from unspool.data.labels import Label, as_number, label_of_cell
from unspool.data.possible_groups import group_of_series, may_identify
from unspool.data.ragged import offsets_of
from unspool.data.roles import name_of
from unspool.data.series.clock import Clock, Interval, refuse_unit, resample
from unspool.data.series.dates_as_digits import digits_of_dates
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.long_columns import SeriesColumns
from unspool.data.series.one_value_each import OneValueEach
from unspool.data.series.rounded import FIX, Remainders, rounded
from unspool.data.series.rows_of_series import RowsOfSeries
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, no_series
from unspool.data.tables.table import Chunk, Table
from unspool.errors import UserError

_UNTAGGED = (
    "Cut the series in two there, without the steps that have no tag; give these a tag of their own, such as none"
)


def read_long_form(table: Table, columns: SeriesColumns, interval: str | None = None) -> LabelledSeries:
    """Read all series into memory, as float32: a row with C channels takes some 4 C + 12 bytes.

    Rows stand in any order. One bad row makes its whole series unusable: with a step left out it would be another one.
    A number that is missing is NaN. Rows after the last number of a series are not steps of it; a series without
    any number is refused.

    Args:
        table: what is read.
        columns: which column is what.
        interval: between two steps, as in "10s": series are then read at even steps, see `clock.resample`; None takes
            the steps that there are.

    Raises:
        UserError: no series is usable, or one is not and the table says to stop; the interval is none, gives too many
            steps, there is no column of the time, or there are tags, which cannot be resampled.
    """
    if interval is not None and columns.time is None:
        raise UserError(
            f"{table.path}: --resample {interval} needs a column that says when each step was. Name it (--time)."
        )
    if interval is not None and columns.tags:
        raise UserError(f"{table.path}: the tags of steps cannot be resampled. Leave --resample {interval} out.")
    reading = _Reading(table, columns, None if interval is None else Interval.of(interval), interval)
    for chunk in table.chunks():
        reading.add(chunk)
    return reading.result()


class _Reading(RowsOfSeries):
    """With what is said of each series."""

    def __init__(self, table: Table, columns: SeriesColumns, interval: Interval | None, asked: str | None) -> None:
        super().__init__(table, columns.time)
        self.columns, self.interval, self.asked = columns, interval, asked
        self.facts: list[tuple[Any, ...]] = []  # of each series: label, group, part
        self.latest: list[float] = []  # of each series
        self.newest_clock = TimesOfColumn()
        self.tags: list[Label] = []  # of each row that is kept, where there are tags
        self.remainders = Remainders()
        self.beside: OneValueEach | None = None  # columns that may name groups of series

    def add(self, chunk: Chunk) -> None:
        if self.beside is None:
            self.beside = OneValueEach(self.columns.series, self._may_name_groups(chunk))
        self.beside.add(chunk)
        super().add(chunk)

    def _may_name_groups(self, chunk: Chunk) -> list[str]:
        columns, named_by = self.columns, self.table.parts(self.columns.series)
        if columns.label == columns.series or (columns.group, columns.split, columns.newest) != (None, None, None):
            return []
        others = [name for name in columns.ignored if may_identify(name, chunk.cells[name])]
        return [*named_by[:1], *(name for name in named_by[1:] if may_identify(name, chunk.cells[name])), *others]

    def add_row(self, cells: dict[str, Any], place: Place) -> Problem | None:
        columns = self.columns
        if is_missing(cells[columns.series]):
            self.leave_out(columns.series, cells, place)
            return None
        number = self.numbered(str(cells[columns.series]).strip())
        when = self.clock.read(cells[columns.time], columns.time) if columns.time is not None else 0.0
        if columns.time is not None and not isinstance(when, Flaw) and not self.dates:
            self.dates = not is_number(cells[columns.time])
            self.zoned = names_zone(cells[columns.time])
        numbers = [step_of(cells[name], name) for name in columns.channels]
        facts = tuple(self._facts(cells))
        recorded = self.newest_clock.read(cells[columns.newest], columns.newest) if columns.newest is not None else 0.0
        tag = self._label(cells) if columns.tags else ""
        flaw = next((found for found in (when, *numbers, *facts, tag, recorded) if isinstance(found, Flaw)), None)
        if number == len(self.facts):
            self.facts.append(facts)
            self.latest.append(-math.inf)
        elif flaw is None and facts != self.facts[number] and number not in self.flawed:
            flaw = self._changed(facts, number)
        if flaw is not None:
            return self.flawed.setdefault(number, Problem(flaw, place))
        self.latest[number] = max(self.latest[number], recorded)  # type: ignore[assignment,type-var]
        self.remainders.add(len(self.series), [np.array([one], np.float64) for one in numbers])
        self.keep(number, when, numbers, place)
        if columns.tags:
            self.tags.append(tag)  # type: ignore[arg-type]
        return None

    def add_together(self, chunk: Chunk) -> bool:
        columns = self.columns
        names = [one for one in (columns.series, columns.label, columns.group, columns.split) if one is not None]
        keys = [chunk.cells[name] for name in names]
        if columns.newest is not None or any(set(map(type, one)) - {str, int} for one in keys):
            return False
        when = chunk.cells[columns.time] if columns.time is not None else [0.0] * len(chunk)
        times = times_of(when, columns.time or "")
        numbers = [steps_of(chunk.cells[name], name) for name in columns.channels]
        tags: dict[Any, Any] = {}
        if columns.tags:  # one of each row, and no fact of the series
            tags = {cell: self._label({columns.label: cell}) for cell in set(keys[1])}
            if any(isinstance(tag, Flaw) for tag in tags.values()):
                return False
            names, keys = [names[0], *names[2:]], [keys[0], *keys[2:]]
        found = self._facts_together(names, keys)
        if times is None or found is None or any(one is None for one in numbers):
            return False
        if columns.time is not None and not self.clock.accepts(when[0]):
            return False
        number_of = {}
        for cell, (name, facts) in found.items():
            number_of[cell] = self.numbered(name)
            if number_of[cell] == len(self.facts):
                self.facts.append(facts)
                self.latest.append(-math.inf)
        if columns.time is not None and not self.dates:
            self.dates, self.zoned = not is_number(when[0]), names_zone(when[0])
        of_rows = np.fromiter((number_of[cell] for cell in keys[0]), np.int64, len(chunk))
        known = [one for one in numbers if one is not None]
        self.remainders.add(len(self.series), known)
        self.keep_together(of_rows, times, known, chunk)
        if columns.tags:
            self.tags.extend(tags[cell] for cell in chunk.cells[columns.label])
        return True

    def _facts_together(
        self, names: Sequence[str], keys: Sequence[Sequence[Any]]
    ) -> dict[Any, tuple[str, tuple[Any, ...]]] | None:
        """The name and facts of each series in some rows, by its cell; None if anything is wrong with any.

        Args:
            names: the column of the series, and those of the facts.
            keys: N cells of each.
        """
        found: dict[Any, tuple[str, tuple[Any, ...]]] = {}
        so_far: dict[str, tuple[Any, ...]] = {}
        for cells in dict.fromkeys(zip(*keys, strict=True)):
            name = str(cells[0]).strip()
            facts = tuple(self._facts(dict(zip(names, cells, strict=True))))
            number = self.number_of.get(name)
            before = facts if number is None else self.facts[number]
            flawed = any(isinstance(fact, Flaw) for fact in facts) or number in self.flawed
            if flawed or not name or so_far.setdefault(name, before) != facts:
                return None
            found[cells[0]] = name, facts
        return found

    def _facts(self, cells: dict[str, Any]) -> Iterator[Any]:
        """Give what is said of the series: its label, unless its steps have tags, its group, its part."""
        columns = self.columns
        yield "" if columns.tags else self._label(cells)
        yield name_of(cells[columns.group], columns.group) if columns.group is not None else 0
        yield part_of(cells[columns.split], columns.split) if columns.split is not None else 0

    def _label(self, cells: dict[str, Any]) -> Label | Flaw:
        label = label_of_cell(cells[self.columns.label])
        if not isinstance(label, Flaw):
            return label
        if self.columns.tags and label.reason == Reason.NO_VALUE:
            label = replace(label, fix=_UNTAGGED, fix_in_use=_UNTAGGED)
        return replace(label, column=self.columns.label)

    def _changed(self, facts: tuple[Any, ...], number: int) -> Flaw:
        names = (self.columns.label, self.columns.group, self.columns.split)
        changed = next(index for index, fact in enumerate(facts) if fact != self.facts[number][index])
        tagging = 'ask for tags (--task tagging; in Python task="tagging")'
        fix = f"If each step has a label of its own, {tagging}. {self._fix()}"
        if as_number(facts[0]) is not None:
            windows = "cut the series into windows, each a series with the number at its end as its label"
            fix = f"To predict a number at each step, {windows}. {fix}"
        detail = f"the value is another one than before in {self.named(number)}"
        return Flaw(Reason.RAGGED, detail, names[changed], self._fix(self.columns.group) if changed else fix)

    def _fix(self, other: str | None = None) -> str:
        """What to do about rows that do not belong together; `other` is a column that may tell series apart, too."""
        names = f"{self.columns.series},{other or 'OTHER'}"
        return (
            f"If it takes several columns to identify a series, name all of them, as in --series {names}. If not, "
            "fix it"
        )

    def named(self, number: int) -> str:
        return f"series {self.names[number]}"

    def result(self) -> LabelledSeries:
        columns, count = self.columns, len(self.names)
        self._read_digits()
        series, times, values, order = self.in_order(len(columns.channels))
        self.refuse_equal_times(series, times, order, self._fix())
        self._refuse_empty(series, values, order)
        self._refuse_rounded(series, values, order)
        usable = ~np.isin(series, list(self.flawed)) & _up_to_last_number(series, values)
        values = values[usable]
        lengths = np.bincount(series[usable], minlength=count)
        kept = np.flatnonzero(lengths)
        if not len(kept):
            raise no_series(self.table.path, self.flawed.values())
        offsets = offsets_of(lengths[kept])
        labels: list[Label] = [self.facts[number][0] for number in kept]
        if columns.tags:
            tags = [self.tags[row] for row in order[usable].tolist()]
            labels = [tuple(tags[begin:end]) for begin, end in pairwise(offsets.tolist())]
        rows: NDArray[np.int64] | None = np.frombuffer(self.rows, dtype=np.int64)[order[usable]]
        clock = None if columns.time is None else Clock.of(times[usable], offsets, self.dates)
        if self.interval is not None:
            refuse_unit(self.interval, self.dates, columns.time or "", self.asked or "")
            values, offsets = resample(values, times[usable], offsets, self.interval.length, self.asked)
            rows = None
        return LabelledSeries(
            self.table.path,
            values,
            offsets,
            labels,
            [self.names[number] for number in kept],
            columns.channels,
            np.array([self.facts[number][1] for number in kept]) if columns.group is not None else None,
            np.array([self.facts[number][2] for number in kept], dtype=np.int8) if columns.split is not None else None,
            np.array(self.latest)[kept] if columns.newest is not None else None,
            self.left_out,
            clock,
            notes=self.notes,
            rows=rows,
            named_by=self.table.parts(columns.series),
            group_beside=self._group_beside([self.names[number] for number in kept], labels),
        )

    def _group_beside(self, series: Sequence[str], labels: Sequence[Label]) -> str | None:
        if self.beside is None:
            return None
        given = None if self.columns.tags else labels
        return group_of_series(self.beside.of(series), given, self.table.parts(self.columns.series))

    def _read_digits(self) -> None:
        """Read times such as 20240131235950 as dates: as numbers, a minute would be 100 seconds."""
        found = None if self.time is None or self.dates else digits_of_dates(np.array(self.times), months=False)
        if found is not None:
            self.dates, self.times = True, array("d", found.seconds.tobytes())

    def _refuse_rounded(self, series: NDArray[np.int64], values: Any, order: NDArray[np.int64]) -> None:
        """Refuse series with a channel of which 32 bits hide how it changes."""
        fix = f"{FIX}, or name the other columns (--channels)"
        if self.time is None:
            fix = f"If this is the time of each step, name it (--time); if not, {FIX[0].lower()}{FIX[1:]}"
        found = {}
        for number, (channel, begin) in self.remainders.found(series, values, order).items():
            if number not in self.flawed:
                flaw = rounded(self.named(number), self.columns.channels[channel], fix)
                found[number] = Problem(flaw, Place(self.rows[int(order[begin])]))
        self.refuse(found)

    def _refuse_empty(self, series: Any, values: Any, order: Any) -> None:
        """Refuse series without any number."""
        numbers = np.bincount(series[~np.isnan(values).all(axis=1)], minlength=len(self.names))
        rows = np.bincount(series, minlength=len(self.names))
        empty = [number for number in np.flatnonzero((rows > 0) & (numbers == 0)).tolist() if number not in self.flawed]
        self.refuse_without_numbers({number: int(order[np.searchsorted(series, number)]) for number in empty})


def _up_to_last_number(series: NDArray[np.int64], values: NDArray[Any]) -> NDArray[np.bool_]:
    """(N,) which rows are not after the last number of their series; rows are ordered by series."""
    last = np.full(series.max(initial=-1) + 1, -1)
    known = np.flatnonzero(~np.isnan(values).all(axis=1))
    last[series[known]] = known  # of equal indices, the last one counts
    found: NDArray[np.bool_] = np.arange(len(series)) <= last[series]
    return found

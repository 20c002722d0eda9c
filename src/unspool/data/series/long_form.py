"""Series from a table with a row for each time step: series id, time, channels, label."""

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import (
    TimesOfColumn,
    is_date,
    is_missing,
    is_number,
    mostly,
    names_zone,
    part_of,
    step_of,
    steps_of,
    time_of,
    times_of,
)
from unspool.data.columns import by_role, numbers_rows, refuse_decimal_commas, split_column
from unspool.data.labels import Label, as_number, label_of_cell
from unspool.data.ragged import offsets_of
from unspool.data.required_columns import refuse_label_elsewhere, require_all
from unspool.data.roles import name_of
from unspool.data.series.clock import Clock, Interval, refuse_unit, resample
from unspool.data.series.dates_as_digits import digits_of_dates
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.rounded import FIX, Remainders, rounded
from unspool.data.series.rows_of_series import RowsOfSeries
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, no_series
from unspool.data.tables.table import Chunk, Table
from unspool.data.usual_names import LABEL_NAMES, SPLIT_NAMES, usual
from unspool.errors import UserError

SERIES_NAMES = ("series", "series_id", "sequence", "sequence_id", "case", "case_id", "id")
TIME_NAMES = ("time", "t", "step", "timestamp", "datetime", "ds", "time_step", "date")

_ONE_RECORDING = " If all rows are of one recording, add a column that cuts it into pieces, such as one for each day."
_UNTAGGED = (
    "Cut the series in two there, without the steps that have no tag; give these a tag of their own, such as none"
)


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """The columns of a table in long form, by their names.

    Attributes:
        series: tells the series apart.
        label: what is to be predicted, the same in all rows of a series unless there are tags.
        channels: the numbers.
        time: the order of the rows in a series; None for that of the file.
        group: series with the same value stay together when parts are drawn.
        split: which part each series belongs to.
        newest: when a series was recorded, by its latest row; the newest ones are held out.
        tags: whether each row has a label of its own: the label of a series is then the list of them.
        ignored: the columns that are not read.
    """

    series: str
    label: str
    channels: tuple[str, ...]
    time: str | None = None
    group: str | None = None
    split: str | None = None
    newest: str | None = None
    tags: bool = False
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @property
    def numbers(self) -> tuple[str | None, ...]:
        """The columns that may hold numbers."""
        return (*self.channels, self.label, self.time, self.newest)

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The columns that are read, by what each is for."""
        label = self.label if self.label != self.series else None  # of series without labels
        read = {"series": self.series, "channels": self.channels, "time": self.time, "label": label}
        return by_role(read, {"group": self.group, "newest": self.newest, "split": self.split})


def find_series_columns(
    table: Table,
    *,
    series: str | None = None,
    label: str | None = None,
    channels: Sequence[str] | None = None,
    time: str | None = None,
    group: str | None = None,
    split: str | None = None,
    newest: str | None = None,
    labelled: bool = True,
    tags: bool = False,
) -> SeriesColumns:
    """Find the columns of a table in long form by their usual names, unless they are named.

    The channels are all other columns except those without numbers in the first thousand rows: notes, names, dates.
    If no column has a usual name for the time, the time is the only column of dates that differ within the series,
    unless the series, the label and the channels are all named.
    A column named `split` whose first thousand values say train, validation and test is taken as such.

    Raises:
        UserError: a named column is missing, or one that is needed cannot be found.
    """
    given = {"series": series, "label": label, "time": time, "group": group, "split": split, "newest": newest}
    require_all(table.path, table.columns, [*given.items(), *(("channel", name) for name in channels or ())])
    others = [("channel", name) for name in channels or ()] + [("group", group), ("split", split)]
    refuse_label_elsewhere(table.path, label, others)
    named = {*given.values(), *(channels or ()), *table.parts(series)}
    free = [name for name in table.columns if name not in named]
    if split is None and any(name.lower() in SPLIT_NAMES for name in free):
        split = split_column(table.first(), {name for name in named if name is not None})
        free = [name for name in free if name != split]
    both = next((what for what in ("time", "label") if given[what] in table.parts(series)), None)
    if both is not None:
        raise UserError(f"{table.path}: column {given[both]} cannot be both --{both} and one of --series.")
    series = series or usual(free, SERIES_NAMES)
    label = label or usual([name for name in free if name != series], LABEL_NAMES)
    if not labelled and label is None:
        label = series  # the one value that is the same in all rows of a series
    for what, found in (("series", series), ("label", label)):
        if found is not None:
            continue
        left = [name for name in free if name not in (series, label, usual(free, TIME_NAMES))]
        more = _ONE_RECORDING if tags and what == "series" else ""
        if not left:
            raise UserError(
                f"{table.path} has no column left for the {what}. Its columns are {', '.join(table.columns)}.{more}"
            )
        raise UserError(
            f"{table.path}: which column tells the {what} cannot be determined. Name it (--{what}): there are "
            f"{', '.join(left)}.{more}"
        )
    assert series is not None
    assert label is not None
    time = time or usual(free, TIME_NAMES) or usual([newest or ""], TIME_NAMES)
    if time is None and None in (given["series"], given["label"], channels):
        time = _of_dates(table, series, [name for name in free if name not in (series, label)])
    channels = channels or _channels(table, [name for name in free if name not in (series, label, time)])
    if not channels:
        left = [name for name in free if name not in (series, label, time)]
        fix = f" If {left[0]} holds categories, write a column of 1 and 0 for each category." if left else ""
        raise UserError(
            f"{table.path} has no columns of numbers left for the channels. Its columns are "
            f"{', '.join(table.columns)}.{fix}"
        )
    used = {series, *table.parts(series), label, *channels, time, group, split, newest}
    ignored = tuple(name for name in table.columns if name not in used)
    return SeriesColumns(series, label, tuple(channels), time, group, split, newest, tags, ignored)


def _of_dates(table: Table, series: str, free: Sequence[str]) -> str | None:
    """The only column of dates that differ within the series, judging by the first thousand rows; or None."""
    cells = table.first().cells if free else {}
    names = list(map(str, cells.get(series, ())))
    if len(set(names)) == len(names):
        return None  # no series has two rows
    dates = [name for name in free if mostly(_is_readable_date, cells[name])]
    found = [name for name in dates if len(set(zip(names, map(str, cells[name]), strict=True))) == len(names)]
    return found[0] if len(found) == 1 else None


def _is_readable_date(cell: object) -> bool:
    return is_date(cell) and not isinstance(time_of(cell, ""), Flaw)


def _channels(table: Table, free: Sequence[str]) -> list[str]:
    """The columns that hold mostly numbers, or nothing, in the first thousand rows, without the numbers of the rows.

    Raises:
        UserError: numbers have a decimal comma.
    """
    cells = table.first().cells if free else {}
    refuse_decimal_commas(table.path, {name: cells[name] for name in free})
    found = [name for name in free if all(map(is_missing, cells[name])) or mostly(is_number, cells[name])]
    return [name for name in found if not numbers_rows(name, cells[name])]


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
        )

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

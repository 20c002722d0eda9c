"""A table with a row for each time step of each series, read into a panel at even steps."""

from array import array
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import is_missing, is_number, step_of, wall_clock, without_boolean
from unspool.data.forecasting.columns import ForecastColumns, no_covariate, no_history
from unspool.data.forecasting.combined_rows import (
    Aggregate,
    begin_of_intervals,
    combined,
    ends_early,
    lacking_rows,
    share_that_ends_as_early,
)
from unspool.data.forecasting.numbered_times import example_of_points, words_on_numbers
from unspool.data.forecasting.panel import Panel, Steps, interpolated
from unspool.data.forecasting.rounding import is_rounded_away
from unspool.data.forecasting.running_totals import is_running_total
from unspool.data.forecasting.time_step import TOLERANCE, TimeStep, days_of_months
from unspool.data.forecasting.wall_clock import refuse_other_clock, shows_wall_clock
from unspool.data.labels import as_typed
from unspool.data.series.clock import MOST_NUMBERS, Interval, refuse_unit, round_seconds, shown
from unspool.data.series.dates_as_digits import digits_of_dates, first_of_no_week
from unspool.data.series.rounded import rounded
from unspool.data.series.rows_of_series import RowsOfSeries
from unspool.data.tables.fiscal_years import are_fiscal_years
from unspool.data.tables.periods import names_weeks, no_such_week
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, no_series
from unspool.data.tables.table import Table
from unspool.errors import AdvisedError, UserError
from unspool.progress import spinner

_DAY, _WEEK = 86_400.0, 7 * 86_400.0  # seconds
_MOST_FILLED = 0.5
"""Of the steps of all series that may be missing in the file."""
_FEW, _USUAL = 0.05, 0.5
"""Of the other intervals, the share in which rows end as early as in the last one: if below the first, that one is not
over; from the second on, rows usually end so."""
_NO_STEP = "If the row is not a time step, such as one of totals, remove it; otherwise correct its time"
"""What to do about a row without a time."""


def read_panel(
    table: Table,
    columns: ForecastColumns,
    *,
    resample: str | None = None,
    fill: float | None = None,
    aggregate: Aggregate | None = None,
    step: TimeStep | None = None,
    day: int = 0,
    local: bool = False,
    zoned: bool | None = None,
) -> Panel:
    """Read all series into memory, in the order of time, at even steps.

    Steps that the file leaves out, and numbers that are missing, are interpolated linearly; so are steps that lie a
    step or more before the next row, if the series is resampled. Steps at the end of a series that have no number for
    the target are those to forecast: what is known ahead of them is kept.

    With `fill`, the target has this value at steps that the file leaves out, from the first step of a series to the
    last of the file: a shop that notes no sale on a day sold 0.

    With `aggregate`, several rows of a series with the same time become one: the target is their sum, their mean, or
    how many there are, a covariate their mean. Together with `resample`, all rows of an interval become one; nothing is
    interpolated between rows. Without `fill`, the target is missing in intervals that lack many of the usual rows, such
    as the first and the last day of hourly readings. Where rows are counted, `fill` is 0.

    Args:
        table: in which one bad row makes its whole series unusable.
        columns: what is what.
        resample: the interval between two steps, as in "1h", at which uneven times are read; None for even ones.
        fill: the target's value at steps that the file leaves out; None interpolates it.
        aggregate: how rows with the same time are combined; None refuses them.
        step: that the times must have; None finds it.
        day: of the month, as in training, which is kept if the times agree with it; 0 finds it.
        local: whether training read times in local time; False finds out whether to do so.
        zoned: whether training read times in UTC, as they named their zones; None if that is not known.

    Raises:
        UserError: no series is usable; or one is not and the table says to stop; or times are uneven, or repeat; or
            there are none, for `resample`, `fill` or `aggregate`; or `resample` and `fill` without `aggregate`.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from unspool.data.tables import read_table
        >>> path = Path(tempfile.mkdtemp()) / "sales.csv"
        >>> _ = path.write_text("day,sold\\n2026-01-01,3\\n2026-01-02,4\\n2026-01-04,8\\n")
        >>> panel = read_panel(read_table(path), ForecastColumns("sold", "day"))
        >>> panel.values[0][:, 0].tolist(), panel.present[0].tolist()
        ([3.0, 4.0, 6.0, 8.0], [True, True, False, True])
        >>> read_panel(read_table(path), ForecastColumns("sold", "day"), fill=0).values[0][:, 0].tolist()
        [3.0, 4.0, 0.0, 8.0]
    """
    for option, value in (("resample", resample), ("fill", fill), ("aggregate", aggregate)):
        if value is not None and columns.time is None:
            raise UserError(f"{table.path}: --{option} {value} needs a column with the time of each step (--time).")
    if resample is not None and fill is not None and aggregate is None:
        raise UserError(
            f"{table.path}: --resample {resample} interpolates between rows, so no step is left for --fill {fill:g}. "
            "Leave one of them out, or combine the rows of each interval (--aggregate sum or mean)."
        )
    with spinner(f"Reading {table.path.name}"):
        reading = _Reading(table, columns, resample, 0.0 if columns.counts else fill, aggregate)
        for chunk in table.chunks():
            reading.add(chunk)
        return reading.panel(step, day, local, zoned)


class _Reading(RowsOfSeries):
    """With what brings them to even steps."""

    def __init__(
        self,
        table: Table,
        columns: ForecastColumns,
        resample: str | None,
        fill: float | None,
        aggregate: Aggregate | None,
    ) -> None:
        super().__init__(table, columns.time)
        self.columns, self.resample, self.fill, self.aggregate = columns, resample, fill, aggregate
        self.added = self.filled = 0  # steps without a row, and those of them that are filled
        self.combined = 0  # rows merged into others of the same series and time
        self.partial = np.zeros((0, 2))  # the intervals that have too few rows: when they begin, and their series
        # Of the last interval, if rows end early in it: when it begins, and the last row.
        self.unfinished: tuple[float, float] | None = None
        self.is_cut = False  # whether it is left out
        self.begun = 0  # series that begin in it, if so
        self.exact = array("d")  # the target of each row, in 64 bits
        self.walls = array("d")  # the local time of each row
        self.local = False  # whether times are read so
        self.digits: tuple[str, str] | None = None  # a time that is the digits of a date, and that date

    def add_row(self, cells: dict[str, Any], place: Place) -> Problem | None:
        columns = self.columns
        name = ""
        if columns.series is not None:
            if is_missing(cells[columns.series]):
                self.leave_out(columns.series, cells, place)
                return None
            name = str(cells[columns.series]).strip()
        when, wall = self._time(cells, place)
        if isinstance(when, Flaw) and columns.series is None:  # which would cost all there is
            lacks = is_missing(cells[str(columns.time)])
            flaw = replace(when, detail="the row has no time") if lacks else when
            flaw = replace(flaw, fix=flaw.fix or _NO_STEP, fix_in_use=flaw.fix_in_use or _NO_STEP)
            self.leave_out_alone(flaw, place)
            return None
        beside = [when, *(step_of(without_boolean(cells[one]), one) for one in columns.numbers[1:])]
        if not columns.series_columns:
            return self._add_step(self.numbered(name), self._target(cells), beside, wall, place)
        problems = [
            self._add_step(self.numbered(column), step_of(cells[column], column), beside, wall, place)
            for column in columns.series_columns
            if column in self.number_of or not is_missing(cells[column])  # a series begins with its first number
        ]
        return next(filter(None, problems), None)

    def _target(self, cells: dict[str, Any]) -> float | Flaw:
        """What a row says of the target: that it is a row, if rows are counted."""
        return 1.0 if self.columns.counts else step_of(cells[self.columns.target], self.columns.target)

    def _time(self, cells: dict[str, Any], place: Place) -> tuple[float | Flaw, float | None]:
        """The time of a row, and its local time if it names its zone."""
        if self.columns.time is None:
            return float(place.row), None
        cell = cells[self.columns.time]
        when, wall = self.clock.read(cell, self.columns.time), wall_clock(cell)
        self.dates = self.dates or (not isinstance(when, Flaw) and not is_number(cell))
        self.zoned = self.zoned or wall is not None
        return when, wall

    def _add_step(
        self, number: int, target: float | Flaw, beside: list[float | Flaw], wall: float | None, place: Place
    ) -> Problem | None:
        """Take a step of a series, beside whose target stand its time and covariates; what is wrong, if anything is."""
        when, *covariates = beside
        numbers = [target, *covariates]
        flaw = next((found for found in (when, *numbers) if isinstance(found, Flaw)), None)
        if flaw is not None:
            return self.flawed.setdefault(number, Problem(flaw, place))
        self.walls.append(when if wall is None else wall)  # type: ignore[arg-type]
        self.exact.append(target)  # type: ignore[arg-type]
        self.keep(number, when, numbers, place)
        return None

    def named(self, number: int) -> str:
        """A series, as a message calls it."""
        return "the series" if self.columns.told_apart is None else f"series {self.names[number]}"

    def panel(self, step: TimeStep | None, day: int, local: bool, zoned: bool | None) -> Panel:
        """All that was read."""
        if self.columns.known_ahead and not self.flawed and np.isnan(np.array(self.exact)).all():
            raise no_history(self.table.path, self.columns)
        self._refuse_empty_columns()
        if not len(self.series):
            raise no_series(self.table.path, self.flawed.values())
        if step is None or step.unit != "number":
            self._read_digits(step)
        series, times, values, order = self._until_the_end()
        walls = np.array(self.walls)[order]
        if self.zoned and (local or (not zoned and self._shows_wall_clock(series, walls, times, step))):
            self.local, self.zoned, self.times = True, False, self.walls
            series, times, values, order = self._until_the_end()
        if self.dates:
            refuse_other_clock(f"{self.table.path}: the times in column {self.columns.time}", self.zoned, zoned)
        exact = np.array(self.exact)[order]
        if self.aggregate is not None:
            if self.resample is not None:
                length = self._interval(self.resample).length
                begins = begin_of_intervals(times, length, self.dates)
                if self.fill is None:  # else a row that is missing says that nothing happened
                    partial = lacking_rows(series, times, begins, ~np.isnan(exact), self.aggregate)
                    exact = np.where(partial, np.nan, exact)
                    self.partial = np.unique(np.stack([begins, series], axis=1)[partial], axis=0)
                if self.aggregate != "mean" and (there := ~np.isnan(exact)).any():
                    kept = self._until_unfinished(series, times, begins, there, length)
                    exact = np.where(there & (begins == begins[there].max()) & self.is_cut, np.nan, exact)
                    series, times, values = series[kept], times[kept], values[kept]
                    exact, order, begins = exact[kept], order[kept], begins[kept]
                times = begins
            before = len(series)
            series, times, values, exact, order = combined(series, times, values, exact, order, self.aggregate)
            self.combined = before - len(series)
        self._refuse_rounded(series, exact, order)
        self.refuse_equal_times(series, times, order, self._fix)
        found = {number: slice(*np.searchsorted(series, [number, number + 1])) for number in range(len(self.names))}
        rows = {number: part for number, part in found.items() if number not in self.flawed and part.start < part.stop}
        empty = {number: int(order[part.start]) for number, part in rows.items() if np.isnan(values[part, 0]).all()}
        self.refuse_without_numbers(empty, None if self.columns.series_columns else self.columns.target)
        rows = {number: part for number, part in rows.items() if number not in empty}
        if not rows:
            raise no_series(self.table.path, self.flawed.values())
        of_series = [times[part] for part in rows.values()]
        if step is None and self.columns.time is not None:
            self._refuse_misread(times)
        step = self._step(step, of_series)
        days = days_of_months(of_series, day) if step.unit == "month" else np.zeros(len(rows), np.int64)
        latest = max(float(times[part][~np.isnan(values[part, 0])][-1]) for part in rows.values())
        grids = [self._even(number, times[part], values[part], step, latest) for number, part in rows.items()]
        self._refuse_gaps(grids, step)
        for column, name in enumerate(self.columns.numbers[1:], start=1):
            if all(np.isnan(grid[:, column]).all() for grid in grids):
                raise no_covariate(self.table.path, name)
        lacking = self._without_covariate(rows, grids, order)
        self.refuse(lacking)
        grids = [grid for number, grid in zip(rows, grids, strict=True) if number not in lacking]
        days = days[[number not in lacking for number in rows]]
        rows = {number: part for number, part in rows.items() if number not in lacking}
        if not rows:
            raise no_series(self.table.path, self.flawed.values())
        starts = np.array([times[part][0] if self.columns.time is not None else 1.0 for part in rows.values()])
        return self._filled([self.names[number] for number in rows], grids, starts, step, days)

    def _shows_wall_clock(
        self,
        series: NDArray[np.int64],
        walls: NDArray[np.float64],
        times: NDArray[np.float64],
        step: TimeStep | None,
    ) -> bool:
        """Whether times are to be read in local time: so also if rows lie at opening times, which clocks do not change.

        Args:
            series: (R,) of each row, rising.
            walls: (R,) local times, in seconds since 1970 as if in UTC.
            times: (R,) the same moments in seconds since 1970, rising in each series.
            step: that the times must have, or None.
        """
        if shows_wall_clock(walls, times, step, self.resample is not None):
            return True
        if step is not None or (walls == times).all():
            return False
        parts = np.split(walls, np.flatnonzero(np.diff(series)) + 1)
        if self.aggregate is None and any((np.diff(one) <= 0).any() for one in parts):
            return False  # at opening times at night, some occur twice when clocks are set back
        if self.aggregate is not None and self.resample is not None:
            parts = [begin_of_intervals(one, self._interval(self.resample).length, self.dates) for one in parts]
        return bool(self._step(None, [np.unique(one) for one in parts]).openings)

    def _until_unfinished(
        self,
        series: NDArray[np.int64],
        times: NDArray[np.float64],
        begins: NDArray[np.float64],
        there: NDArray[np.bool_],
        length: float,
    ) -> NDArray[np.bool_]:
        """Find out whether the last interval is unfinished, and which rows to keep, (R,).

        Those of series that begin in an interval that is left out are not kept.

        Args:
            series: (R,) of each row.
            times: (R,) of each row.
            begins: (R,) of the interval that each row lies in.
            there: (R,) whether each row has a number for the target.
            length: of an interval.
        """
        known, begin = times[there], float(begins[there].max())
        share = share_that_ends_as_early(known, begins[there], length)
        if share >= _USUAL or not ends_early(known, begin + length, length):
            return np.ones(len(series), dtype=bool)
        self.unfinished = (begin, float(known.max()))
        self.is_cut = share < _FEW
        last = there & (begins == begin) & self.is_cut
        begun = np.setdiff1d(series[last], series[there & ~last])
        self.begun = len(begun)
        return ~np.isin(series, begun)

    def _without_covariate(
        self, rows: dict[int, slice], grids: list[Steps], order: NDArray[np.int64]
    ) -> dict[int, Problem]:
        """What is wrong with series that have no number of a covariate beside the target: nothing can stand for it."""
        found: dict[int, Problem] = {}
        for (number, part), grid in zip(rows.items(), grids, strict=True):
            there = np.flatnonzero(~np.isnan(grid[:, 0]))
            beside = grid[there[0] : there[-1] + 1]
            for column, name in enumerate(self.columns.numbers[1:], start=1):
                if number not in found and np.isnan(beside[:, column]).all():
                    flaw = Flaw(Reason.NO_VALUE, f"{self.named(number)} has no number", name)
                    found[number] = Problem(flaw, Place(self.rows[int(order[part.start])]))
        return found

    def _until_the_end(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[Any], NDArray[np.int64]]:
        """The rows in order; where each series has a column, without the empty cells after its end.

        If something is known ahead, these may be the steps to forecast, and are kept.
        """
        found = self.in_order(len(self.columns.numbers))
        if not self.columns.series_columns or self.columns.known_ahead:
            return found
        series, times, values, order = found
        places = np.arange(len(series))
        last = np.zeros(len(self.names), np.int64)
        there = ~np.isnan(values[:, 0])
        np.maximum.at(last, series[there], places[there])
        kept = places <= last[series]
        return series[kept], times[kept], values[kept], order[kept]

    def _refuse_empty_columns(self) -> None:
        """Refuse columns of series that hold no number at all."""
        empty = {self.numbered(name): name for name in self.columns.series_columns if name not in self.number_of}
        self.refuse(
            {
                number: Problem(Flaw(Reason.NO_VALUE, f"series {name} has no number", name), Place(1))
                for number, name in empty.items()
            }
        )

    def _read_digits(self, step: TimeStep | None) -> None:
        """Read times such as 20260131 as dates, unless some are written as dates already."""
        if self.columns.time is None or self.dates:
            return
        named = step is None and names_weeks(self.columns.time)
        weeks = named or (step is not None and step.unit == "second" and step.length % _WEEK == 0)
        times = np.array(self.times)
        if weeks and (place := first_of_no_week(times)) is not None:
            self._refuse_week(place)
        found = digits_of_dates(times, weeks=weeks, dates=step is not None)
        if found is None:
            return
        self.dates, self.digits = True, found.example
        self.times = self.walls = array("d", found.seconds.tobytes())

    def _refuse_week(self, place: int) -> None:
        """Refuse a number such as 201453 in place of a week."""
        number = int(self.times[place])
        told = no_such_week(*divmod(number, 100))
        assert told is not None
        flaw = Flaw(Reason.NOT_A_TIME, f"{number} {told[0]}", self.columns.time)
        raise UserError(f"{Problem(flaw, Place(self.rows[place])).told(self.table.path)} {told[1]}.")

    def _refuse_rounded(self, series: NDArray[np.int64], exact: NDArray[np.float64], order: NDArray[np.int64]) -> None:
        """Refuse series whose numbers are so large and so close together that 32 bits can hardly tell them apart."""
        starts, found = np.flatnonzero(np.diff(series, prepend=-1)), {}
        for start, one in zip(starts.tolist(), np.split(exact, starts[1:]), strict=True):
            number = int(series[start])
            if number not in self.flawed and is_rounded_away(one):
                flaw = rounded(self.named(number), self.columns.target, "Subtract the same number from all of them")
                found[number] = Problem(flaw, Place(self.rows[int(order[start])]))
        self.refuse(found)

    @property
    def _fix(self) -> str:
        """What to do in training about rows with the same time."""
        combine = "ombine the rows of each time (--aggregate sum or mean)"
        if self.columns.series_columns:
            return f"If another column names the series, only one column can be forecast (--label); if not, c{combine}"
        if self.columns.told_apart is None:
            perhaps = "".join(f" {as_typed([name])}" for name in self.columns.perhaps_series[:1])
            return f"If there are several series, name their column or columns (--series{perhaps}); if not, c{combine}"
        name = f"name every column that is needed to identify a series (--series {self.columns.told_apart},OTHER)"
        return f"C{combine}, or {name}"

    def _interval(self, resample: str) -> Interval:
        interval = Interval.of(resample)
        assert self.columns.time is not None
        refuse_unit(interval, self.dates, self.columns.time, resample)
        return interval

    def _step(self, step: TimeStep | None, times: list[NDArray[np.float64]]) -> TimeStep:
        if self.columns.time is None:
            return TimeStep("row")
        if self.resample is not None:
            month_days, openings = (True, ()) if step is None else (step.month_days, step.openings)
            length = self._interval(self.resample).length
            found = TimeStep("second" if self.dates else "number", length, month_days, openings)
            return found if step or self.aggregate is None or self.fill is not None else found.at_openings(times)
        if step is not None and step.unit != "row":
            if (step.unit == "number") == self.dates:
                raise UserError(
                    f"{self.table.path}: the times in column {self.columns.time} are "
                    f"{'dates' if self.dates else 'numbers'}; in training they were the other kind. Give the same kind."
                )
            return step
        return TimeStep.find(times, self.dates, gaps=self.fill is not None)

    def _even(self, number: int, times: NDArray[np.float64], values: Steps, step: TimeStep, latest: float) -> Steps:
        """One series on its grid, (T, C), with NaN at steps that the file leaves out, or what they are filled with.

        Args:
            number: of the series.
            times: (R,) of its rows.
            values: (R, C) of its rows.
            step: of the grid.
            latest: time of the file that has a number for the target.
        """
        places = step.places(times)
        filled = int(step.places(np.array([times[0], latest]))[1] + TOLERANCE) + 1 if self.fill is not None else 0
        length = max(round(float(places[-1])) + 1, filled)
        self.added += length - len(times)
        if self.added * values.shape[1] > MOST_NUMBERS:
            ends = [step.shown_time(float(one)) for one in (times[0], max(times[-1], latest if filled else times[-1]))]
            raise AdvisedError(
                f"{self.table.path}: {self.named(number)} would have {length:,} steps of {step.words}, from {ends[0]} "
                f"to {ends[1]}: too many.",
                "Correct the times, or give a longer --resample interval.",
                "Correct the times.",
            )
        if self.resample is not None and self.aggregate is None:
            at = np.arange(int(np.floor(places[-1] + 1e-6)) + 1)
            found = np.full((len(at), values.shape[1]), np.nan, dtype=np.float32)
            for column in range(values.shape[1]):
                known = ~np.isnan(values[:, column])
                if known.any():
                    there = places[known]
                    found[:, column] = np.interp(at, there, values[known, column], right=np.nan)
                    following = there[np.minimum(np.searchsorted(there, at - 1e-6), len(there) - 1)]
                    found[following - at >= 1 - 1e-6, column] = np.nan
            return found
        nearest = np.rint(places).astype(np.int64)
        if np.abs(places - nearest).max() > TOLERANCE or (np.diff(nearest) < 1).any():
            raise self._uneven(number, times, step)
        found = np.full((length, values.shape[1]), np.nan, dtype=np.float32)
        if self.fill is not None:
            found[:filled, 0] = self.fill
            self.filled += filled - int((nearest < filled).sum())
        found[nearest] = values
        if self.fill is not None and self.columns.series_columns:  # an empty cell is what no row is elsewhere
            empty = np.flatnonzero(np.isnan(found[:filled, 0]))
            found[empty, 0] = self.fill
            self.filled += len(empty)
        return found

    def _uneven(self, number: int, times: NDArray[np.float64], step: TimeStep) -> AdvisedError:
        between = np.diff(times)
        ends = [shown(float(one)) if self.dates else f"{one:g}" for one in (between.min(), between.max())]
        usual = shown(round_seconds(float(np.median(between)))) if self.dates else f"{np.median(between):.1g}"
        example = "1d" if self.dates else "10"
        if self.fill is not None:
            return AdvisedError(
                f"{self.table.path}: {self.named(number)} has uneven times in column {self.columns.time}: not all "
                f"are a whole number of steps of {step.words} apart.",
                "Correct the times, or give --resample"
                + (f" as well, as in --resample {example}." if self.aggregate is not None else " instead of --fill."),
                f"Give times in steps of {step.words}, as in training.",
            )
        if step.openings:
            place = step.places(times)
            beside = float(times[np.argmax(np.abs(place - np.rint(place)))])
            return AdvisedError(
                f"{self.table.path}: {self.named(number)} has a row at {step.shown_time(beside)}, but steps are "
                f"{step.words}.",
                "Leave such rows out, or give --fill 0 if nothing happens at all other times.",
                "Leave such rows out.",
            )
        even, column = ends[0] == ends[1], f"in column {self.columns.time}"
        has = (
            f"steps of another length {column}: {ends[0]}"
            if even
            else f"uneven times {column}: steps are {' to '.join(ends)} apart"
        )
        return AdvisedError(
            f"{self.table.path}: {self.named(number)} has {has}, where {step.words} is usual.",
            "Forecasts need even steps: "
            + (
                f"give --resample, as in --resample {usual.replace(' ', '')}. If rows are missing because nothing "
                "happened, give --fill 0 instead. If rows are events, such as sales, add up those of each interval: "
                f"--resample {example} --aggregate sum."
                if self.aggregate is None
                else f"give the interval in which rows are combined, as in --resample {example}."
            ),
            f"Give times in steps of {step.words}, as in training.",
        )

    def _refuse_misread(self, times: NDArray[np.float64]) -> None:
        """Refuse fiscal years that were read as months, and months or quarters that were read as numbers."""
        column = f"{self.table.path}: the times in column {self.columns.time}"
        if self.dates and are_fiscal_years(times):
            first, second = np.unique(times)[:2].astype("datetime64[s]").astype("datetime64[M]")
            raise UserError(
                f"{column}, such as {first} and {second}, look like fiscal years, not like months. Write each year as "
                f"a number, such as {str(first)[:4]}."
            )
        if not self.dates and (points := example_of_points(times)) is not None:
            number, date = points
            raise UserError(
                f"{column} are numbers, and look like years and {'quarters' if 'Q' in date else 'months'}. Write them "
                f"as dates, as in {date} for {number}."
            )

    def _refuse_gaps(self, grids: list[Steps], step: TimeStep) -> None:
        steps, there = sum(map(len, grids)), sum(int((~np.isnan(one).all(axis=1)).sum()) for one in grids)
        of_a_day = step.unit == "second" and step.length < _DAY
        if self.columns.counts and self.resample is None and of_a_day and self.filled > _MOST_FILLED * steps:
            raise AdvisedError(
                f"{self.table.path}: with a step of {step.words}, {self.filled:,} of {steps:,} steps have no row.",
                "Give the interval in which rows are counted, as in --resample 1d.",
                "Give rows in steps as in training.",
            )
        if there < (1 - _MOST_FILLED) * steps:
            raise AdvisedError(
                f"{self.table.path}: with a step of {step.words}, the file has only {there:,} of {steps:,} steps.",
                "Give all rows, or combine those of longer intervals (--resample, --aggregate). If rows are missing "
                "because nothing happened, such as days without a sale, give the value that they stand for (--fill 0)."
                + (
                    " If there are rows at opening times only, give three weeks or more of them, in local time, not "
                    "in UTC."
                    if of_a_day
                    else ""
                ),
                "Give all rows.",
            )

    def _filled(
        self, names: list[str], grids: list[Steps], starts: NDArray[np.float64], step: TimeStep, days: NDArray[np.int64]
    ) -> Panel:
        until_now = len(self.columns.numbers) - len(self.columns.known_ahead)
        values, known, ahead, gaps, unfilled = [], [], [], 0, 0
        for grid, first in zip(grids, starts, strict=True):
            there = ~np.isnan(grid[:, 0])
            begin, end = int(np.argmax(there)), len(there) - int(np.argmax(there[::-1]))
            future = grid[end:, until_now:]
            dates, body = step.calendar(float(first), np.arange(len(grid))), grid[begin:end]
            gaps += int((~there[begin:end]).sum())
            unfilled += int(np.isnan(body[:, 1:]).sum())
            values.append(np.concatenate([interpolated(body), dates[begin:end]], axis=1))
            now = np.ones(values[-1].shape, dtype=bool)
            now[:, :until_now] = ~np.isnan(body[:, :until_now])
            known.append(now)
            ahead.append(np.concatenate([future, dates[end:]], axis=1))
        begins = [int(np.argmax(~np.isnan(grid[:, 0]))) for grid in grids]
        firsts = zip(starts.tolist(), begins, days.tolist(), strict=True)
        starts = np.array([step.time_at(first, begin, day) for first, begin, day in firsts])
        return Panel(
            self.table.path,
            self.columns,
            step,
            days,
            names,
            values,
            known,
            starts,
            ahead,
            (*self._decisions(step, starts, days, gaps, unfilled), *self._on_running_totals(names, grids)),
            self.left_out,
            self.zoned,
            (
                *self.table.notes_on_decimals((*self.columns.in_file, self.columns.time)),
                *self._on_unfinished(step),
                *self.notes,
            ),
            self.local,
        )

    def _on_unfinished(self, step: TimeStep) -> list[str]:
        """A remark if the last interval may not be over, or is left out."""
        if self.unfinished is None:
            return []
        begin, end = (step.shown_time(one, utc=self.zoned) for one in self.unfinished)
        if self.is_cut:
            begun = f", with {self.begun:,} series that began in it" if self.begun else ""
            return [
                f"the last interval, which begins at {begin}, is left out as incomplete{begun}: its last row is at "
                f"{end}, earlier than in nearly all other intervals"
            ]
        return [
            f"the last interval begins at {begin}, but the last row is at {end}: if the interval is not over, "
            "leave out its rows"
        ]

    def _on_running_totals(self, names: list[str], grids: list[Steps]) -> list[str]:
        """A remark if most series only rise, as a meter's readings do: what each step adds may be wanted instead."""
        totals = [name for name, grid in zip(names, grids, strict=True) if is_running_total(grid[:, 0])]
        if 2 * len(totals) <= len(grids):
            return []
        several = f" of {len(totals):,} of {len(grids):,} series" if len(grids) > 1 else ""
        return [
            f"values{several} never fall, other than back to nearly 0: if they are running totals, such as meter "
            "readings, and you want what each step adds, forecast the differences between rows"
        ]

    def _decisions(
        self, step: TimeStep, starts: NDArray[np.float64], days: NDArray[np.int64], gaps: int, unfilled: int
    ) -> list[str]:
        """What was decided, and why. `gaps` and `unfilled` count missing numbers of the target and of covariates."""
        named = (*self.columns.in_file, self.columns.time)
        told = [*self.columns.words, *self.table.words_on(named)]
        if self.columns.time is not None:
            told.append(
                f"a step is {step.words}" + (f", resampled (--resample {self.resample})" if self.resample else "")
            )
        if step.unit == "month" and not days.all():
            told.append("rows are on different days of the month; forecasts will be on that of a series' first row")
        if len(few := step.few_at_weekends(np.array(self.times))) and self.resample is None:
            day, rows = step.shown_time(float(few[0])), len(self.times)
            fall, them = (
                (f"falls on a weekend ({day})", "it") if len(few) == 1 else (f"fall on weekends, such as {day}", "them")
            )
            told.append(f"only {len(few):,} of {rows:,} rows {fall}: without {them}, steps would be weekdays")
        if self.digits is not None:
            written, date = self.digits
            told.append(f"times in column {self.columns.time} are dates written as numbers: {written} is {date}")
        if step.unit == "number":
            told += words_on_numbers(str(self.columns.time), starts)
        if self.aggregate is not None:
            columns, rows, left = self.columns, len(self.series), len(self.series) - self.combined
            of_target = f"the {self.aggregate} of {'each series' if columns.series_columns else columns.target}"
            of_covariates = " and the mean of each covariate" if columns.numbers[1:] else ""
            combined = f"combined into {left:,}, with {of_target}{of_covariates}"
            done = f"counted in {left:,} steps" if columns.counts else combined
            told.append(f"{rows:,} rows are {done} (--aggregate {self.aggregate})")
        told += self._on_unfinished(step)
        if len(self.partial):
            begin, number = self.partial[0]
            intervals, have = ("interval", "has") if len(self.partial) == 1 else ("intervals", "have")
            told.append(
                f"{len(self.partial):,} {intervals} of {step.words} {have} fewer rows than usual, such as "
                f"{step.shown_time(float(begin))} of {self.named(int(number))}: they count as missing; if "
                "rows are missing because nothing happened, give --fill 0"
            )
        if self.filled:
            steps, count = ("step", "counts") if self.filled == 1 else ("steps", "count")
            told.append(
                f"{self.filled:,} {steps} without a row, up to the last time in the file, {count} as {self.fill:g}"
            )
        if gaps:
            steps, have = ("step", "has") if gaps == 1 else ("steps", "have")
            lack = f"{have} no number for {self.columns.target}"
            if self.columns.series_columns:
                lack = f"of these series {have} no number"
            told.append(f"{gaps:,} {steps} {lack} in the file: filled in by linear interpolation, and not scored")
        if unfilled:
            told.append(f"{unfilled:,} missing numbers of covariates are filled in by linear interpolation")
        return told

"""A table with a row for each time step of each series, read into a panel at even steps."""

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.combined_rows import Aggregate, Combined, Rows, begin_of_intervals, combine
from unspool.data.forecasting.decisions_in_words import decisions, on_running_totals, on_unfinished
from unspool.data.forecasting.even_steps import EvenSteps
from unspool.data.forecasting.forecast_columns import ForecastColumns, no_covariate, no_history
from unspool.data.forecasting.gathered_rows import GatheredRows
from unspool.data.forecasting.month_days import days_of_months
from unspool.data.forecasting.panel import Panel, Steps, interpolated
from unspool.data.forecasting.time_step import TimeStep
from unspool.data.forecasting.wall_clock import refuse_other_clock, shows_wall_clock
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, no_series
from unspool.data.tables.table import Table
from unspool.errors import UserError
from unspool.progress import spinner


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
        rows = GatheredRows(table, columns)
        for chunk in table.chunks():
            rows.add(chunk)
        even = EvenSteps(rows, resample, 0.0 if columns.counts else fill, aggregate)
        return _Reading(rows, even).panel(step, day, local, zoned)


class _Reading:
    """Makes a panel of rows.

    Args:
        rows: that were gathered.
        even: brings them to even steps.
    """

    def __init__(self, rows: GatheredRows, even: EvenSteps) -> None:
        self.gathered, self.even = rows, even
        self.path, self.columns = rows.table.path, rows.columns

    def panel(self, step: TimeStep | None, day: int, local: bool, zoned: bool | None) -> Panel:
        """All that was read; the arguments are those of `read_panel`."""
        gathered = self.gathered
        combined = self._combined(self._in_order(step, local, zoned))
        rows = combined.rows
        gathered.refuse_rounded(rows)
        gathered.refuse_repeated(rows)
        parts = self._not_empty(gathered.parts(rows))
        times = [rows.times[part] for part in parts.values()]
        if step is None and self.columns.time is not None:
            gathered.refuse_misread(rows.times)
        step = self.even.step(step, times)
        days = days_of_months(times, day) if step.unit == "month" else np.zeros(len(parts), np.int64)
        latest = max(float(rows.times[part][~np.isnan(rows.values[part, 0])][-1]) for part in parts.values())
        grids = {
            number: self.even.grid(number, rows.times[part], rows.values[part], step, latest)
            for number, part in parts.items()
        }
        self.even.refuse_gaps([*grids.values()], step)
        for column, name in enumerate(self.columns.numbers[1:], start=1):
            if all(np.isnan(grid[:, column]).all() for grid in grids.values()):
                raise no_covariate(self.path, name)
        lacking = self._without_covariate(parts, grids, rows.order)
        gathered.refuse(lacking)
        days = days[[number not in lacking for number in parts]]
        parts = self._not_empty({number: part for number, part in parts.items() if number not in lacking})
        starts = [float(rows.times[part][0]) if self.columns.time is not None else 1.0 for part in parts.values()]
        return self._filled({number: grids[number] for number in parts}, starts, step, days, combined)

    def _in_order(self, step: TimeStep | None, local: bool, zoned: bool | None) -> Rows:
        """The rows in the order of time, which may be local time."""
        gathered = self.gathered
        if self.columns.known_ahead and not gathered.flawed and np.isnan(np.array(gathered.exact)).all():
            raise no_history(self.path, self.columns)
        gathered.refuse_empty_columns()
        if not len(gathered.series):
            raise no_series(self.path, gathered.flawed.values())
        if step is None or step.unit != "number":
            gathered.read_digits(step)
        rows = gathered.until_the_end()
        if gathered.zoned and (local or (not zoned and self._shows_wall_clock(rows, step))):
            gathered.read_local_times()
            rows = gathered.until_the_end()
        if gathered.dates:
            refuse_other_clock(f"{self.path}: the times in column {self.columns.time}", gathered.zoned, zoned)
        return rows

    def _combined(self, rows: Rows) -> Combined:
        even = self.even
        if even.aggregate is None:
            return Combined(rows)
        return combine(rows, even.aggregate, even.length, self.gathered.dates, lacking=even.fill is None)

    def _not_empty(self, parts: dict[int, slice]) -> dict[int, slice]:
        if not parts:
            raise no_series(self.path, self.gathered.flawed.values())
        return parts

    def _shows_wall_clock(self, rows: Rows, step: TimeStep | None) -> bool:
        """Whether times are to be read in local time: so also if rows lie at opening times, which clocks do not change.

        Args:
            rows: in the order of time.
            step: that the times must have, or None.
        """
        even, walls = self.even, np.array(self.gathered.walls)[rows.order]
        if shows_wall_clock(walls, rows.times, step, even.resample is not None):
            return True
        if step is not None or (walls == rows.times).all():
            return False
        parts = np.split(walls, np.flatnonzero(np.diff(rows.series)) + 1)
        if even.aggregate is None and any((np.diff(one) <= 0).any() for one in parts):
            return False  # at opening times at night, some occur twice when clocks are set back
        if even.aggregate is not None and (length := even.length) is not None:
            parts = [begin_of_intervals(one, length, self.gathered.dates) for one in parts]
        return bool(even.step(None, [np.unique(one) for one in parts]).openings)

    def _without_covariate(
        self, parts: dict[int, slice], grids: dict[int, Steps], order: NDArray[np.int64]
    ) -> dict[int, Problem]:
        """What is wrong with series that have no number of a covariate beside the target: nothing can stand for it."""
        found: dict[int, Problem] = {}
        for number, grid in grids.items():
            there = np.flatnonzero(~np.isnan(grid[:, 0]))
            beside = grid[there[0] : there[-1] + 1]
            for column, name in enumerate(self.columns.numbers[1:], start=1):
                if number not in found and np.isnan(beside[:, column]).all():
                    flaw = Flaw(Reason.NO_VALUE, f"{self.gathered.named(number)} has no number", name)
                    found[number] = Problem(flaw, Place(self.gathered.rows[int(order[parts[number].start])]))
        return found

    def _filled(
        self, grids: dict[int, Steps], starts: list[float], step: TimeStep, days: NDArray[np.int64], combined: Combined
    ) -> Panel:
        """The panel of grids that begin at `starts`, with the calendar, and without gaps."""
        gathered, until_now = self.gathered, len(self.columns.numbers) - len(self.columns.known_ahead)
        values, known, ahead, begins, gaps, unfilled = [], [], [], [], 0, 0
        for grid, first in zip(grids.values(), starts, strict=True):
            there = ~np.isnan(grid[:, 0])
            begin, end = int(np.argmax(there)), len(there) - int(np.argmax(there[::-1]))
            future = grid[end:, until_now:]
            dates, body = step.calendar(first, np.arange(len(grid))), grid[begin:end]
            gaps += int((~there[begin:end]).sum())
            unfilled += int(np.isnan(body[:, 1:]).sum())
            values.append(np.concatenate([interpolated(body), dates[begin:end]], axis=1))
            now = np.ones(values[-1].shape, dtype=bool)
            now[:, :until_now] = ~np.isnan(body[:, :until_now])
            known.append(now)
            ahead.append(np.concatenate([future, dates[end:]], axis=1))
            begins.append(begin)
        firsts = zip(starts, begins, days.tolist(), strict=True)
        begun = np.array([step.time_at(first, begin, day) for first, begin, day in firsts])
        names = [gathered.names[number] for number in grids]
        table, columns = gathered.table, self.columns
        return Panel(
            self.path,
            columns,
            step,
            days,
            names,
            values,
            known,
            begun,
            ahead,
            (
                *decisions(gathered, combined, self.even, step, begun, days, (gaps, unfilled)),
                *on_running_totals(names, [*grids.values()]),
            ),
            gathered.left_out,
            gathered.zoned,
            (
                *table.notes_on_decimals((*columns.in_file, columns.time)),
                *on_unfinished(combined.unfinished, step, gathered.zoned),
                *gathered.notes,
            ),
            gathered.local,
        )

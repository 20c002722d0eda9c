"""Rows of a table with a row for each time step of each series to forecast, gathered as they go by."""

from array import array
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import is_missing, is_number, step_of, wall_clock, without_boolean
from unspool.data.forecasting.combined_rows import Rows
from unspool.data.forecasting.forecast_columns import ForecastColumns
from unspool.data.forecasting.numbered_times import example_of_points
from unspool.data.forecasting.rounding import is_rounded_away
from unspool.data.forecasting.time_step import TimeStep
from unspool.data.names_in_words import as_typed
from unspool.data.series.dates_as_digits import digits_of_dates, first_of_no_week
from unspool.data.series.rounded import rounded
from unspool.data.series.rows_of_series import RowsOfSeries
from unspool.data.tables.fiscal_years import are_fiscal_years
from unspool.data.tables.periods import names_weeks, no_such_week
from unspool.data.tables.problems import Flaw, Place, Problem, Reason
from unspool.data.tables.table import Table
from unspool.errors import UserError

_WEEK = 7 * 86_400.0  # seconds
_NO_STEP = "If the row is not a time step, such as one of totals, remove it; otherwise correct its time"
"""What to do about a row without a time."""


class GatheredRows(RowsOfSeries):
    """Of each row its series, its time, its target and its covariates.

    Args:
        table: in which one bad row makes its whole series unusable.
        columns: what is what.
    """

    def __init__(self, table: Table, columns: ForecastColumns) -> None:
        super().__init__(table, columns.time)
        self.columns = columns
        self.exact = array("d")  # the target of each row, in 64 bits
        self.walls = array("d")  # the local time of each row
        self.local = False  # whether times are read so
        self.digits: tuple[str, str] | None = None  # a time that is the digits of a date, and that date

    def add_row(self, cells: dict[str, Any], place: Place) -> Problem | None:
        """Take a row; what is wrong with it, if anything is."""
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

    def read_digits(self, step: TimeStep | None) -> None:
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

    def read_local_times(self) -> None:
        """Read times as clocks on the wall show them, although they name their zones."""
        self.local, self.zoned, self.times = True, False, self.walls

    def until_the_end(self) -> Rows:
        """The rows in order; where each series has a column, without the empty cells after its end.

        If something is known ahead, these may be the steps to forecast, and are kept.
        """
        series, times, values, order = self.in_order(len(self.columns.numbers))
        rows = Rows(series, times, values, np.array(self.exact)[order], order)
        if not self.columns.series_columns or self.columns.known_ahead:
            return rows
        last = np.zeros(len(self.names), np.int64)
        there = ~np.isnan(values[:, 0])
        places = np.arange(len(rows))
        np.maximum.at(last, series[there], places[there])
        return rows.take(places <= last[series])

    def parts(self, rows: Rows) -> dict[int, slice]:
        """The rows of each series that can be used; those without a number are refused."""
        found = {
            number: slice(*np.searchsorted(rows.series, [number, number + 1])) for number in range(len(self.names))
        }
        parts = {number: part for number, part in found.items() if number not in self.flawed and part.start < part.stop}
        empty = {
            number: int(rows.order[part.start])
            for number, part in parts.items()
            if np.isnan(rows.values[part, 0]).all()
        }
        self.refuse_without_numbers(empty, None if self.columns.series_columns else self.columns.target)
        return {number: part for number, part in parts.items() if number not in empty}

    def refuse_empty_columns(self) -> None:
        """Refuse columns of series that hold no number at all."""
        empty = {self.numbered(name): name for name in self.columns.series_columns if name not in self.number_of}
        self.refuse(
            {
                number: Problem(Flaw(Reason.NO_VALUE, f"series {name} has no number", name), Place(1))
                for number, name in empty.items()
            }
        )

    def refuse_repeated(self, rows: Rows) -> None:
        """Refuse series with two rows of one time."""
        self.refuse_equal_times(rows.series, rows.times, rows.order, self._fix)

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

    def refuse_rounded(self, rows: Rows) -> None:
        """Refuse series whose numbers are so large and so close together that 32 bits can hardly tell them apart."""
        starts, found = np.flatnonzero(np.diff(rows.series, prepend=-1)), {}
        for start, one in zip(starts.tolist(), np.split(rows.exact, starts[1:]), strict=True):
            number = int(rows.series[start])
            if number not in self.flawed and is_rounded_away(one):
                flaw = rounded(self.named(number), self.columns.target, "Subtract the same number from all of them")
                found[number] = Problem(flaw, Place(self.rows[int(rows.order[start])]))
        self.refuse(found)

    def refuse_misread(self, times: NDArray[np.float64]) -> None:
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

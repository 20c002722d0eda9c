"""Rows of series brought to even steps: which step there is, and the grid of each series."""

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.combined_rows import Aggregate
from unspool.data.forecasting.finding_steps import at_openings, find_step
from unspool.data.forecasting.gathered_rows import GatheredRows
from unspool.data.forecasting.panel import Steps
from unspool.data.forecasting.time_step import TOLERANCE, TimeStep
from unspool.data.series.clock import MOST_NUMBERS, Interval, refuse_unit, round_seconds, shown
from unspool.errors import AdvisedError, UserError

_DAY = 86_400.0  # seconds
_MOST_FILLED = 0.5
"""Of the steps of all series that may be missing in the file."""


class EvenSteps:
    """Brings the rows of each series to even steps, and counts what is added.

    Args:
        rows: of the file.
        resample: the interval between two steps, as in "1h", at which uneven times are read; None for even ones.
        fill: the target's value at steps that the file leaves out; None interpolates it.
        aggregate: how rows with the same time are combined; None refuses them.
    """

    def __init__(
        self, rows: GatheredRows, resample: str | None, fill: float | None, aggregate: Aggregate | None
    ) -> None:
        self.rows, self.resample, self.fill, self.aggregate = rows, resample, fill, aggregate
        self.path = rows.table.path
        self.added = self.filled = 0  # steps without a row, and those of them that are filled

    @property
    def length(self) -> float | None:
        """Of an interval that rows are read at, in seconds or units of time; None where none is asked for.

        Raises:
            UserError: times are dates, and the interval has no unit, or the other way round.
        """
        if self.resample is None:
            return None
        interval = Interval.of(self.resample)
        assert self.rows.columns.time is not None
        refuse_unit(interval, self.rows.dates, self.rows.columns.time, self.resample)
        return interval.length

    def step(self, step: TimeStep | None, times: list[NDArray[np.float64]]) -> TimeStep:
        """The step of (R,) times of each series; `step` is what they must have, if it is known.

        Raises:
            UserError: times are dates, and were numbers in training, or the other way round; or no step suits them.
        """
        if self.rows.columns.time is None:
            return TimeStep("row")
        if (length := self.length) is not None:
            month_days, openings = (True, ()) if step is None else (step.month_days, step.openings)
            found = TimeStep("second" if self.rows.dates else "number", length, month_days, openings)
            return found if step or self.aggregate is None or self.fill is not None else at_openings(found, times)
        if step is not None and step.unit != "row":
            if (step.unit == "number") == self.rows.dates:
                raise UserError(
                    f"{self.path}: the times in column {self.rows.columns.time} are "
                    f"{'dates' if self.rows.dates else 'numbers'}; in training they were the other kind. Give the same "
                    "kind."
                )
            return step
        return find_step(times, self.rows.dates, gaps=self.fill is not None)

    def grid(self, number: int, times: NDArray[np.float64], values: Steps, step: TimeStep, latest: float) -> Steps:
        """One series on its grid, (T, C), with NaN at steps that the file leaves out, or what they are filled with.

        Args:
            number: of the series.
            times: (R,) of its rows.
            values: (R, C) of its rows.
            step: of the grid.
            latest: time of the file that has a number for the target.

        Raises:
            UserError: the grid would be too long, or times are uneven.
        """
        places = step.places(times)
        filled = int(step.places(np.array([times[0], latest]))[1] + TOLERANCE) + 1 if self.fill is not None else 0
        length = max(round(float(places[-1])) + 1, filled)
        self.added += length - len(times)
        if self.added * values.shape[1] > MOST_NUMBERS:
            ends = [step.shown_time(float(one)) for one in (times[0], max(times[-1], latest if filled else times[-1]))]
            raise AdvisedError(
                f"{self._series(number)} would have {length:,} steps of {step.words}, from {ends[0]} to {ends[1]}: too "
                "many.",
                "Correct the times, or give a longer --resample interval.",
                "Correct the times.",
            )
        if self.resample is not None and self.aggregate is None:
            return _interpolated_at_steps(places, values)
        nearest = np.rint(places).astype(np.int64)
        if np.abs(places - nearest).max() > TOLERANCE or (np.diff(nearest) < 1).any():
            raise self._uneven(number, times, step)
        found = np.full((length, values.shape[1]), np.nan, dtype=np.float32)
        if self.fill is not None:
            found[:filled, 0] = self.fill
            self.filled += filled - int((nearest < filled).sum())
        found[nearest] = values
        if self.fill is not None and self.rows.columns.series_columns:  # an empty cell is what no row is elsewhere
            empty = np.flatnonzero(np.isnan(found[:filled, 0]))
            found[empty, 0] = self.fill
            self.filled += len(empty)
        return found

    def _series(self, number: int) -> str:
        """A series of the file, as messages call it."""
        return f"{self.path}: {self.rows.named(number)}"

    def _uneven(self, number: int, times: NDArray[np.float64], step: TimeStep) -> AdvisedError:
        between = np.diff(times)
        ends = [shown(float(one)) if self.rows.dates else f"{one:g}" for one in (between.min(), between.max())]
        usual = shown(round_seconds(float(np.median(between)))) if self.rows.dates else f"{np.median(between):.1g}"
        example = "1d" if self.rows.dates else "10"
        if self.fill is not None:
            return AdvisedError(
                f"{self._series(number)} has uneven times in column {self.rows.columns.time}: not all are a whole "
                f"number of steps of {step.words} apart.",
                "Correct the times, or give --resample"
                + (f" as well, as in --resample {example}." if self.aggregate is not None else " instead of --fill."),
                f"Give times in steps of {step.words}, as in training.",
            )
        if step.openings:
            place = step.places(times)
            beside = float(times[np.argmax(np.abs(place - np.rint(place)))])
            return AdvisedError(
                f"{self._series(number)} has a row at {step.shown_time(beside)}, but steps are {step.words}.",
                "Leave such rows out, or give --fill 0 if nothing happens at all other times.",
                "Leave such rows out.",
            )
        even, column = ends[0] == ends[1], f"in column {self.rows.columns.time}"
        has = (
            f"steps of another length {column}: {ends[0]}"
            if even
            else f"uneven times {column}: steps are {' to '.join(ends)} apart"
        )
        return AdvisedError(
            f"{self._series(number)} has {has}, where {step.words} is usual.",
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

    def refuse_gaps(self, grids: list[Steps], step: TimeStep) -> None:
        """Refuse grids whose steps are mostly missing in the file."""
        steps, there = sum(map(len, grids)), sum(int((~np.isnan(one).all(axis=1)).sum()) for one in grids)
        of_a_day = step.unit == "second" and step.length < _DAY
        if self.rows.columns.counts and self.resample is None and of_a_day and self.filled > _MOST_FILLED * steps:
            raise AdvisedError(
                f"{self.path}: with a step of {step.words}, {self.filled:,} of {steps:,} steps have no row.",
                "Give the interval in which rows are counted, as in --resample 1d.",
                "Give rows in steps as in training.",
            )
        if there < (1 - _MOST_FILLED) * steps:
            raise AdvisedError(
                f"{self.path}: with a step of {step.words}, the file has only {there:,} of {steps:,} steps.",
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


def _interpolated_at_steps(places: NDArray[np.float64], values: Steps) -> Steps:
    """What rows at uneven places say of even steps, (T, C); NaN where the next row is a step or more away.

    Args:
        places: (R,) of the rows, in steps.
        values: (R, C) of the rows.
    """
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

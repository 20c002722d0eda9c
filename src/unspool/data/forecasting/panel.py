"""Series in memory, at even steps, each with its covariates: what forecasts are made from."""

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.forecast_columns import ForecastColumns
from unspool.data.forecasting.time_step import TimeStep
from unspool.data.tables.problems import Reason

_YEARS = (1000, 2200)
"""Between these, plain numbers with a step of a month, a quarter or half a year are taken for years."""

Steps = NDArray[np.float32]


def known_then(values: Steps, known: NDArray[np.bool_], steps: int) -> Steps:
    """(steps, C) the first steps of a series, as they were known at the last of them.

    Where that one lies in a gap, interpolation would have read a later number: the last known one is repeated instead.

    Args:
        values: (T, C) without gaps.
        known: (T, C) where they are not interpolated.
        steps: how many of them.

    Example:
        >>> values, known = np.array([[5.0], [7], [9]], np.float32), np.array([[True], [False], [True]])
        >>> known_then(values, known, 2).ravel().tolist(), known_then(values, known, 3).ravel().tolist()
        ([5.0, 5.0], [5.0, 7.0, 9.0])
    """
    found = values[:steps]
    if not steps or known[steps - 1].all():
        return found
    found = found.copy()
    for column in np.flatnonzero(~known[steps - 1]).tolist():
        there = np.flatnonzero(known[:steps, column])
        begin, last = (there[-1] + 1, found[there[-1], column]) if len(there) else (0, 0.0)
        found[begin:, column] = last
    return found


def interpolated(steps: Steps) -> Steps:
    """(T, C) without gaps: at the ends the nearest number; each column has one."""
    gaps = np.isnan(steps)
    if not gaps.any():
        return steps
    filled, places = steps.copy(), np.arange(len(steps))
    for column in np.flatnonzero(gaps.any(axis=0)).tolist():
        known = ~gaps[:, column]
        filled[:, column] = np.interp(places, places[known], steps[known, column])
    return filled


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """N series at even steps.

    Attributes:
        path: of the file.
        columns: of the file.
        step: between two steps.
        days: (N,) the day of the month on which each series' steps of months are dated, or the last day in shorter
            months; 0 for that of the start.
        names: of the series.
        values: N arrays (T_i, C) without gaps: the target, then covariates known until now, then those known ahead, the
            calendar's among them.
        known: N arrays (T_i, C): where a value does not depend on later ones, because the file has it or because it is
            known ahead; the others are interpolated.
        starts: (N,) the time of each first step.
        ahead: N arrays (F_i, K) of the steps after the last target: covariates known ahead, as far as the file has
            them, NaN where it has no number.
        decisions: what was decided, and why, each in a sentence without its stop.
        left_out: how many series cannot be used, by reason.
        zoned: whether times in the file name their time zone.
        notes: on decimals that training decided, or that are written differently than in training, and on series that
            are left out.
        local: whether times are in the local time of the zones that the file names, not in UTC.
    """

    path: Path
    columns: ForecastColumns
    step: TimeStep
    days: NDArray[np.int64]
    names: list[str]
    values: list[Steps] = field(repr=False)
    known: list[NDArray[np.bool_]] = field(repr=False)
    starts: NDArray[np.float64] = field(repr=False)
    ahead: list[Steps] = field(repr=False)
    decisions: tuple[str, ...] = ()
    left_out: Counter[Reason] = field(default_factory=Counter)
    zoned: bool = False
    notes: tuple[str, ...] = ()
    local: bool = False

    def __len__(self) -> int:
        return len(self.names)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) steps of each."""
        return np.array([len(one) for one in self.values], dtype=np.int64)

    @property
    def present(self) -> list[NDArray[np.bool_]]:
        """N arrays (T_i,): whether the file has a number for the target."""
        return [one[:, 0] for one in self.known]

    def history(self, number: int, steps: int) -> Steps:
        """(steps, C) the first steps of a series, as they were known at the last of them."""
        return known_then(self.values[number], self.known[number], steps)

    @property
    def known_width(self) -> int:
        """How many of the last columns are known ahead."""
        return len(self.columns.known_ahead) + self.step.calendar_width

    @property
    def season(self) -> int:
        """The usual season, in steps; 1 if none is known. Plain numbers such as 1949.25 are taken for years."""
        if self.step.unit != "number":
            return self.step.season
        ends = self.starts + self.lengths * self.step.length
        in_years = (self.starts >= _YEARS[0]).all() and (ends <= _YEARS[1]).all()
        return self.step.season_in_years if in_years else self.step.season

    def time_after(self, number: int, steps: int) -> float:
        """The time so many steps after the last of a series; 1 is the next one."""
        return self.time_at(number, len(self.values[number]) - 1 + steps)

    def time_at(self, number: int, place: int) -> float:
        """The time of a step of a series, counted from 0."""
        return self.step.time_at(float(self.starts[number]), place, int(self.days[number]))

    def shown_time(self, time: float) -> str | float | int:
        """A time as a cell has it; marked as UTC if times in the file name a zone, which may be another."""
        return self.step.shown_time(time, utc=self.zoned)

    @property
    def words_on_ends(self) -> str | None:
        """That some series end before others, in a sentence without its stop; None if none does."""
        if self.step.unit == "row":
            return None
        latest = max(self.time_after(row, 0) for row in range(len(self)))
        early = [row for row in range(len(self)) if self.time_after(row, 1) <= latest]
        if not early:
            return None
        name, begin = self.names[early[0]], self.shown_time(self.time_after(early[0], 1))
        before = f"before {self.shown_time(latest)}"
        if len(early) == 1:
            return f"1 of {len(self):,} series ends {before}: {name} is forecast from {begin} on"
        count = f"{len(early):,} of {len(self):,} series end {before}"
        return f"{count}: each is forecast from its own end, such as {name} from {begin} on"

    def take(self, rows: list[int], left_out: Counter[Reason] | None = None) -> "Panel":
        """Some of the series, in that order."""
        return replace(
            self,
            days=self.days[rows],
            names=[self.names[row] for row in rows],
            values=[self.values[row] for row in rows],
            known=[self.known[row] for row in rows],
            starts=self.starts[rows],
            ahead=[self.ahead[row] for row in rows],
            left_out=self.left_out + (left_out or Counter()),
        )

"""Series in memory, at even steps, each with its covariates: what forecasts are made from."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unspool.data.forecasting.columns import ForecastColumns
from unspool.data.forecasting.time_step import TimeStep
from unspool.data.tables.problems import Reason

Steps = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """N series at even steps.

    Attributes:
        path: of the file.
        columns: of the file.
        step: between two steps.
        last: whether months are dated by their last day.
        names: of the series.
        values: N arrays (T_i, C) without gaps: the target, then covariates known until now, then those known ahead, the
            calendar's among them.
        present: N arrays (T_i,): whether the file has a number for the target; the others are interpolated.
        starts: (N,) the time of each first step.
        ahead: N arrays (F_i, K) of the steps after the last target: covariates known ahead, as far as the file has
            them, NaN where it has no number.
        decisions: what was decided, and why, each in a sentence without its stop.
        left_out: how many series cannot be used, by reason.
        zoned: whether times in the file name their time zone.
    """

    path: Path
    columns: ForecastColumns
    step: TimeStep
    last: bool
    names: list[str]
    values: list[Steps] = field(repr=False)
    present: list[NDArray[np.bool_]] = field(repr=False)
    starts: NDArray[np.float64] = field(repr=False)
    ahead: list[Steps] = field(repr=False)
    decisions: tuple[str, ...] = ()
    left_out: Counter[Reason] = field(default_factory=Counter)
    zoned: bool = False

    def __len__(self) -> int:
        return len(self.names)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) steps of each."""
        return np.array([len(one) for one in self.values], dtype=np.int64)

    @property
    def known_width(self) -> int:
        """How many of the last columns are known ahead."""
        return len(self.columns.known_ahead) + self.step.calendar_width

    def time_after(self, number: int, steps: int) -> float:
        """The time so many steps after the last of a series; 1 is the next one."""
        return self.step.time_at(float(self.starts[number]), len(self.values[number]) - 1 + steps, self.last)

    def shown_time(self, time: float) -> str | float | int:
        """A time as a cell has it; marked as UTC if times in the file name a zone, which may be another."""
        return self.step.shown_time(time, utc=self.zoned)

    def take(self, rows: list[int], left_out: Counter[Reason] | None = None) -> "Panel":
        """Some of the series, in that order."""
        return Panel(
            self.path,
            self.columns,
            self.step,
            self.last,
            [self.names[row] for row in rows],
            [self.values[row] for row in rows],
            [self.present[row] for row in rows],
            self.starts[rows],
            [self.ahead[row] for row in rows],
            self.decisions,
            self.left_out + (left_out or Counter()),
            self.zoned,
        )

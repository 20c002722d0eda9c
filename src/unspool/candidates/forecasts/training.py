"""The data that forecasters are fitted to and compared on, and their errors on it."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import Points, Setup, Steps, item_of
from unspool.data.forecasting.origins import Window
from unspool.data.forecasting.panel import known_then

MEASURES = ("mase", "mae", "rmse")
"""By which models can be compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Training:
    """What models are fitted to and compared on.

    Attributes:
        histories: N series (T_i, C) up to the test part.
        windows: M forecasts of validation within them.
        truth: (M, H, 3): value, whether it is scored, unit of the series.
        setup: of all series.
        known: of the histories, (T_i, C): which values are not interpolated; None if no value is interpolated.
        times: (M, 2) when each forecast begins and ends, on a clock that all series share; if they have no times, in
            steps from the first of each. None if they share no clock.
        measure: by which models are compared: "mase", or in the unit of the values "mae" or "rmse".
    """

    histories: Sequence[Steps] = field(repr=False)
    windows: Sequence[Window] = field(repr=False)
    truth: NDArray[np.float64] = field(repr=False)
    setup: Setup
    known: Sequence[NDArray[np.bool_]] | None = field(default=None, repr=False)
    times: NDArray[np.float64] | None = field(default=None, repr=False)
    measure: str = MEASURES[0]

    @property
    def squared(self) -> bool:
        """Whether large errors count more."""
        return self.measure == "rmse"

    @property
    def items(self) -> list[Steps]:
        """The inputs of the M forecasts."""
        return [self.item(window) for window in self.windows]

    def item(self, window: Window) -> Steps:
        """The input of a forecast within the histories."""
        steps, setup = self.histories[window.series], self.setup
        ahead = steps[window.origin : window.origin + setup.horizon, setup.width - setup.known :]
        return item_of(self.history(window.series, window.origin), ahead, setup)

    def history(self, series: int, steps: int) -> Steps:
        """(steps, C) the first steps of a series, as they were known at the last of them."""
        values = self.histories[series]
        return values[:steps] if self.known is None else known_then(values, self.known[series], steps)

    @property
    def apart(self) -> float:
        """The number of forecasts of H steps that the validation windows would make if none overlapped."""
        origins: dict[int, list[int]] = defaultdict(list)
        for window in self.windows:
            origins[window.series].append(window.origin)
        return sum(1 + (max(some) - min(some)) / self.setup.horizon for some in origins.values())

    def errors(self, points: Points) -> NDArray[np.float64]:
        """(S,) how far forecasts (M, H) are off at each step that is scored, by MASE in units of its series."""
        errors, counted = self._errors(points)
        return np.asarray(errors[counted])

    def misses(self, points: Points) -> NDArray[np.float64]:
        """(M,) the sum of the absolute or squared errors of each of the forecasts (M, H)."""
        errors, _ = self._errors(points)
        return np.asarray((errors**2 if self.squared else np.abs(errors)).sum(axis=1))

    def _errors(self, points: Points) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """(M, H) errors, 0 where none is counted, and whether one is."""
        values, scored, units = np.moveaxis(self.truth, 2, 0)
        counted = scored > 0 if self.measure != "mase" else scored * units > 0
        unit = np.where(units > 0, units, 1.0) if self.measure == "mase" else 1.0
        return np.where(counted, (points - values) / unit, 0.0), counted

    def periods(self) -> NDArray[np.int64] | None:
        """(M,) the number of each forecast's period, which has all that begin before the first one in it ends.

        None if there are no times.

        Example:
            >>> times = np.array([[0, 7], [14, 21], [3, 10], [7, 14]])
            >>> Training([], [], np.zeros((4, 7, 3)), Setup(7, 1), times=times).periods().tolist()
            [0, 2, 0, 1]
        """
        if self.times is None:
            return None
        found, period, end = np.zeros(len(self.times), dtype=np.int64), -1, -math.inf
        for row in np.argsort(self.times[:, 0], kind="stable").tolist():
            if self.times[row, 0] >= end:
                period, end = period + 1, self.times[row, 1]
            found[row] = period
        return found

    def score(self, points: Points) -> float:
        """The `measure` of forecasts (M, H); lower is better."""
        errors = self.errors(points)
        if not len(errors):
            return math.nan
        return float(np.sqrt((errors**2).mean()) if self.squared else np.abs(errors).mean())

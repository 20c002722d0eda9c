"""How much wider intervals are after a history that is shorter than all those in validation."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import Steps
from unspool.candidates.forecasts.forecaster import Forecaster, changes_of, units_of
from unspool.candidates.forecasts.lags import week_of
from unspool.candidates.forecasts.local import LEAST_WEEKS
from unspool.candidates.forecasts.spread import Spread

_MOST_CUT = 200
"""Forecasts of validation that are made again from shorter histories."""
_COVERED = 0.8
"""Of all errors, inside the interval."""
_LONG_ENOUGH = 32
"""Steps of a history, or four seasons or the weeks that show a weekly pattern if these are more, from which on
intervals are as wide as in validation."""


def widened(forecaster: Forecaster, item: Callable[[int], Steps], truth: NDArray[np.float64], shortest: int) -> Spread:
    """The spread, with how much wider intervals must be if a history is shorter than all of validation.

    A model knows less of a series with few steps, and the unit of the series is less certain. How much less is seen
    from forecasts of validation that are made again from the last few steps of each history. The model was fitted to
    what it forecasts here, so not the errors are used, but how many times as large they become.

    Args:
        forecaster: with its spread.
        item: gives one of N of validation by its number, (T_i + H, C).
        truth: (N, H, 3) values, which of them count, and units.
        shortest: how many steps the shortest history of validation has.
    """
    setup, spread = forecaster.setup, forecaster.spread
    end = min(shortest, max(4 * setup.season, _LONG_ENOUGH, LEAST_WEEKS * week_of(setup)))
    powers = {part * 2**power for power in range(17) for part in (1, 3)}
    lengths = sorted(one for one in powers | {setup.season + 1} if one < end)
    rows = np.unique(np.linspace(0, len(truth) - 1, _MOST_CUT).astype(int))
    whole = [item(row) for row in rows.tolist()]
    values, scored = truth[rows, :, 0], truth[rows, :, 1]

    def usual(cut: list[Steps]) -> float:
        errors = spread.scaled(values - forecaster.model.points(cut), units_of(cut, setup), changes_of(cut, setup))
        errors = errors[(scored > 0) & np.isfinite(errors)]
        return float(np.quantile(errors, _COVERED)) if len(errors) else 0.0

    least = usual(whole)
    if not lengths or least <= 0:
        return spread
    wider = [max(1.0, usual([one[-length - setup.horizon :] for one in whole]) / least) for length in lengths]
    return replace(spread, short=np.array([*zip(lengths, wider, strict=True), (end, 1.0)], dtype=np.float64))

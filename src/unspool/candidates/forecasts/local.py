"""Models whose forecast depends on nothing but the history of the target: naive ones, theta and smoothing.

Growth by a factor, with seasons that grow along, is a line with an even season in logarithms: theta and smoothing are
offered on both. Hourly data and shorter steps have a week as well as a day: some models are also offered with a week.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import LOADERS, Arrays, Points, Setup, Steps, history_of
from unspool.candidates.forecasts.lags import DAYS_OF_WEEK, week_of
from unspool.candidates.forecasts.setup import MOST_GROWTH, within_reach
from unspool.candidates.forecasts.simple import SIMPLE, without_pattern
from unspool.kernels.arima import arima
from unspool.kernels.smoothing import METHODS, smoothing

ARIMA = "arima"
ESTIMATED = (*METHODS, ARIMA)
"""Methods that native code estimates from each history."""
IN_LOGARITHMS = {f"{method}-log": method for method in ESTIMATED}
"""By name, which method continues the logarithms."""
OF_WEEKS = {f"{name}-week": name for name in ("seasonal-naive", *ESTIMATED)}
"""By name, the method it adds a week to: the last week is repeated, or the weekly pattern removed and added back."""
LEAST_WEEKS = 2
"""That a history must have; a shorter one is continued as if there were no weeks."""
_SEASONAL = ("seasonal-naive", "seasonal-mean", "seasonal-median")


def continued(name: str, histories: Sequence[NDArray[np.float64]], horizon: int, season: int) -> Points:
    """Forecast the next steps of N histories (T_i,), (N, H).

    Raises:
        KeyError: there is no model of that name.
    """
    if name in ESTIMATED:
        return _estimated(name, histories, horizon, season)
    if name in IN_LOGARITHMS:
        return _in_logarithms(IN_LOGARITHMS[name], histories, horizon, season)
    if name in OF_WEEKS:
        return _by_week(OF_WEEKS[name], histories, horizon, season)
    go_on = SIMPLE[name]
    return np.array([go_on(one, horizon, season) for one in histories]).reshape(len(histories), horizon)


def _estimated(method: str, histories: Sequence[NDArray[np.float64]], horizon: int, season: int) -> Points:
    go_on = arima if method == ARIMA else partial(smoothing, method)
    found = go_on(histories, horizon, season)
    each = [within_reach(points, history) for points, history in zip(found, histories, strict=True)]
    return np.array(each, dtype=np.float64).reshape(found.shape)


def _by_week(name: str, histories: Sequence[NDArray[np.float64]], horizon: int, season: int) -> Points:
    """Repeat the last week, or forecast without the weekly pattern and add it back, (N, H).

    The day stays the season of the rest, because the latest days may differ from the pattern.
    """
    week = DAYS_OF_WEEK * season
    long = np.array([len(one) >= LEAST_WEEKS * week for one in histories], dtype=bool)
    found = np.empty((len(histories), horizon))
    found[~long] = continued(name, [one for one in histories if len(one) < LEAST_WEEKS * week], horizon, season)
    whole = [one for one in histories if len(one) >= LEAST_WEEKS * week]
    if name not in ESTIMATED:
        found[long] = continued(name, whole, horizon, week)
    elif whole:
        rests, ahead = zip(*(without_pattern(one, horizon, week) for one in whole), strict=True)
        found[long] = np.stack(ahead) + continued(name, rests, horizon, season)
    return found


def _in_logarithms(method: str, histories: Sequence[NDArray[np.float64]], horizon: int, season: int) -> Points:
    """Forecast logarithms, counted from the last one; a history that is not positive throughout as it is, (N, H).

    The last logarithm is 0 then, so that no method takes the season of all to be a factor.
    """
    positive = np.array([one.min() > 0 for one in histories], dtype=bool)
    read = [np.log(one) - np.log(one[-1]) if log else one for one, log in zip(histories, positive, strict=True)]
    found = _estimated(method, read, horizon, season)
    last = np.array([one[-1] for one in histories], dtype=np.float64)[positive, None]
    found[positive] = last * np.exp(np.minimum(found[positive], MOST_GROWTH))
    return found


@dataclass(frozen=True, slots=True)
class Local:
    """A model whose forecast depends on nothing but the history of the target; it keeps no numbers."""

    name: str
    setup: Setup

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H)."""
        histories = [history_of(item, self.setup) for item in items]
        return continued(self.name, histories, self.setup.horizon, self.setup.season)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Its name."""
        return {"kind": "local", "name": self.name}, {}


@dataclass(frozen=True, slots=True)
class LocalCandidate:
    """A model of `Local`, to be compared."""

    name: str
    fits: int = 0

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        """What is missing: a season, or a series of positive values, if the model needs one and there is none."""
        if self.name in IN_LOGARITHMS and not any(one[:, 0].min() > 0 for one in histories):
            return "every series has a value that is not positive"
        if self.name in OF_WEEKS:
            week = week_of(setup)
            if not week:
                return "it is for steps of less than a day, with a season of a day"
            return "" if any(len(one) >= LEAST_WEEKS * week for one in histories) else "no series has two weeks"
        return "there is no season" if self.name in _SEASONAL and setup.season == 1 else ""

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> Local:
        """There is nothing to fit."""
        return Local(self.name, setup)


LOCAL = (*SIMPLE, *ESTIMATED, *IN_LOGARITHMS, *OF_WEEKS)
"""The names of all of them."""


def _again(description: dict[str, Any], arrays: Arrays, setup: Setup) -> Local:
    name = description["name"]
    if name not in LOCAL:
        raise ValueError(f"there is no model {name!r}")
    return Local(name, setup)


LOADERS["local"] = _again

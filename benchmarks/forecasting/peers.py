"""Who takes part: unspool, and simple models that a person would use, compared as its candidates are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge

from benchmarks.forecasting.smoothing import exponential_smoothing, theta
from unspool.candidates import choose_forecaster
from unspool.candidates.forecasts.base import Points, Setup, Steps, history_of
from unspool.candidates.forecasts.local import LocalCandidate
from unspool.candidates.forecasts.simple import seasonal_naive
from unspool.candidates.registry import FORECAST_NAMES
from unspool.runs.reading.preparation import Prepared
from unspool.training.forecaster import NetworkCandidate

Outputs = np.ndarray
BUDGET = 300.0
UNSPOOL = "unspool"


def unspool(prepared: Prepared) -> tuple[Outputs, str]:
    """Outputs of the test, and what was chosen."""
    assert prepared.forecasts is not None
    choice = choose_forecaster(prepared.forecasts.training, FORECAST_NAMES, more=(NetworkCandidate(),), budget=BUDGET)
    chosen = next(one for one in choice.tried if one.name == choice.model.name)
    said = f"{chosen.name} ({chosen.note})" if chosen.note else chosen.name
    return choice.model.outputs(prepared.test.inputs.items), said


@dataclass(frozen=True)
class Model:
    """A fitted model: what it forecasts of a history (T,), (H,)."""

    name: str
    setup: Setup
    go_on: Callable[[np.ndarray], np.ndarray]

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H)."""
        known: dict[int, np.ndarray] = {}
        for item in items:
            if id(item) not in known:
                known[id(item)] = self.go_on(history_of(item, self.setup))
        return np.array([known[id(item)] for item in items])


@dataclass(frozen=True)
class Local:
    """What depends on nothing but the history."""

    name: str
    go_on: Callable[[np.ndarray, int, int], np.ndarray]
    fits: int = 0

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        return ""

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> Model:
        return Model(self.name, setup, lambda history: self.go_on(history, setup.horizon, setup.season))


@dataclass(frozen=True)
class LagsRidge:
    """scikit-learn's, over the lags of two seasons (6 to 48), less each window's mean, in units of the usual change."""

    name: str = "ridge"
    fits: int = 4

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        return "" if any(len(one) > setup.horizon + 3 for one in histories) else "there is no window to learn from"

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> Model:
        lags = int(np.clip(2 * setup.season, 6, 48))
        read, answers = [], []
        for steps in histories:
            values = steps[:, 0].astype(float)
            first = min(lags, max(3, (len(values) - setup.horizon) // 2))  # of a short series, some begin padded
            for origin in range(first, len(values) - setup.horizon + 1):
                window, scale = _window(values[:origin], lags)
                read.append(window[0] / scale)
                answers.append((values[origin : origin + setup.horizon] - window[1]) / scale)
        model = Ridge(alpha=1.0).fit(read[-50_000:], answers[-50_000:])

        def go_on(history: np.ndarray) -> np.ndarray:
            window, scale = _window(history, lags)
            return np.asarray(model.predict([window[0] / scale])[0] * scale + window[1])

        return Model(self.name, setup, go_on)


def _window(history: np.ndarray, lags: int) -> tuple[tuple[np.ndarray, float], float]:
    last = np.pad(history[-lags:], (max(0, lags - len(history)), 0), mode="edge")
    changes = np.abs(np.diff(history)).mean() if len(history) > 1 else 0.0
    return (last - last.mean(), float(last.mean())), float(changes) or 1.0


def bare(points: np.ndarray) -> Outputs:
    """Forecasts without an interval, as unspool's outputs are laid out."""
    return np.repeat(points[:, :, None], 3, axis=2)


SIMPLE = {
    one.name: one
    for one in (
        Local("seasonal-naive", seasonal_naive),
        Local("ets", exponential_smoothing),
        Local("theta", theta),
        LagsRidge(),
    )
}
"""The simple models by name."""
PEERS = (UNSPOOL, *SIMPLE)
"""All names that take part unless others are asked for."""
SIMPLE |= {f"{method}-native": LocalCandidate(method) for method in ("ets", "theta")} | {
    "median": LocalCandidate("median")
}
"""The `-native` ones are unspool's own, for panels of a thousand series, on which statsmodels takes an hour."""

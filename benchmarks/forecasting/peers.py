"""Who takes part: each is given a prepared set, and forecasts its test, (N, H)."""

from collections.abc import Callable

import numpy as np
from sklearn.linear_model import Ridge

from benchmarks.forecasting.smoothing import exponential_smoothing, theta
from unspool.candidates import choose_forecaster
from unspool.candidates.forecasts.simple import seasonal_naive
from unspool.candidates.registry import FORECAST_NAMES
from unspool.runs.reading.preparation import Prepared
from unspool.training.forecaster import NetworkCandidate

Outputs = np.ndarray
BUDGET = 300.0


def unspool(prepared: Prepared) -> tuple[Outputs, str]:
    assert prepared.forecasts is not None
    choice = choose_forecaster(prepared.forecasts.training, FORECAST_NAMES, more=(NetworkCandidate(),), budget=BUDGET)
    chosen = next(one for one in choice.tried if one.name == choice.model.name)
    said = f"{chosen.name} ({chosen.note})" if chosen.note else chosen.name
    return choice.model.outputs(prepared.test.inputs.items), said


def _local(go_on: Callable[..., np.ndarray]) -> Callable[[Prepared], tuple[Outputs, str]]:
    def forecast(prepared: Prepared) -> tuple[Outputs, str]:
        setup, known = prepared.reader.setup, {}
        for item in prepared.test.inputs.items:
            if id(item) not in known:
                history = item[: len(item) - setup.horizon, 0].astype(float)
                known[id(item)] = go_on(history, setup.horizon, setup.season)
        return _bare(np.array([known[id(item)] for item in prepared.test.inputs.items])), ""

    return forecast


def ridge(prepared: Prepared) -> tuple[Outputs, str]:
    """scikit-learn's, over the lags of two seasons (6 to 48), less each window's mean, in units of the usual change."""
    assert prepared.forecasts is not None
    setup = prepared.reader.setup
    lags = int(np.clip(2 * setup.season, 6, 48))
    read, answers = [], []
    for steps in prepared.forecasts.training.histories:
        values = steps[:, 0].astype(float)
        first = min(lags, max(3, (len(values) - setup.horizon) // 2))  # of a short series, some begin padded
        for origin in range(first, len(values) - setup.horizon + 1):
            window, scale = _window(values[:origin], lags)
            read.append(window[0] / scale)
            answers.append((values[origin : origin + setup.horizon] - window[1]) / scale)
    model = Ridge(alpha=1.0).fit(read[-50_000:], answers[-50_000:])
    found = []
    for item in prepared.test.inputs.items:
        window, scale = _window(item[: len(item) - setup.horizon, 0].astype(float), lags)
        found.append(model.predict([window[0] / scale])[0] * scale + window[1])
    return _bare(np.array(found)), ""


def _window(history: np.ndarray, lags: int) -> tuple[tuple[np.ndarray, float], float]:
    last = np.pad(history[-lags:], (max(0, lags - len(history)), 0), mode="edge")
    changes = np.abs(np.diff(history)).mean() if len(history) > 1 else 0.0
    return (last - last.mean(), float(last.mean())), float(changes) or 1.0


def _bare(points: np.ndarray) -> Outputs:
    """Forecasts without an interval, as unspool's outputs are laid out."""
    return np.repeat(points[:, :, None], 3, axis=2)


PEERS = {
    "unspool": unspool,
    "seasonal-naive": _local(seasonal_naive),
    "ets": _local(exponential_smoothing),
    "theta": _local(theta),
    "ridge": ridge,
}
"""By name."""

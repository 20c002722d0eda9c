"""Series with a season of four, and the error of a model on the last steps of a series."""

import numpy as np

from unspool.candidates.forecasts import Setup, item_of

SETUP = Setup(horizon=4, season=4)


def wave(length, seed=0, trend=0.0):
    """A season of four, a trend, a little noise, (T, 1)."""
    steps = np.arange(length)
    noise = np.random.RandomState(seed).normal(0, 0.05, length)
    return (10 + trend * steps + np.array([3.0, -1, 0, -2])[steps % 4] + noise)[:, None].astype(np.float32)


def error(model, series, setup=SETUP):
    """Mean absolute error at the last steps."""
    item = item_of(series[: -setup.horizon], series[-setup.horizon :, setup.width - setup.known :], setup)
    return float(np.abs(model.points([item])[0] - series[-setup.horizon :, 0]).mean())

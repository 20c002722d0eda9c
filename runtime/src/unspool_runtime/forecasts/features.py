"""What models over lags read of an item."""

from dataclasses import replace

import numpy as np

from unspool_runtime.forecasts.lags import Features, Floats, Lags, Windows
from unspool_runtime.forecasts.setup import Setup, Steps
from unspool_runtime.node import Node

MOST_NUMBERS = 1 << 26
"""That are read of all steps ahead together."""


def read_lags(node: Node, setup: Setup, relative: bool = False) -> Lags:
    """Read the "lags" of a description; `relative` is as in `Lags`. Without "covariates", the target alone is read.

    `lagged`, if present, is of how many covariates known ahead earlier values are read.

    Raises:
        ModelError: they are out of bounds.
    """
    near, week = node.whole("near", 1, setup.most_steps), node.whole("week", 0, setup.most_steps)
    if not node.flag("covariates"):
        setup = replace(setup, until_now=0, known=0)
    lagged = node.whole("lagged", 0, setup.known) if node.has("lagged") else 0
    lags = Lags(setup, near, week, node.flag("log"), relative, lagged)
    if setup.horizon * lags.width > MOST_NUMBERS:
        raise node.wrong("it reads more numbers than any model does")
    return lags


def features_of(item: Steps, lags: Lags) -> Features:
    """The features of one item, N being 1."""
    return Features.of(Windows.of_items([item[:, : lags.setup.width]], lags), lags)


def forecasts_of(said: Floats, most: float, features: Features, lags: Lags) -> Floats:
    """(H,) forecasts from what a model said, (1, H), of which no number counts beyond `most`."""
    (found,) = features.forecasts(np.clip(said, -most, most), lags)
    return np.asarray(found)

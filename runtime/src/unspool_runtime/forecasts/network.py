"""A recurrent encoder and decoder that forecast: one reads the last values, one what is known of each step ahead."""

import numpy as np

from unspool_runtime.forecasts.features import features_of, forecasts_of, read_lags
from unspool_runtime.forecasts.lags import Floats
from unspool_runtime.forecasts.setup import MOST_OF_NETWORK, Setup, Steps
from unspool_runtime.networks.dense import applied, read_dense
from unspool_runtime.networks.recurrent import Direction, Given
from unspool_runtime.node import Node


class LagNetwork:
    """An LSTM over the last values, and one over the inputs of the steps ahead, which starts from its state."""

    def __init__(self, node: Node, setup: Setup):
        self._lags = lags = read_lags(node.node("lags"), setup)
        beside = lags.shared - lags.near
        self._middle, self._spread = (node.array(name, np.float64, beside + lags.own) for name in ("middle", "spread"))
        if (self._spread <= 0).any():
            raise node.wrong("'spread' is not positive")
        self._encoder = Direction(node.node("encoder"), "lstm", "tanh", 1, reverse=False)
        self._decoder = Direction(node.node("decoder"), "lstm", "tanh", lags.own, reverse=False)
        units = self._encoder.units
        self._first = [read_dense(one, units + beside, units) for one in node.nodes("first")]
        if len(self._first) != 2 or self._decoder.units != units:
            raise node.wrong("the states of encoder and decoder do not fit each other")
        self._hidden = read_dense(node.node("hidden"), units, units)
        self._head = read_dense(node.node("head"), units + lags.own, 1)

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        features, near = features_of(item, self._lags), self._lags.near
        beside = features.shared.shape[1] - near
        past = features.shared[:, :near, None].astype(np.float32)
        now = ((features.shared[:, near:] - self._middle[:beside]) / self._spread[:beside]).astype(np.float32)
        ahead = ((features.own - self._middle[beside:]) / self._spread[beside:]).astype(np.float32)
        ended, _ = self._encoder.run(Given(past), False)
        together = np.concatenate([ended, now], axis=1)
        h, c = (np.tanh(applied(together, one)) for one in self._first)
        states, _ = self._decoder.run(Given(ahead), True, (h, c))
        hidden = np.maximum(applied(states, self._hidden), np.float32(0))
        said = applied(np.concatenate([hidden, ahead], axis=2), self._head)[:, :, 0].astype(np.float64)
        return forecasts_of(said, MOST_OF_NETWORK, features, self._lags)
